/// What ``GraphStore/forget(_:kind:readerWaitSeconds:onProgress:isCancelled:)`` has done and proved.
///
/// When there is one, no entry of the store is a forgotten node's, every byte of the file that the store does not use is
/// zero, and the file was searched to its end.
public struct Erasure: Sendable, Hashable {
    /// How many nodes were removed.
    public internal(set) var nodes = 0
    /// The keys that no node had: mistyped, or removed before.
    public internal(set) var missing: [NodeKey] = []
    /// How many edges were removed with the nodes.
    public internal(set) var edges = 0
    /// How many bytes were left over from earlier changes, and are zero now.
    public internal(set) var bytesOverwritten = 0
    /// In how many pages of the file.
    public internal(set) var pagesOverwritten = 0
    /// How many bytes were searched for the keys: all of the file.
    public internal(set) var bytesScanned = 0
    /// How often the bytes of the keys occur in what is in use, by table: "ann" in the key "anna" of another node, or by
    /// chance in numbers. None of these is an entry of a forgotten node.
    public internal(set) var occurrences: [String: Int] = [:]
    /// Files beside the store, named after it, that have bytes of a key or cannot be read: copies that were made before.
    public internal(set) var filesBeside: [String] = []
}

extension NodeKey {
    /// The bytes to search a file for; nil when they are too few to be told from other numbers.
    ///
    /// A string stands in blocks as its UTF-8. An integer is packed there, between others, into bits; it has bytes of its
    /// own as the key of a block alone.
    var searchedBytes: [UInt8]? {
        if isString { return Array(description.utf8) }
        let encoded = encoded
        return encoded.count >= NodeKey.searchedIntegerBytesMin ? encoded : nil
    }

    /// From 2^24 on: by chance in one of a trillion places.
    private static let searchedIntegerBytesMin = 5
}
