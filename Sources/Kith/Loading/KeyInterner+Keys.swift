extension KeyInterner {
    /// Whether any key is a string.
    var hasStrings: Bool { !stringFlags.isEmpty }

    /// Whether the key of `id` is a string.
    func isString(_ id: Int) -> Bool { !stringFlags.isEmpty && stringFlags[id] }

    /// Lends the bytes of the key of `id`, which is a string, for as long as the interner lives.
    @unsafe
    func string(_ id: Int) -> UnsafeRawBufferPointer {
        unsafe KeyInterner.string(at: words[id])
    }

    /// The key of a provisional id, when no thread adds keys any more.
    func key(_ provisional: UInt32) throws(NodeKeyError) -> NodeKey {
        let id = Int(provisional)
        return isString(id) ? unsafe try NodeKey(utf8: string(id)) : NodeKey(words[id])
    }
}
