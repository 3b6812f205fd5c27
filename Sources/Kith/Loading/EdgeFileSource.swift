import CZlib
import Glibc

/// A piece of a file that starts and ends between records, to be parsed by one thread.
@safe final class TextChunk: @unchecked Sendable {
    private(set) var memory: Column<UInt8>
    /// How many bytes of the memory are text.
    var count = 0

    init(capacity: Int) {
        memory = Column(count: capacity)
    }

    /// Makes the memory at least `capacity` bytes and keeps the text.
    func reserve(_ capacity: Int) {
        guard capacity > memory.count else { return }
        let larger = Column<UInt8>(count: capacity)
        unsafe larger.start.update(from: memory.start, count: count)
        memory = larger
    }

    /// Takes the last of the text off, from `end` on, and answers it.
    func cut(at end: Int) -> [UInt8] {
        let rest = unsafe Array(UnsafeBufferPointer(start: memory.start + end, count: count - end))
        count = end
        return rest
    }
}

/// A file of rows as a stream of chunks: plain or gzip, a file or standard input. One thread at a time.
///
/// A chunk ends where a record ends. In CSV a quoted field may hold line ends, so that takes a scan of the quotes; a quote
/// that is not closed within ``recordBytesMax`` bytes, or at all, is a mistake in its line, and only that line is lost.
/// zlib reads what is not compressed as it is.
@safe final class EdgeFileSource {
    /// A record longer than this is a file of another kind, not a row.
    static let recordBytesMax = 1 << 20

    let path: String
    private let format: EdgeFileFormat
    private let file: gzFile
    private let chunkBytes: Int
    private var rest: [UInt8] = []
    private var isAtEnd = false
    private var isAtStart = true
    /// How the columns stand, known from the first chunk on.
    private(set) var layout: EdgeFileLayout?
    /// How many bytes of the file were read: compressed ones, if it is compressed.
    private(set) var bytesRead = 0

    /// Opens `path`, or standard input for `-`.
    ///
    /// - Throws: ``LoadError/cannotRead(path:reason:)``.
    init(opening path: String, format: EdgeFileFormat?, chunkBytes: Int) throws {
        var status = stat()
        if path != "-" {
            guard unsafe stat(path, &status) == 0 else {
                throw LoadError.cannotRead(path: path, reason: unsafe String(cString: strerror(errno)))
            }
            guard status.st_mode & S_IFMT != S_IFDIR else {
                throw LoadError.cannotRead(path: path, reason: "it is a directory; name a file in it")
            }
        }
        let opened = unsafe path == "-" ? gzdopen(dup(STDIN_FILENO), "rb") : gzopen(path, "rb")
        guard let file = unsafe opened else {
            throw LoadError.cannotRead(path: path, reason: unsafe String(cString: strerror(errno)))
        }
        unsafe gzbuffer(file, 1 << 18)
        unsafe self.file = unsafe file
        self.path = path
        self.format = format ?? EdgeFileFormat(ofFileNamed: path)
        self.chunkBytes = chunkBytes
    }

    deinit {
        unsafe gzclose(file)
    }

    /// Reads the next chunk; false at the end of the file.
    ///
    /// - Parameter rows: what the rows are, to find the columns by.
    /// - Throws: ``RowError/unreadable(_:)``, ``LoadError/badHeader(path:reason:)``.
    func next(into chunk: TextChunk, rows: EdgeFileLayout.Rows) throws -> Bool {
        chunk.count = 0
        chunk.reserve(max(chunkBytes, 2 * rest.count))
        unsafe rest.withUnsafeBufferPointer { bytes in
            if let start = bytes.baseAddress { unsafe chunk.memory.start.update(from: start, count: bytes.count) }
        }
        chunk.count = rest.count
        rest = []
        while true {
            try fill(chunk)
            if chunk.count == 0 { return false }
            let layout = try layout ?? EdgeFileLayout(sniffing: chunk, format: format, rows: rows, path: path)
            self.layout = layout
            let end = isAtEnd ? chunk.count : unsafe layout.lastRecordEnd(chunk.memory.start, chunk.count)
            if end > 0 {
                rest = chunk.cut(at: end)
                return true
            }
            if chunk.count > EdgeFileSource.recordBytesMax {
                try skipLine(of: chunk)
                return true
            }
            chunk.reserve(2 * chunk.memory.count)
        }
    }

    /// Reads until the chunk's memory is full, or the file ends.
    private func fill(_ chunk: TextChunk) throws {
        while !isAtEnd, chunk.count < chunk.memory.count {
            let room = chunk.memory.count - chunk.count
            let count = unsafe gzread(file, chunk.memory.start + chunk.count, UInt32(room))
            guard count >= 0 else {
                var code: Int32 = 0
                let reason = unsafe gzerror(file, &code).map { unsafe String(cString: $0) } ?? "read error"
                throw RowError.unreadable(reason)
            }
            chunk.count += Int(count)
            if count < room {
                // A compressed file that was cut off ends like any other, but for what zlib says.
                var code: Int32 = 0
                _ = unsafe gzerror(file, &code)
                guard code == Z_OK || code == Z_STREAM_END else { throw RowError.unreadable("it is cut off") }
                isAtEnd = unsafe gzeof(file) != 0
            }
        }
        bytesRead = unsafe max(bytesRead, Int(gzoffset(file)))
        if isAtStart {
            isAtStart = false
            if chunk.count >= 3, chunk.memory[0] == 0xEF, chunk.memory[1] == 0xBB, chunk.memory[2] == 0xBF {
                unsafe memmove(chunk.memory.start, chunk.memory.start + 3, chunk.count - 3)
                chunk.count -= 3
            }
        }
    }

    /// Leaves in the chunk the start of a line that is too long, enough to show that it is, and reads past its end.
    private func skipLine(of chunk: TextChunk) throws {
        let kept = EdgeFileSource.recordBytesMax + 1
        let more = TextChunk(capacity: chunkBytes)
        chunk.count = kept
        while true {
            more.count = 0
            try fill(more)
            if more.count == 0 { return }
            if let newline = unsafe memchr(more.memory.start, 10, more.count) {
                let end =
                    unsafe UnsafePointer(newline.assumingMemoryBound(to: UInt8.self)) - UnsafePointer(more.memory.start)
                rest = more.cut(at: end + 1)
                return
            }
        }
    }
}

/// How the rows of an edge file are written.
public enum EdgeFileFormat: String, Sendable, Hashable, CaseIterable {
    /// Fields between tabs.
    case tsv
    /// Fields between commas, semicolons, bars or tabs, whichever the first line has most of, quoted as RFC 4180 says.
    case csv
    /// Fields between runs of spaces and tabs, `#` and `%` comments.
    case edges
    /// A JSON object a line.
    case jsonl
    /// A source, a tab, and its targets between commas.
    case adjacency

    /// The format a file's name tells, `.gz` aside; an edge list unless it tells another.
    init(ofFileNamed path: String) {
        let name = path.hasSuffix(".gz") ? path.dropLast(3) : path[...]
        let format = name.lastIndex(of: ".").map { String(name[name.index(after: $0)...]).lowercased() }
        switch format {
        case "csv": self = .csv
        case "tsv": self = .tsv
        case "jsonl", "ndjson", "json": self = .jsonl
        case "adj", "adjlist": self = .adjacency
        default: self = .edges
        }
    }
}
