/// The versions of the file format that this program reads; it writes the latest alone.
///
/// A version says how bytes are read that are there in every store. What only some stores have is a feature: see
/// ``FormatFeatures``.
enum FormatVersion: UInt32, Sendable, Comparable {
    /// Without features and without checksums in the table `meta`; otherwise the same.
    case three = 3
    /// See <doc:FileFormat>.
    case four = 4

    /// That of new stores, and the only one that is written.
    static let current = FormatVersion.four

    static func < (first: FormatVersion, second: FormatVersion) -> Bool { first.rawValue < second.rawValue }
}
