/// Whether this is a build by `Tools/test --sanitize`.
public enum Sanitizer {
    /// Whether programs keep a shadow of all memory beside it.
    public static let isOn: Bool = {
        #if KITH_SMALL_MAPS
            true
        #else
            false
        #endif
    }()

    /// Whether the sanitizer is the one that finds data races.
    public static let findsRaces: Bool = {
        #if KITH_SANITIZE_THREAD
            true
        #else
            false
        #endif
    }()
}
