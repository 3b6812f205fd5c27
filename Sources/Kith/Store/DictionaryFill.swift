/// Fills the blocks of a dictionary table one after the other with entries that come in its order.
struct DictionaryFill<Block: DictionaryBlock> {
    /// The entries of the block in the making.
    private(set) var entries = DictionaryEntries()
    /// What that block takes.
    private(set) var extent = Block.Extent()

    /// Begins with no entries.
    init() {}

    /// Begins with the entries of a block, its check byte proved.
    ///
    /// - Throws: ``DictionaryBlockError``.
    init(_ block: RawSpan) throws(DictionaryBlockError) {
        try Block.validateCheck(block)
        try Block.decode(block, into: &entries)
        extent = Block.Extent(0..<entries.count, of: entries)
    }

    /// Takes the next entry in. When it does not fit the block in the making, `flush` writes that first.
    ///
    /// - Throws: ``NodeKeyError/damaged`` when `encoded` is no key, and what `flush` throws.
    mutating func append(
        _ id: UInt32, _ encoded: RawSpan, _ flush: (Block.Extent, DictionaryEntries) throws -> Void
    ) throws {
        guard unsafe encoded.withUnsafeBytes({ unsafe entries.append(id: id, encoded: $0) }) else {
            throw NodeKeyError.damaged
        }
        var grown = extent
        grown.add(entries, at: entries.count - 1)
        if !grown.fits {
            try flush(extent, entries)
            entries.keepLast()
            grown = Block.Extent(0..<1, of: entries)
        }
        extent = grown
    }
}
