extension LoadPipeline {
    /// Makes one edge of those with the same ends, and counts.
    ///
    /// - Throws: ``GraphStoreError/badWeightSum(_:_:_:_:)``.
    func merge() throws {
        for interner in interners { interner.freeTables() }
        noteKeys()
        try requireMemory(interners.reduce(0) { $0 + $1.count } * LoadPipeline.numberingBytes)
        for index in types.indices where types[index].records.recordCount > 0 {
            types[index].inDegrees = Column(repeating: 0, count: interners[types[index].target].count)
            if !types[index].type.isSymmetric {
                types[index].outDegrees = Degrees(count: interners[types[index].source].count)
            }
        }
        let next = WorkIndex()
        try WorkerThreads.run(threads) { [self] _ in
            let radix = RadixSort()
            while let part = next.take(below: partCount) {
                do {
                    try checkCancelled()
                    // All types of a part by one thread: the degrees of its targets are its alone.
                    for index in types.indices where types[index].records.recordCount > 0 {
                        try merge(part, of: index, radix)
                    }
                } catch {
                    next.stop()
                    throw error
                }
                withLock { tell(.merging, Double(part) / Double(partCount)) }
            }
        }
        for index in types.indices {
            let state = types[index]
            try state.merged.finish()
            noteSpilled(state.records.spilledBytes + state.merged.spilledBytes)
            state.records.removeAll()
            // A symmetric edge was counted from both ends, a loop once.
            let mirrors = state.type.isSymmetric ? (state.edgeCount - state.selfLoops) / 2 : 0
            types[index].edgeCount -= mirrors
            report.selfLoops += state.selfLoops
            report.duplicates += state.rowCount - types[index].edgeCount
        }
    }

    private func merge(_ part: Int, of index: Int, _ radix: RadixSort) throws {
        let state = types[index]
        let extent = state.records.extent(of: part)
        let count = extent.count
        if count == 0 { return }
        if count > recordsInMemory { return try mergeLong(part, of: index, extent, radix) }
        let records = try state.records.part(part, 0..<count)
        var values = records.values
        if values == nil, case .accumulate = state.type.repetition {
            values = Column(repeating: records.constant, count: count)
        }
        radix.sort(records.ends, values, count: count)
        let kept = try combine(records.ends, values, count, of: state)
        try keep(kept, of: records.ends, values, constant: records.constant, part: part, index)
    }

    /// Counts merged records and hands them on.
    private func keep(
        _ kept: Int, of ends: Column<UInt64>, _ values: Column<UInt64>?, constant: UInt64, part: Int, _ index: Int
    ) throws {
        let state = types[index]
        let loops = countDegrees(kept, of: ends, state)
        let block = RecordBlock(ends: ends, values: values, constant: constant, firstPart: part, offsets: [0, kept])
        try withLock {
            types[index].edgeCount += kept
            types[index].selfLoops += loops
            try state.merged.append(block)
        }
    }

    /// Merges a part that is more than a thread may hold: the records of all who follow one account, say.
    private func mergeLong(
        _ part: Int, of index: Int, _ extent: PartitionedRecords.Extent, _ radix: RadixSort
    ) throws {
        let state = types[index]
        let runs = try SortedRuns(
            state.records, part: part, recordsMax: recordsInMemory, beside: storePath, radix,
            checkCancelled: checkCancelled)
        noteSpilled(runs.spilledBytes)
        let blockCount = min(extent.count, recordsInMemory)
        var addsUp = false
        if case .accumulate = state.type.repetition { addsUp = true }
        let hasValues = extent.hasValues || addsUp
        var next = try runs.next()
        while next != nil {
            try checkCancelled()
            let ends = Column<UInt64>(count: blockCount)
            let values = hasValues ? Column<UInt64>(count: blockCount) : nil
            var kept = 0
            while kept < blockCount, let first = next {
                var value = first.value
                next = try runs.next()
                if addsUp, next?.ends == first.ends {
                    var sum = EdgeSum(RecordValue.unpack(value), of: state.type)
                    while let record = next, record.ends == first.ends {
                        sum.add(RecordValue.unpack(record.value))
                        next = try runs.next()
                    }
                    do throws(WeightSumError) {
                        value = RecordValue.pack(try sum.stored())
                    } catch {
                        throw try badSum(error, first.ends, of: state)
                    }
                }
                while let record = next, record.ends == first.ends {
                    value = record.value
                    next = try runs.next()
                }
                ends[kept] = first.ends
                values?[kept] = value
                kept += 1
            }
            try keep(kept, of: ends, values, constant: extent.constant, part: part, index)
        }
    }

    /// The error of a sum, with the keys of the edge.
    private func badSum(_ error: WeightSumError, _ ends: UInt64, of state: TypeState) throws -> GraphStoreError {
        .badWeightSum(
            state.type.name, try interners[state.source].key(UInt32(truncatingIfNeeded: ends)),
            try interners[state.target].key(UInt32(ends >> 32)), error)
    }

    /// Counts the degrees of the ends of a part; answers how many are loops.
    private func countDegrees(_ kept: Int, of ends: Column<UInt64>, _ state: TypeState) -> Int {
        // Not by way of the state in the loops, which would retain and release them for each edge.
        let (inDegrees, outDegrees) = (state.inDegrees, state.outDegrees)
        for index in 0..<kept { inDegrees[Int(ends[index] >> 32)] &+= 1 }
        if let outDegrees {
            for index in 0..<kept { outDegrees.increment(Int(ends[index] & 0xFFFF_FFFF)) }
        }
        guard state.source == state.target else { return 0 }
        var loops = 0
        for index in 0..<kept where ends[index] >> 32 == ends[index] & 0xFFFF_FFFF { loops &+= 1 }
        return loops
    }

    /// Leaves one record of those with the same ends, by the rule of the type; answers how many are left.
    private func combine(
        _ ends: Column<UInt64>, _ values: Column<UInt64>?, _ count: Int, of state: TypeState
    ) throws -> Int {
        guard let values else { return LoadPipeline.keepLast(ends, count) }
        switch state.type.repetition {
        case .replace: return LoadPipeline.keepLast(ends, values, count)
        case .accumulate:
            let (kept, error) = LoadPipeline.addUp(ends, values, count, of: state.type)
            guard let error else { return kept }
            throw try badSum(error, ends[kept], of: state)
        }
    }

    private static func keepLast(_ ends: Column<UInt64>, _ count: Int) -> Int {
        var kept = 0
        for index in 1..<max(count, 1) where ends[index] != ends[kept] {
            kept &+= 1
            ends[kept] = ends[index]
        }
        return kept + 1
    }

    private static func keepLast(_ ends: Column<UInt64>, _ values: Column<UInt64>, _ count: Int) -> Int {
        var kept = 0
        for index in 1..<max(count, 1) {
            if ends[index] != ends[kept] {
                kept &+= 1
                ends[kept] = ends[index]
            }
            values[kept] = values[index]
        }
        return kept + 1
    }

    /// Sums in the order of rows, each rounded once; answers how many are left, or which record has no sum, and why.
    private static func addUp(
        _ ends: Column<UInt64>, _ values: Column<UInt64>, _ count: Int, of type: EdgeType
    ) -> (kept: Int, error: WeightSumError?) {
        var kept = 0
        var index = 1
        while index < count {
            if ends[index] != ends[kept] {
                kept &+= 1
                ends[kept] = ends[index]
                values[kept] = values[index]
                index &+= 1
                continue
            }
            var sum = EdgeSum(RecordValue.unpack(values[kept]), of: type)
            while index < count, ends[index] == ends[kept] {
                sum.add(RecordValue.unpack(values[index]))
                index &+= 1
            }
            do {
                values[kept] = RecordValue.pack(try sum.stored())
            } catch {
                return (kept, error)
            }
        }
        return (kept + 1, nil)
    }
}
