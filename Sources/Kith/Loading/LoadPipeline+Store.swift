/// Where the lists of a load go when the store is new.
extension LoadPipeline {
    /// Fills a new store.
    func write(to builder: inout StoreBuilder) throws -> BulkLoader.Report {
        let numbering = numberingAnew()
        var cancellation = CancellationPoint(isCancelled)
        for (kind, numbering) in numbering.enumerated() {
            let dictionary = builder.tables.dictionaries[kind]
            try forEachKey(of: kind, numbering) { _, key in
                try cancellation.pass()
                try builder.appendKey(key, to: dictionary)
            } byKey: { id, key in
                try cancellation.pass()
                try builder.appendID(id, of: key, to: dictionary)
            }
        }
        for (index, count) in edgeCounts.enumerated() { builder.setEdgeCount(count, of: builder.tables.edges[index]) }
        let tables = try number(numbering, keepingMerged: false)
        try forEachLists(of: jobs(tables)) { lists, _ in
            let edges = builder.tables.edges[lists.table]
            for index in lists.nodes.indices {
                unsafe try lists.forEachPart(of: index) { list, count, offset in
                    unsafe try builder.appendPart(
                        list, count: count, at: offset, of: lists.degree(index), node: lists.nodes[index], to: edges,
                        lists.direction)
                }
            }
        }
        return finishedReport
    }

    /// The ids of nodes in a new store.
    func numberingAnew() -> [Numbering] {
        order().map { order in
            let ids = Column<UInt32>(count: order.byID.count)
            for id in 0..<ids.count { ids[Int(order.byID[id])] = UInt32(id) }
            return Numbering(byKey: order.byKey, byID: order.byID, ids: ids, idEnd: ids.count)
        }
    }

    /// The ids and encoded keys of a kind as the two tables of its dictionary have them: first by id, then by key.
    func forEachKey(
        of kind: Int, _ numbering: Numbering, byID: (UInt32, RawSpan) throws -> Void,
        byKey: (UInt32, RawSpan) throws -> Void
    ) throws {
        let encoder = KeyEncoder(interners[kind])
        for id in 0..<numbering.ids.count {
            try encoder.withEncoded(numbering.byID[id]) { key in try byID(UInt32(id), key) }
        }
        for place in 0..<numbering.ids.count {
            let provisional = numbering.byKey[place]
            try encoder.withEncoded(provisional) { key in try byKey(numbering.ids[Int(provisional)], key) }
        }
    }
}

/// The keys of an interner as the store writes them.
struct KeyEncoder {
    private let keys: KeyInterner
    private let bytes = Column<UInt8>(count: NodeKey.encodedBytesMax)

    init(_ keys: KeyInterner) {
        self.keys = keys
    }

    /// Lends the key of a provisional id, encoded: see ``NodeKey``.
    func withEncoded(_ provisional: UInt32, _ body: (RawSpan) throws -> Void) rethrows {
        let id = Int(provisional)
        var count = 1
        if keys.isString(id) {
            let text = unsafe keys.string(id)
            bytes[0] = NodeKey.stringTag
            unsafe (bytes.start + 1).update(
                from: text.baseAddress.unsafelyUnwrapped.assumingMemoryBound(to: UInt8.self), count: text.count)
            count += text.count
        } else {
            let value = keys.words[id]
            let significant = (UInt64.bitWidth - value.leadingZeroBitCount + 7) / 8
            bytes[0] = UInt8(significant)
            for place in 0..<significant {
                bytes[1 + place] = UInt8(truncatingIfNeeded: value >> UInt64(8 * (significant - 1 - place)))
            }
            count += significant
        }
        try body(unsafe RawSpan(_unsafeBytes: UnsafeRawBufferPointer(start: bytes.start, count: count)))
    }

    /// The key of a provisional id.
    func key(_ provisional: UInt32) throws -> NodeKey { try keys.key(provisional) }
}
