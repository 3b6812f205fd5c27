extension LoadPipeline {
    /// The ids of a kind's nodes.
    struct Numbering {
        /// Provisional ids in the order of keys.
        let byKey: Column<UInt32>
        /// Provisional ids in the order in which new nodes get theirs.
        let byID: Column<UInt32>
        /// The id of each provisional id.
        let ids: Column<UInt32>
        /// Above all ids of the kind.
        let idEnd: Int
    }

    /// A table of the store to be written, and what it is made of.
    struct Table {
        let type: Int
        let direction: EdgeDirection
        let records: PartitionedRecords
    }

    /// A part of a table, whose lists are made at once.
    struct ListJob {
        let table: Table
        let part: Int
    }

    /// All parts of tables, in the order of the store.
    func jobs(_ tables: [Table]) -> [ListJob] {
        tables.flatMap { table in (0..<table.records.partCount).map { ListJob(table: table, part: $0) } }
    }

    /// Which kinds' nodes come in the order in which the store numbers them: most pointed at first.
    func order() -> [NodeOrder] {
        schema.nodeKinds.indices.map { kind in
            let degrees = Column<UInt64>(repeating: 0, count: interners[kind].count)
            for state in types where state.target == kind && state.inDegrees.count > 0 {
                for id in 0..<degrees.count { degrees[id] += UInt64(state.inDegrees[id]) }
            }
            return NodeOrder(interners[kind], degrees: degrees)
        }
    }

    /// How many edges of each type were read, equal ones counted once.
    var edgeCounts: [Int] { types.map(\.edgeCount) }

    /// Gives every record its final ids and deals it out to the tables it goes to.
    ///
    /// - Parameter keepsMerged: whether it can be done again, by another numbering.
    func number(_ numbering: [Numbering], keepingMerged keepsMerged: Bool) throws -> [Table] {
        var tables: [Table] = []
        let numbered = types.indices.filter { types[$0].edgeCount > 0 }
        for (place, index) in numbered.enumerated() {
            let state = types[index]
            let inward = ranges(state.inDegrees, numbering[state.target])
            let outward = state.outDegrees.map { degrees in
                let column = Column<UInt32>(count: degrees.count)
                for id in 0..<degrees.count { column[id] = degrees[id] }
                return ranges(column, numbering[state.source])
            }
            if !keepsMerged {
                types[index].inDegrees = Column(count: 0)
                types[index].outDegrees = nil
            }
            let sources = numbering[state.source].ids
            let targets = numbering[state.target].ids
            let inRecords = PartitionedRecords(partCount: inward.count, beside: storePath, memory: memory)
            let outRecords = outward.map { PartitionedRecords(partCount: $0.count, beside: storePath, memory: memory) }
            let next = WorkIndex()
            try WorkerThreads.run(threads) { [self] _ in
                var spare = Column<UInt64>(count: 0)
                while let part = next.take(below: partCount) {
                    do {
                        let count = state.merged.extent(of: part).count
                        for first in stride(from: 0, to: count, by: recordsInMemory) {
                            try checkCancelled()
                            let records = try state.merged.part(part, first..<min(first + recordsInMemory, count))
                            let inBlock = LoadPipeline.deal(
                                records, inward, upper: targets, lower: sources, swaps: false, &spare)
                            let outBlock = outward.map {
                                LoadPipeline.deal(records, $0, upper: sources, lower: targets, swaps: true, &spare)
                            }
                            try withLock {
                                try inRecords.append(inBlock)
                                if let outBlock { try outRecords?.append(outBlock) }
                            }
                        }
                        withLock {
                            tell(.numbering, Double(place * partCount + part) / Double(partCount * numbered.count))
                        }
                    } catch {
                        next.stop()
                        throw error
                    }
                }
            }
            for records in [inRecords, outRecords].compactMap({ $0 }) {
                try records.finish()
                noteSpilled(records.spilledBytes)
            }
            if !keepsMerged { state.merged.removeAll() }
            if let outRecords { tables.append(Table(type: index, direction: .out, records: outRecords)) }
            tables.append(Table(type: index, direction: outRecords == nil ? .out : .in, records: inRecords))
        }
        return tables
    }

    /// Ranges of final ids for records that are dealt out by the node with these degrees.
    private func ranges(_ degrees: Column<UInt32>, _ numbering: Numbering) -> IDRanges {
        let byID = Column<UInt32>(repeating: 0, count: numbering.idEnd)
        for provisional in 0..<degrees.count { byID[Int(numbering.ids[provisional])] = degrees[provisional] }
        return IDRanges(degrees: byID, recordsMax: recordsPerPart)
    }

    /// Records of a part with final ids, `upper` ones above, dealt out by them.
    private static func deal(
        _ records: PartitionedRecords.Part, _ ranges: IDRanges, upper: Column<UInt32>, lower: Column<UInt32>,
        swaps: Bool, _ spare: inout Column<UInt64>
    ) -> RecordBlock {
        let count = records.count
        if spare.count < count { spare = Column(count: count) }
        let mapped = spare
        var offsets = Array(repeating: 0, count: ranges.count + 1)
        unsafe offsets.withUnsafeMutableBufferPointer { offsets in
            for index in 0..<count {
                let ends = records.ends[index]
                let (high, low) = (Int(ends >> 32), Int(ends & 0xFFFF_FFFF))
                let id = upper[swaps ? low : high]
                mapped[index] = UInt64(id) << 32 | UInt64(lower[swaps ? high : low])
                unsafe offsets[ranges[id]] &+= 1
            }
            var place = 0
            for part in offsets.indices {
                let size = unsafe offsets[part]
                unsafe offsets[part] = place
                place += size
            }
        }
        let ends = Column<UInt64>(count: count)
        let values = records.values.map { _ in Column<UInt64>(count: count) }
        var next = offsets
        unsafe next.withUnsafeMutableBufferPointer { next in
            for index in 0..<count {
                let part = ranges[UInt32(mapped[index] >> 32)]
                let place = unsafe next[part]
                unsafe next[part] = place &+ 1
                ends[place] = mapped[index]
                if let values, let source = records.values { values[place] = source[index] }
            }
        }
        return RecordBlock(ends: ends, values: values, constant: records.constant, firstPart: 0, offsets: offsets)
    }
}

extension LoadPipeline {
    /// Sorts the records of the jobs and hands the lists over in order, with the number of their job: table by table, nodes
    /// ascending.
    func forEachLists(of jobs: [ListJob], _ body: (SortedLists, Int) throws -> Void) throws {
        guard !jobs.isEmpty else { return }
        let ordered = ReorderBuffer<SortedLists>(aheadMax: threads + 2)
        let next = WorkIndex()
        let workers = try BackgroundThreads(threads) { [self] _ in
            let radix = RadixSort()
            while let number = next.take(below: jobs.count), ordered.mayMake(number) {
                do {
                    try checkCancelled()
                    ordered.put(try lists(of: jobs[number].table, part: jobs[number].part, radix), number)
                } catch {
                    ordered.stop()
                    throw error
                }
            }
        }
        do {
            for number in jobs.indices {
                guard let lists = ordered.take() else { break }
                try body(lists, number)
                tell(.writing, Double(number) / Double(jobs.count))
            }
        } catch {
            ordered.stop()
            _ = workers.join()
            throw error
        }
        if let error = workers.join() { throw error }
    }

    private func lists(of table: Table, part: Int, _ radix: RadixSort) throws -> SortedLists {
        let extent = table.records.extent(of: part)
        if extent.count > recordsInMemory { return try longLists(of: table, part: part, extent, radix) }
        let records = try table.records.part(part, 0..<extent.count)
        let count = records.count
        radix.sort(records.ends, records.values, count: count)
        let columns = schema.edgeTypes[table.type].storedColumns
        let constant = RecordValue.unpack(records.constant)
        let neighbors = Column<UInt32>(count: count)
        var nodes: [UInt32] = []
        var starts: [Int] = []
        var previous: UInt32?
        for index in 0..<count {
            let ends = records.ends[index]
            let node = UInt32(ends >> 32)
            neighbors[index] = UInt32(truncatingIfNeeded: ends)
            if node != previous {
                nodes.append(node)
                starts.append(index)
                previous = node
            }
        }
        starts.append(count)
        var weights: Column<Float>?
        var times: Column<UInt32>?
        if columns.contains(.weight), records.values != nil || constant.weight != 1 {
            let column = Column<Float>(repeating: constant.weight, count: count)
            if let values = records.values {
                for index in 0..<count { column[index] = RecordValue.unpack(values[index]).weight }
            }
            weights = column
        }
        if columns.contains(.time), records.values != nil || constant.time != 0 {
            let column = Column<UInt32>(repeating: constant.time, count: count)
            if let values = records.values {
                for index in 0..<count { column[index] = RecordValue.unpack(values[index]).time }
            }
            times = column
        }
        return SortedLists(
            table: table.type, direction: table.direction, nodes: nodes, starts: starts, neighbors: neighbors,
            weights: weights, times: times)
    }

    /// Lists of which one at least is longer than what a thread may hold.
    private func longLists(
        of table: Table, part: Int, _ extent: PartitionedRecords.Extent, _ radix: RadixSort
    ) throws -> SortedLists {
        let runs = try SortedRuns(
            table.records, part: part, recordsMax: recordsInMemory, beside: storePath, radix,
            checkCancelled: checkCancelled)
        var contents = SpilledLists.Contents()
        let lists = try SpilledLists(
            runs, extent, columns: schema.edgeTypes[table.type].storedColumns, beside: storePath, contents: &contents,
            checkCancelled: checkCancelled)
        noteSpilled(runs.spilledBytes + lists.spilledBytes)
        return SortedLists(
            table: table.type, direction: table.direction, lists, contents, countMax: recordsInMemory)
    }
}
