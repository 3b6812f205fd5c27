import Foundation
import Glibc
import OperatingSystem
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
/// one part, whatever its degree. A part that is too large is sorted in pieces, in files: see ``SortedRuns``.
///
/// **Unsafety:** `@unchecked`; what threads share is handed in under ``OrderedGate`` or a lock, or has one writer a part.
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
    let isCancelled: @Sendable () -> Bool
    private let onProgress: @Sendable (LoadProgress) -> Void
    private let defaultTime: (EdgeType) -> Timestamp
    let partCount: Int
    /// How many records a part of a table has, about: such that they stay in a cache, and in their share of memory.
    let recordsPerPart: Int
    /// How many records of a part a thread holds, when it has more.
    let recordsInMemory: Int
    let types: [TypeState]
    private let lock = NSLock()

    var report = BulkLoader.Report()
    /// Apart from the report, because it is counted by threads beside the one that goes on with that.
    private let spilledBytes = Atomic(0)
    var progress: LoadProgress
    private var pace = ProgressPace()
    /// What the keys take of the memory.
    var keyBytes = 0
    /// The most they took: while rows are read they are in tables.
    var keyBytesMax = 0

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
        recordsInMemory = pieces.recordsInMemory
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
            recordBytes: budget - min(budget / 2, threads * chunkBytes * 8),
            // Sorted records take 32 bytes each, with values and as much again to sort: an eighth for each of two threads.
            recordsInMemory: max(1 << 12, budget / (threads * 128)))
    }

    /// What a thread reads rows of this load into.
    func makeParsedRows() -> ParsedRows {
        ParsedRows(schema: schema, interners: interners, defaultTime: defaultTime)
    }

    /// Runs `body` while no other thread runs one.
    func withLock<Result>(_ body: () throws -> Result) rethrows -> Result {
        try lock.withLock { try body() }
    }

    /// Counts what was written to temporary files. Any thread.
    func noteSpilled(_ bytes: Int) {
        spilledBytes.wrappingAdd(bytes, ordering: .relaxed)
    }

    /// The report, when all threads are done.
    var finishedReport: BulkLoader.Report {
        var report = report
        report.spilledBytes = spilledBytes.load(ordering: .relaxed)
        return report
    }

    func checkCancelled() throws {
        if isCancelled() { throw CancellationError() }
    }

    func tell(_ phase: LoadProgress.Phase, _ fraction: Double?) {
        guard let seconds = pace.due(atOnce: phase != progress.phase) else { return }
        progress.phase = phase
        progress.fraction = fraction
        progress.rows = report.rows
        progress.rejected = report.rejected.values.reduce(0, +)
        progress.seconds = seconds
        onProgress(progress)
    }
}

extension LoadPipeline {
    /// What numbering takes for each key besides the key itself, at most.
    static let numberingBytes = 80
    /// What threads take for chunks of text, rows and stacks while others grow.
    private static let spareBytes = 32 << 20

    /// Sees to it that as many bytes more can be had, where a limit says how many there are.
    ///
    /// - Throws: ``LoadError/notEnoughMemory(needed:found:)``.
    func requireMemory(_ bytes: @autoclosure () -> Int) throws(LoadError) {
        guard let left = AddressRoom.bytesLeft else { return }
        let needed = bytes() + LoadPipeline.spareBytes
        if needed > left { throw .notEnoughMemory(needed: needed, found: left) }
    }

    /// Compares what the load will need on the disk, about, with what there is.
    ///
    /// - Throws: ``LoadError/notEnoughRoom(folder:needed:found:)``.
    func checkRoom(for expected: ExpectedLoad) throws(LoadError) {
        let folder = TemporaryFile.folder(of: storePath)
        var space = statvfs()
        guard unsafe statvfs(folder, &space) == 0 else { return }
        let found = Int(space.f_bavail) * Int(space.f_frsize)
        let needed = expected.storeBytes + (expected.spilledBytes > memory.available ? expected.spilledBytes : 0)
        if needed > found { throw .notEnoughRoom(folder: folder, needed: needed, found: found) }
    }
}
