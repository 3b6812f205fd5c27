import HeapModule

/// The records of a part in order, where they are more than a thread may hold: sorted piece by piece, merged as they are read.
///
/// ```
/// part   [ piece ][ piece ][ piece ]      as many records as a thread may hold
/// file   [ run 0 ][ run 1 ][ run 2 ]      each piece sorted: its ends, then its values
/// next   the least of the first records of all runs; of equal ends, that of the earlier run
/// ```
/// Sorting is stable, as that of one piece is: records with equal ends come in the order of rows. O(records log runs), with
/// a buffer for each run in memory. Knuth, *The Art of Computer Programming* 3, 5.4.
final class SortedRuns {
    /// A record of a part.
    struct Record {
        let ends: UInt64
        let value: UInt64
    }

    /// A sorted piece, read from the file some records at a time.
    private struct Run {
        var offset: Int
        /// How many records are in the file and not in the buffer.
        var left: Int
        /// Where the values are, counted from the ends; they do not move while ends are read.
        let valuesBehind: Int
        let ends: Column<UInt64>
        let values: Column<UInt64>?
        var index = 0
        var buffered = 0
    }

    /// The first record of a run.
    private struct Head: Comparable {
        let ends: UInt64
        let run: Int

        static func < (left: Head, right: Head) -> Bool {
            left.ends == right.ends ? left.run < right.run : left.ends < right.ends
        }
    }

    private let file: SpillFile
    private let constant: UInt64
    private var runs: [Run] = []
    private var heads = Heap<Head>()

    /// The least a run is read at once: some reads of the system are then still cheap beside what they bring.
    private static let bufferedMin = 64

    /// Sorts the records of `part`, `recordsMax` at a time.
    ///
    /// - Parameters:
    ///   - path: beside what file the runs are.
    ///   - checkCancelled: asked at each piece; what it throws ends the sorting.
    init(
        _ records: PartitionedRecords, part: Int, recordsMax: Int, beside path: String, _ radix: RadixSort,
        checkCancelled: () throws -> Void
    ) throws {
        let extent = records.extent(of: part)
        constant = extent.constant
        file = try SpillFile(beside: path)
        var pieces: [(offset: Int, count: Int)] = []
        for first in stride(from: 0, to: extent.count, by: recordsMax) {
            try checkCancelled()
            let piece = try records.part(part, first..<min(first + recordsMax, extent.count))
            radix.sort(piece.ends, piece.values, count: piece.count)
            pieces.append((file.byteCount, piece.count))
            for column in [piece.ends, piece.values].compactMap({ $0 }) {
                unsafe try file.append(UnsafeRawBufferPointer(start: column.start, count: 8 * piece.count))
            }
        }
        try file.flush()
        let bufferedMax = max(SortedRuns.bufferedMin, recordsMax / max(pieces.count, 1))
        for (number, piece) in pieces.enumerated() {
            var run = Run(
                offset: piece.offset, left: piece.count, valuesBehind: 8 * piece.count,
                ends: Column(count: bufferedMax), values: extent.hasValues ? Column(count: bufferedMax) : nil)
            try fill(&run)
            heads.insert(Head(ends: run.ends[0], run: number))
            runs.append(run)
        }
    }

    /// How many bytes were written to files.
    var spilledBytes: Int { file.byteCount }

    /// The next record; nil when there is none.
    func next() throws -> Record? {
        guard let head = heads.min else { return nil }
        let index = runs[head.run].index
        let record = Record(ends: head.ends, value: runs[head.run].values?[index] ?? constant)
        runs[head.run].index = index + 1
        if index + 1 == runs[head.run].buffered { try fill(&runs[head.run]) }
        if runs[head.run].buffered == 0 {
            heads.removeMin()
        } else {
            heads.replaceMin(with: Head(ends: runs[head.run].ends[runs[head.run].index], run: head.run))
        }
        return record
    }

    /// Reads on in a run; its buffer is empty where nothing is left.
    private func fill(_ run: inout Run) throws {
        let count = min(run.left, run.ends.count)
        if count > 0 {
            unsafe try file.read(UnsafeMutableRawBufferPointer(start: run.ends.start, count: 8 * count), at: run.offset)
            if let values = run.values {
                unsafe try file.read(
                    UnsafeMutableRawBufferPointer(start: values.start, count: 8 * count),
                    at: run.offset + run.valuesBehind)
            }
        }
        run.offset += 8 * count
        run.left -= count
        run.buffered = count
        run.index = 0
    }
}
