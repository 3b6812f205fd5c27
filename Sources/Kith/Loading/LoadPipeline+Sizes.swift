import Adjacency

/// What a load takes, found out without writing a store.
extension LoadPipeline {
    /// The size of the store that ``write(to:)`` would make: every list and every block of keys is made and counted. Exact
    /// but for a few pages that LMDB keeps for itself.
    func storeBytes() throws -> Int {
        // Two heads, the tables' names, `meta` with the schema, and free pages.
        var pageCount = 8
        func count(_ filling: PageFilling) {
            // A branch page leads to some 220 others.
            pageCount += filling.pageCount + filling.pageCount / 220
        }
        let numbering = numberingAnew()
        for (kind, numbering) in numbering.enumerated() {
            var (keys, ids) = (DictionaryFill<KeyBlock>(), DictionaryFill<IDBlock>())
            var (keyPages, idPages) = (PageFilling(), PageFilling())
            try forEachKey(of: kind, numbering) { id, key in
                try keys.append(id, key) { extent, _ in _ = keyPages.add(keyBytes: 0, valueBytes: extent.entryBytes) }
            } byKey: { id, key in
                try ids.append(id, key) { extent, _ in _ = idPages.add(keyBytes: 0, valueBytes: extent.entryBytes) }
            }
            if keys.extent.count > 0 { _ = keyPages.add(keyBytes: 0, valueBytes: keys.extent.entryBytes) }
            if ids.extent.count > 0 { _ = idPages.add(keyBytes: 0, valueBytes: ids.extent.entryBytes) }
            count(keyPages)
            count(idPages)
        }
        let tables = try number(numbering, keepingMerged: false)
        var block = BlockBuffer()
        var fillings = tables.map { _ in PageFilling() }
        try forEachLists(of: jobs(tables)) { lists, _ in
            let table = tables.firstIndex { $0.type == lists.table && $0.direction == lists.direction } ?? 0
            for index in lists.nodes.indices {
                unsafe try lists.forEachPart(of: index) { list, count, offset in
                    unsafe block.encodePart(of: list, count: count, at: offset, of: lists.degree(index)) {
                        fillings[table].blockBytesMax
                    } _: { _, block in
                        _ = fillings[table].add(keyBytes: MemoryLayout<UInt64>.size, valueBytes: block.byteCount)
                    }
                }
            }
        }
        for filling in fillings { count(filling) }
        return pageCount * PageFilling.pageBytes
    }

    /// The memory of a load that writes no temporary file: that of the greediest of its steps. After merging.
    ///
    /// | step | holds |
    /// |---|---|
    /// | read, merge | the tables of keys and what was read; then what is merged in place of the tables |
    /// | order | what was merged, and columns of nodes to sort |
    /// | number | what was merged, and the same dealt out to each table; ids |
    func memoryBytesWithoutFiles() -> Int {
        let nodes = interners.reduce(0) { $0 + $1.count }
        var (read, merged, dealt) = (0, 0, 0)
        for state in types {
            read += state.records.recordBytes
            merged += state.merged.recordBytes
            dealt += state.merged.recordBytes * (state.type.isSymmetric ? 1 : 2)
        }
        let steps = [
            keyBytesMax + read, keyBytes + read + merged, keyBytes + LoadPipeline.orderBytesPerNode * nodes + merged,
            keyBytes + LoadPipeline.numberBytesPerNode * nodes + merged + dealt,
        ]
        return LoadPipeline.programBytes + threads * chunkBytes * 8 + (steps.max() ?? 0)
    }

    /// What a load of nothing takes, measured, program and libraries included.
    private static let programBytes = 24 << 20
    /// Keys and degrees with what goes along and as much again to sort, each of 8 bytes, and what comes of it.
    private static let orderBytesPerNode = 7 * 8 + 2 * 4
    /// Two orders, ids and degrees of 4 bytes each.
    private static let numberBytesPerNode = 5 * 4
}
