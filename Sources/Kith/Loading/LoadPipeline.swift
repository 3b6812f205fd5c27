import Foundation
import Glibc
import Synchronization

/// Rows in, sorted lists out: the graph never needs to fit in memory, its keys do.
///
/// ```
/// read      chunks of text -> rows -> provisional ids -> records target << 32 | source, dealt out by target
/// merge     each part: sort, make one of equal edges, count degrees
/// number    ids by in-degree; each record becomes two, dealt out by ranges of final ids: out and in
/// write     each part: sort, hand over as lists in order
/// ```
/// Every step is done by several threads, and what they hand in has an order that does not depend on them: so the lists,
/// and the bytes of the store, are the same for any number of threads and any amount of memory.
///
/// Parts are such that one fits in its share of memory, but for one case: all edges of one node in one direction are in
/// one part, whatever its degree.
///
/// **Unsafety:** `@unchecked`; what threads share is handed in under ``Turns`` or a lock, or has one writer a part.
final class LoadPipeline: @unchecked Sendable {
    /// What the pipeline knows of a type. What varies is written by one thread at a time: the one in turn while rows are
    /// read, under the lock while they are merged.
    ///
    /// A class, so that threads that look at one property do not meet those that write another.
    final class TypeState: @unchecked Sendable {
        let type: EdgeType
        let source: Int
        let target: Int
        /// What was read.
        let records: PartitionedRecords
        /// What was read, one of a kind.
        let merged: PartitionedRecords
        /// By provisional id of the target; by one thread each.
        var inDegrees = Column<UInt32>(count: 0)
        /// By provisional id of the source.
        var outDegrees: Degrees?
        /// Rows that are edges, before equal ones are made one.
        var rowCount = 0
        var edgeCount = 0
        var selfLoops = 0

        init(_ type: EdgeType, in schema: Schema, records: PartitionedRecords, merged: PartitionedRecords) {
            self.type = type
            source = schema.nodeKinds.firstIndex(of: type.source) ?? 0
            target = schema.nodeKinds.firstIndex(of: type.target) ?? 0
            self.records = records
            self.merged = merged
        }
    }

    let schema: Schema
    let interners: [KeyInterner]
    let threads: Int
    let memory: LoadMemory
    let chunkBytes: Int
    /// What temporary files stand beside.
    let storePath: String
    private let isCancelled: @Sendable () -> Bool
    private let onProgress: @Sendable (LoadProgress) -> Void
    private let defaultTime: (EdgeType) -> Timestamp
    private let begun = ContinuousClock.now
    let partCount: Int
    /// How many records a part of a table has, about: such that they stay in a cache, and in their share of memory.
    let recordsPerPart: Int
    let types: [TypeState]
    private let lock = NSLock()

    private(set) var report = BulkLoader.Report()
    private var progress: LoadProgress
    private var lastProgress = ContinuousClock.now
    private var keyBytes = 0

    /// No load takes less memory than this, whatever its budget.
    static let memoryBytesMin = 8 << 20

    init(
        schema: Schema, beside path: String, settings: BulkLoader, now: Timestamp,
        expectedRows: Int
    ) {
        self.schema = schema
        storePath = path
        threads = max(1, settings.threads)
        isCancelled = settings.isCancelled
        onProgress = settings.onProgress
        let given = settings.time
        defaultTime = { type in
            if let given { return given }
            if case .accumulate = type.repetition { return now }
            return 0
        }
        let pieces = settings.pieces ?? LoadPipeline.pieces(settings, threads: threads, expectedRows: expectedRows)
        chunkBytes = pieces.chunkBytes
        partCount = pieces.partCount
        recordsPerPart = pieces.recordsPerPart
        memory = LoadMemory(bytes: pieces.recordBytes)
        interners = schema.nodeKinds.map { _ in KeyInterner() }
        progress = LoadProgress(phase: .reading, fraction: nil, bytes: 0, rows: 0, rejected: 0, seconds: 0)
        let memory = memory
        types = schema.edgeTypes.map { type in
            TypeState(
                type, in: schema,
                records: PartitionedRecords(
                    partCount: pieces.partCount, beside: path, memory: memory,
                    // The rest is for what is merged.
                    bytesLeftMin: pieces.recordBytes / 3),
                merged: PartitionedRecords(partCount: pieces.partCount, beside: path, memory: memory))
        }
    }

    /// Pieces such that all threads together stay within the memory of the load.
    private static func pieces(_ settings: BulkLoader, threads: Int, expectedRows: Int) -> BulkLoader.Pieces {
        let budget = max(settings.memoryBytes ?? BulkLoader.defaultMemoryBytes, memoryBytesMin)
        // A thread holds a chunk of text, its rows (at most four times as large) and its records.
        let chunkBytes = min(1 << 20, max(1 << 16, budget / (threads * 32)))
        // While a part is merged a thread holds it twice, with values.
        let partBytes = max(1 << 16, budget / (16 * threads))
        var partCount = 256
        while partCount < 4_096, expectedRows * 16 / partCount > partBytes { partCount *= 2 }
        return BulkLoader.Pieces(
            chunkBytes: chunkBytes, partCount: partCount,
            recordsPerPart: min(1 << 18, max(1 << 12, budget / (threads * 16 * 24))),
            recordBytes: budget - min(budget / 2, threads * chunkBytes * 8))
    }

    /// A parser of this load's rows.
    func makeParser() -> RowParser {
        RowParser(schema: schema, interners: interners, defaultTime: defaultTime)
    }

    /// Runs `body` while no other thread runs one.
    func withLock<Result>(_ body: () throws -> Result) rethrows -> Result {
        try lock.withLock { try body() }
    }

    func noteSpilled(_ bytes: Int) {
        report.spilledBytes += bytes
    }

    func checkCancelled() throws {
        if isCancelled() { throw LoadError.cancelled }
    }

    func tell(_ phase: LoadProgress.Phase, _ fraction: Double?, force: Bool = false) {
        let now = ContinuousClock.now
        guard force || phase != progress.phase || now - lastProgress > .milliseconds(100) else { return }
        lastProgress = now
        progress.phase = phase
        progress.fraction = fraction
        progress.rows = report.rows
        progress.rejected = report.rejected.values.reduce(0, +)
        progress.seconds = (now - begun) / .seconds(1)
        onProgress(progress)
    }
}

extension LoadPipeline {
    /// What an edge takes in the store, and in temporary files: 8 bytes when read, and 16 when dealt out to both tables,
    /// while merged ones of 8 are still there; twice that with values. Measured on R-MAT graphs, rounded up.
    private static let storeBytesPerRow = 5
    private static let spillBytesPerRow = 24

    /// Compares what the load will need on the disk, about, with what there is.
    ///
    /// - Throws: ``LoadError/notEnoughRoom(folder:needed:found:)``.
    func checkRoom(forRows rows: Int) throws(LoadError) {
        let folder = storePath.lastIndex(of: "/").map { String(storePath[...$0]) } ?? "."
        var space = statvfs()
        guard unsafe statvfs(folder, &space) == 0 else { return }
        let found = Int(space.f_bavail) * Int(space.f_frsize)
        let spilled = rows * LoadPipeline.spillBytesPerRow
        let needed = rows * LoadPipeline.storeBytesPerRow + (spilled > memory.available ? spilled : 0)
        if needed > found { throw .notEnoughRoom(folder: folder, needed: needed, found: found) }
    }
}

// MARK: - Reading

extension LoadPipeline {
    /// A file to read, in the order of the load.
    struct Input {
        let path: String
        let format: EdgeFileFormat?
        let subject: RowParser.Subject
    }

    /// Where the reading of files is: one thread at a time.
    private final class Reading: @unchecked Sendable {
        let inputs: [Input]
        let chunkBytes: Int
        private let lock = NSLock()
        private var source: EdgeFileSource?
        private var file = 0
        private var isFirst = true
        private var number = 0
        private var isOver = false
        private var bytesBefore = 0

        init(_ inputs: [Input], chunkBytes: Int) {
            self.inputs = inputs
            self.chunkBytes = chunkBytes
        }

        struct Taken {
            let number: Int
            let file: Int
            let isFirst: Bool
            let bytes: Int
            /// The layout of the file, or why it cannot be read on.
            let layout: Result<EdgeFileLayout, any Error>
        }

        /// The next chunk, of this file or the next; nil when all are read.
        func next(into chunk: TextChunk, _ parser: RowParser) -> Taken? {
            lock.withLock {
                while !isOver, file < inputs.count {
                    do {
                        let source =
                            try source
                            ?? EdgeFileSource(
                                opening: inputs[file].path, format: inputs[file].format, chunkBytes: chunkBytes)
                        self.source = source
                        if try source.next(into: chunk, rows: parser.columns(of: inputs[file].subject)),
                            let layout = source.layout
                        {
                            defer {
                                number += 1
                                isFirst = false
                            }
                            return Taken(
                                number: number, file: file, isFirst: isFirst, bytes: bytesBefore + source.bytesRead,
                                layout: .success(layout))
                        }
                        bytesBefore += source.bytesRead
                    } catch {
                        isOver = true
                        return Taken(
                            number: number, file: file, isFirst: isFirst, bytes: bytesBefore, layout: .failure(error))
                    }
                    source = nil
                    isFirst = true
                    file += 1
                }
                return nil
            }
        }
    }

    /// Reads all files.
    ///
    /// - Throws: ``LoadError``: the first in the order of rows.
    func read(
        _ inputs: [Input], bytesTotal: Int?, onError: BulkLoader.RowErrorPolicy,
        onReject: @Sendable @escaping (RejectedRow) throws -> Void
    ) throws {
        let reading = Reading(inputs, chunkBytes: chunkBytes)
        let turns = Turns()
        let lines = Lines()
        try WorkerThreads.run(threads) { [self] _ in
            let parser = makeParser()
            let chunk = TextChunk(capacity: chunkBytes)
            do {
                while let taken = reading.next(into: chunk, parser) {
                    let input = inputs[taken.file]
                    if case .success(let layout) = taken.layout {
                        parser.parse(chunk, layout, input.subject, isFirst: taken.isFirst)
                    }
                    let blocks = makeRecords(of: parser.rows)
                    try turns.pass(taken.number) {
                        try checkCancelled()
                        if lines.file != taken.file {
                            lines.file = taken.file
                            lines.count = 0
                        }
                        try reject(parser.rejected, input.path, lines.count, onError, onReject)
                        if case .failure(let error) = taken.layout {
                            guard let error = error as? RowError else { throw error }
                            throw LoadError.badRow(
                                RejectedRow(path: input.path, line: lines.count + 1, error: error, text: ""))
                        }
                        lines.count += parser.lineCount
                        try handIn(blocks, nodeRows: parser.nodeRowCount)
                        progress.bytes = taken.bytes
                        tell(.reading, bytesTotal.map { min(1, Double(taken.bytes) / Double(max($0, 1))) })
                    }
                }
            } catch is Turns.Stopped {
                // The error is another part's.
            }
        }
        try finishReading()
    }

    /// Ends the reading: no record comes any more.
    func finishReading() throws {
        for type in types { try type.records.finish() }
    }

    /// Which file the turn is at, and how many of its lines were passed.
    private final class Lines: @unchecked Sendable {
        var file = 0
        var count = 0
    }

    private func reject(
        _ rejected: [RowParser.Rejected], _ path: String, _ linesBefore: Int, _ policy: BulkLoader.RowErrorPolicy,
        _ onReject: (RejectedRow) throws -> Void
    ) throws {
        for row in rejected {
            let row = RejectedRow(path: path, line: linesBefore + row.line + 1, error: row.error, text: row.text)
            guard policy == .skip else { throw LoadError.badRow(row) }
            report.rejected[row.error.code, default: 0] += 1
            report.rows += 1
            try onReject(row)
        }
    }

    /// Rows by type as records. Any thread.
    func makeRecords(of rows: [EdgeRows]) -> [HandedIn] {
        rows.enumerated().compactMap { type, rows in
            guard rows.count > 0 else { return nil }
            let state = types[type]
            return HandedIn(
                type: type, rowCount: rows.count,
                records: rows.records(
                    sources: interners[state.source], targets: interners[state.target],
                    isSymmetric: state.type.isSymmetric, partCount: partCount))
        }
    }

    /// The rows of one type that a thread has read from a chunk.
    struct HandedIn {
        let type: Int
        let rowCount: Int
        let records: RecordBlock
    }

    /// Takes records in, in the order of rows. One thread at a time.
    func handIn(_ blocks: [HandedIn], nodeRows: Int) throws {
        report.rows += nodeRows
        for block in blocks {
            report.rows += block.rowCount
            types[block.type].rowCount += block.rowCount
            try types[block.type].records.append(block.records)
        }
        // Keys stay in memory; what they take is no longer there for records.
        let bytes = interners.reduce(0) { $0 + $1.byteCount }
        _ = memory.take(bytes - keyBytes)
        keyBytes = bytes
    }
}

// MARK: - Merging

/// Degrees counted by several threads.
@safe final class Degrees: @unchecked Sendable {
    private let counts: UnsafeMutablePointer<Atomic<UInt32>>
    let count: Int

    init(count: Int) {
        unsafe counts = .allocate(capacity: max(count, 1))
        for index in 0..<count { unsafe (counts + index).initialize(to: Atomic(0)) }
        self.count = count
    }

    deinit {
        unsafe counts.deallocate()
    }

    @inline(__always)
    func increment(_ index: Int) {
        unsafe counts[index].add(1, ordering: .relaxed)
    }

    subscript(index: Int) -> UInt32 { unsafe counts[index].load(ordering: .relaxed) }
}

extension LoadPipeline {
    /// Makes one edge of those with the same ends, and counts.
    func merge() throws {
        for interner in interners { interner.freeTables() }
        for index in types.indices where types[index].records.recordCount > 0 {
            types[index].inDegrees = Column(repeating: 0, count: interners[types[index].target].count)
            if !types[index].type.isSymmetric {
                types[index].outDegrees = Degrees(count: interners[types[index].source].count)
            }
        }
        let next = PartCounter()
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
            report.spilledBytes += state.records.spilledBytes
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
        let records = try state.records.part(part)
        let count = records.count
        if count == 0 { return }
        var values = records.values
        if values == nil, case .accumulate = state.type.repetition {
            values = Column(repeating: records.constant, count: count)
        }
        radix.sort(records.ends, values, count: count)
        let kept = LoadPipeline.combine(records.ends, values, count, state.type.repetition)
        let loops = countDegrees(kept, of: records.ends, state)
        let block = RecordBlock(
            ends: records.ends, values: values, constant: records.constant, firstPart: part, offsets: [0, kept])
        try withLock {
            types[index].edgeCount += kept
            types[index].selfLoops += loops
            try state.merged.append(block)
        }
    }

    /// Counts the degrees of the ends of a part; answers how many are loops.
    private func countDegrees(_ kept: Int, of ends: Column<UInt64>, _ state: TypeState) -> Int {
        let joinsOneKind = state.source == state.target
        var loops = 0
        for index in 0..<kept {
            let target = Int(ends[index] >> 32)
            let source = Int(ends[index] & 0xFFFF_FFFF)
            state.inDegrees[target] &+= 1
            state.outDegrees?.increment(source)
            if joinsOneKind, source == target { loops &+= 1 }
        }
        return loops
    }

    /// Leaves one record of those with the same ends, by the rule of the type; answers how many are left.
    private static func combine(
        _ ends: Column<UInt64>, _ values: Column<UInt64>?, _ count: Int, _ repetition: EdgeType.Repetition
    ) -> Int {
        var kept = 0
        guard let values else {
            for index in 1..<max(count, 1) where ends[index] != ends[kept] {
                kept &+= 1
                ends[kept] = ends[index]
            }
            return kept + 1
        }
        for index in 1..<max(count, 1) {
            if ends[index] == ends[kept] {
                values[kept] = RecordValue.pack(
                    repetition.combining(RecordValue.unpack(values[kept]), RecordValue.unpack(values[index])))
            } else {
                kept &+= 1
                ends[kept] = ends[index]
                values[kept] = values[index]
            }
        }
        return kept + 1
    }
}
