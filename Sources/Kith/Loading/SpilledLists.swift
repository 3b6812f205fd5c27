import Adjacency

/// Lists that do not lie in memory: their records, in order, in files.
///
/// ```
/// ends     node << 32 | neighbour of each record        values   weight bits << 32 | time; none where all are the same
/// ```
final class SpilledLists {
    private let ends: SpillFile
    private let values: SpillFile?
    private let constant: EdgeValue
    /// By list, whether a weight of it is not 1, and whether a time of it is known.
    private let hasWeights: [Bool]
    private let hasTimes: [Bool]

    /// What is found out while the records are written.
    struct Contents {
        var nodes: [UInt32] = []
        var starts: [Int] = []
        fileprivate var hasWeights: [Bool] = []
        fileprivate var hasTimes: [Bool] = []
    }

    /// Writes all that comes of `runs`.
    ///
    /// - Parameters:
    ///   - extent: that of the records.
    ///   - columns: what the edges carry.
    ///   - path: beside what file.
    ///   - contents: which list is where.
    init(
        _ runs: SortedRuns, _ extent: PartitionedRecords.Extent, columns: EdgeType.Columns, beside path: String,
        contents: inout Contents, checkCancelled: () throws -> Void
    ) throws {
        let ends = try SpillFile(beside: path)
        let values = extent.hasValues ? try SpillFile(beside: path) : nil
        constant = RecordValue.unpack(extent.constant)
        var count = 0
        while let record = try runs.next() {
            if count % SpilledLists.recordsPerQuestion == 0 { try checkCancelled() }
            let node = UInt32(record.ends >> 32)
            if node != contents.nodes.last {
                contents.nodes.append(node)
                contents.starts.append(count)
                contents.hasWeights.append(false)
                contents.hasTimes.append(false)
            }
            let list = contents.nodes.count - 1
            let value = RecordValue.unpack(record.value)
            if value.weight != 1, columns.contains(.weight) { contents.hasWeights[list] = true }
            if value.time != 0, columns.contains(.time) { contents.hasTimes[list] = true }
            unsafe try withUnsafeBytes(of: record.ends) { unsafe try ends.append($0) }
            if let values { unsafe try withUnsafeBytes(of: record.value) { unsafe try values.append($0) } }
            count += 1
        }
        contents.starts.append(count)
        try ends.flush()
        try values?.flush()
        self.ends = ends
        self.values = values
        hasWeights = contents.hasWeights
        hasTimes = contents.hasTimes
    }

    private static let recordsPerQuestion = 1 << 16

    /// How many bytes were written to files.
    var spilledBytes: Int { ends.byteCount + (values?.byteCount ?? 0) }

    /// Lends records, all of list `index`.
    @unsafe
    func withRecords<Result>(
        _ range: Range<Int>, of index: Int, _ body: (ListColumns) throws -> Result
    ) throws -> Result {
        let words = Column<UInt64>(count: range.count)
        let bytes = unsafe UnsafeMutableRawBufferPointer(start: words.start, count: 8 * range.count)
        unsafe try ends.read(bytes, at: 8 * range.lowerBound)
        let neighbors = Column<UInt32>(count: range.count)
        for place in 0..<range.count { neighbors[place] = UInt32(truncatingIfNeeded: words[place]) }
        var list = unsafe ListColumns(neighbors: neighbors.start)
        let weights = Column<Float>(repeating: constant.weight, count: hasWeights[index] ? range.count : 0)
        let times = Column<UInt32>(repeating: constant.time, count: hasTimes[index] ? range.count : 0)
        if let values, hasWeights[index] || hasTimes[index] {
            unsafe try values.read(bytes, at: 8 * range.lowerBound)
            for place in 0..<range.count {
                let value = RecordValue.unpack(words[place])
                if hasWeights[index] { weights[place] = value.weight }
                if hasTimes[index] { times[place] = value.time }
            }
        }
        if hasWeights[index] { unsafe list.weights = UnsafePointer(weights.start) }
        if hasTimes[index] { unsafe list.times = UnsafePointer(times.start) }
        return try withExtendedLifetime((neighbors, weights, times)) { unsafe try body(list) }
    }
}
