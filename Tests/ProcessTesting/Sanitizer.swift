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
}
