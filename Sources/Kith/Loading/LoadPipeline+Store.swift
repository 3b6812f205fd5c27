import Adjacency

/// Where the lists of a load go: a new store, or one that is there.
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
        try forEachLists(of: number(numbering)) { lists in
            let edges = builder.tables.edges[lists.table]
            for index in lists.nodes.indices {
                unsafe try lists.forEachPart(of: index) { list, count, offset in
                    unsafe try builder.appendPart(
                        list, count: count, at: offset, of: lists.degree(index), node: lists.nodes[index], to: edges,
                        lists.direction)
                }
            }
        }
        return report
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

    /// Adds to a store that is there.
    func add(to graph: inout GraphTransaction) throws -> BulkLoader.Report {
        let dictionaries = graph.tables.dictionaries
        var numbering: [Numbering] = []
        var cancellation = CancellationPoint(isCancelled)
        for (kind, order) in order().enumerated() {
            let dictionary = dictionaries[kind]
            let ids = Column<UInt32>(count: order.byID.count)
            let isKnown = Column<Bool>(repeating: false, count: order.byID.count)
            let encoder = KeyEncoder(interners[kind])
            // In the order of keys, so that neighbouring lookups are on the same pages.
            let new = Column<UInt32>(count: order.byKey.count)
            var newCount = 0
            for place in 0..<order.byKey.count {
                try cancellation.pass()
                let provisional = order.byKey[place]
                if let id = try graph.existingID(of: encoder.key(provisional), in: dictionary) {
                    ids[Int(provisional)] = id
                    isKnown[Int(provisional)] = true
                } else {
                    new[newCount] = provisional
                    newCount += 1
                }
            }
            for place in 0..<order.byID.count where !isKnown[Int(order.byID[place])] {
                try cancellation.pass()
                let provisional = order.byID[place]
                ids[Int(provisional)] = try graph.appendNode(encoder.key(provisional), to: dictionary)
            }
            try graph.noteIDs(newCount, in: dictionary) { index in (try encoder.key(new[index]), ids[Int(new[index])]) }
            numbering.append(
                Numbering(byKey: order.byKey, byID: order.byID, ids: ids, idEnd: try graph.nextID(of: dictionary)))
        }
        let tables = try number(numbering)
        var added = Array(repeating: 0, count: types.count)
        try forEachLists(of: tables) { lists in
            let edges = graph.tables.edges[lists.table]
            for index in lists.nodes.indices {
                let node = lists.nodes[index]
                let isSymmetric = edges.type.isSymmetric
                var merge = try graph.beginMerge(of: lists.degree(index), into: node, of: edges, lists.direction)
                unsafe try lists.forEachPart(of: index) { list, count, _ in
                    added[lists.table] += unsafe try graph.merge(
                        list, count: count, by: &merge
                    ) { neighbor in isSymmetric ? neighbor >= node : lists.direction == .out }
                    return count
                }
                try graph.end(merge)
            }
        }
        var report = report
        for index in types.indices {
            graph.addEdgeCount(added[index], of: graph.tables.edges[index])
            report.duplicates += types[index].edgeCount - added[index]
        }
        return report
    }
}

/// The keys of an interner as the store writes them.
private struct KeyEncoder {
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
