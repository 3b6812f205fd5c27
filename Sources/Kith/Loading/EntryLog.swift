/// Many small entries, appended once and read in order, again and again: in memory as far as that of the load goes, and in
/// a file beyond it.
///
/// ```
/// chunks   [entry entry entry ...  ] [entry entry ... ] ...    each in memory or in the file, whole
/// ```
/// What an entry is only its writer and its reader know. None lies in two chunks.
///
/// **Unsafety:** memory is lent for as long as the log is not changed, or the reader not moved on.
final class EntryLog {
    private enum Place {
        case memory(Column<UInt8>)
        case file(offset: Int)
    }

    private struct Chunk {
        let place: Place
        let count: Int
    }

    /// The greatest entry.
    static let entryBytesMax = 1 << 16
    private static let chunkBytes = 1 << 18

    private let path: String
    private let memory: LoadMemory
    private var chunks: [Chunk] = []
    private var file: SpillFile?
    private var heldBytes = 0
    /// The chunk that is being filled.
    private var open = Column<UInt8>(count: EntryLog.chunkBytes)
    private var openCount = 0

    /// An empty log, which spills to a file beside `path`.
    init(beside path: String, memory: LoadMemory) {
        self.path = path
        self.memory = memory
    }

    deinit {
        memory.give(back: heldBytes)
    }

    /// How many bytes were written to files.
    var spilledBytes: Int { file?.byteCount ?? 0 }

    /// Appends an entry of `count` bytes and lends them, to be filled.
    @unsafe
    func append(_ count: Int) throws -> UnsafeMutableRawPointer {
        precondition(count <= EntryLog.entryBytesMax, "an entry of \(count) bytes")
        if openCount + count > open.count { try close() }
        defer { openCount += count }
        return unsafe UnsafeMutableRawPointer(open.start + openCount)
    }

    /// Ends the appending, for now: what there is can be read.
    func finish() throws {
        if openCount > 0 { try close() }
        try file?.flush()
    }

    private func close() throws {
        defer { openCount = 0 }
        if memory.take(open.count) >= 0 {
            heldBytes += open.count
            chunks.append(Chunk(place: .memory(open), count: openCount))
            open = Column(count: EntryLog.chunkBytes)
            return
        }
        memory.give(back: open.count)
        let file = try self.file ?? SpillFile(beside: path)
        self.file = file
        chunks.append(Chunk(place: .file(offset: file.byteCount), count: openCount))
        unsafe try file.append(UnsafeRawBufferPointer(start: open.start, count: openCount))
    }

    /// Reads a finished log from its first entry on.
    struct Reader {
        private let log: EntryLog
        private var next = 0
        private var chunk: Column<UInt8>
        private var count = 0
        private var place = 0
        /// Memory for what comes from the file.
        private var buffer: Column<UInt8>?

        init(_ log: EntryLog) {
            self.log = log
            chunk = log.open
        }

        /// Lends the next `count` bytes of an entry, until the next call; nil behind the last.
        @unsafe
        mutating func read(_ count: Int) throws -> UnsafeRawPointer? {
            if place == self.count {
                guard next < log.chunks.count else { return nil }
                try load(log.chunks[next])
                next += 1
            }
            precondition(place + count <= self.count, "an entry ends behind its chunk")
            defer { place += count }
            return unsafe UnsafeRawPointer(chunk.start + place)
        }

        private mutating func load(_ chunk: Chunk) throws {
            place = 0
            count = chunk.count
            switch chunk.place {
            case .memory(let bytes): self.chunk = bytes
            case .file(let offset):
                let buffer = self.buffer ?? Column(count: EntryLog.chunkBytes)
                self.buffer = buffer
                unsafe try log.file?.read(UnsafeMutableRawBufferPointer(start: buffer.start, count: count), at: offset)
                self.chunk = buffer
            }
        }
    }
}
