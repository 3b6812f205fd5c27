import Kith

extension NodeKey {
    /// The key of a text that a test has made, and knows to be one.
    public static func known(_ text: String) -> NodeKey {
        guard let key = try? NodeKey(text) else { preconditionFailure("'\(text)' is no key") }
        return key
    }
}
