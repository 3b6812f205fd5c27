import CZlib
import Glibc
import OperatingSystem

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

    /// Enough for the rows that tell how the columns stand, unless they are very long: then as many as there are in it.
    private static let headBytes = 1 << 16

    let path: String
    private let format: EdgeFileFormat
    private let file: gzFile
    private let chunkBytes: Int
    private var rest: [UInt8] = []
    /// What was read to find out how the columns stand, whatever the size of chunks, and how much of it was handed on.
    private let head = TextChunk(capacity: EdgeFileSource.headBytes)
    private var headUsed = 0
    private var isFileAtEnd = false
    /// How the columns stand, known from the first chunk on.
    private(set) var layout: EdgeFileLayout?
    /// How many bytes of the file were read: compressed ones, if it is compressed.
    private(set) var bytesRead = 0

    /// Opens `path`, or standard input for `-`.
    ///
    /// - Throws: ``LoadError/cannotRead(path:reason:)``, ``LoadError/readFailed(path:reason:)``.
    init(opening path: String, format: EdgeFileFormat?, chunkBytes: Int) throws {
        var status = stat()
        if path != "-" {
            guard unsafe stat(path, &status) == 0 else {
                throw LoadError.reading(path, errno)
            }
            guard status.st_mode & S_IFMT != S_IFDIR else {
                throw LoadError.cannotRead(path: path, reason: "it is a directory; name a file in it")
            }
        }
        let opened = unsafe path == "-" ? gzdopen(dup(STDIN_FILENO), "rb") : gzopen(path, "rb")
        guard let file = unsafe opened else {
            throw LoadError.reading(path, errno)
        }
        unsafe gzbuffer(file, 1 << 18)
        unsafe self.file = unsafe file
        self.path = path
        self.format = format ?? EdgeFileFormat(ofFileNamed: path) ?? .edges
        self.chunkBytes = chunkBytes
    }

    deinit {
        unsafe gzclose(file)
    }

    /// Reads the next chunk; false at the end of the file.
    ///
    /// - Parameter rows: what the rows are, to find the columns by.
    /// - Throws: ``RowError/unreadable(_:)``, ``LoadError/badHeader(path:reason:)``,
    ///   ``LoadError/readFailed(path:reason:)``.
    func next(into chunk: TextChunk, rows: EdgeFileLayout.Rows) throws -> Bool {
        chunk.count = 0
        chunk.reserve(max(chunkBytes, 2 * rest.count))
        unsafe rest.withUnsafeBufferPointer { bytes in
            if let start = bytes.baseAddress { unsafe chunk.memory.start.update(from: start, count: bytes.count) }
        }
        chunk.count = rest.count
        rest = []
        while true {
            let layout = try layout ?? readHead(rows)
            self.layout = layout
            try fill(chunk)
            if chunk.count == 0 { return false }
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

    private var isAtEnd: Bool { isFileAtEnd && headUsed == head.count }

    /// Reads the start of the file and finds out how the columns stand.
    private func readHead(_ rows: EdgeFileLayout.Rows) throws -> EdgeFileLayout {
        try read(into: head)
        if head.count >= 3, head.memory[0] == 0xEF, head.memory[1] == 0xBB, head.memory[2] == 0xBF {
            unsafe memmove(head.memory.start, head.memory.start + 3, head.count - 3)
            head.count -= 3
        }
        return try EdgeFileLayout(sniffing: head, isWhole: isFileAtEnd, format: format, rows: rows, path: path)
    }

    /// Takes what comes next until the chunk's memory is full, or the file ends.
    private func fill(_ chunk: TextChunk) throws {
        let taken = min(head.count - headUsed, chunk.memory.count - chunk.count)
        unsafe (chunk.memory.start + chunk.count).update(from: head.memory.start + headUsed, count: taken)
        chunk.count += taken
        headUsed += taken
        try read(into: chunk)
    }

    /// Reads from the file until the chunk's memory is full, or the file ends.
    private func read(into chunk: TextChunk) throws {
        while !isFileAtEnd, chunk.count < chunk.memory.count {
            let room = chunk.memory.count - chunk.count
            let count = unsafe gzread(file, chunk.memory.start + chunk.count, UInt32(room))
            guard count >= 0 else {
                let systemCode = errno
                var code: Int32 = 0
                let reason = unsafe gzerror(file, &code).map { unsafe String(cString: $0) } ?? "read error"
                // The system failed; the rows are as good as they were.
                if code == Z_ERRNO { throw LoadError.reading(path, systemCode) }
                throw RowError.unreadable(reason)
            }
            chunk.count += Int(count)
            if count < room {
                // A compressed file that was cut off ends like any other, but for what zlib says.
                var code: Int32 = 0
                _ = unsafe gzerror(file, &code)
                guard code == Z_OK || code == Z_STREAM_END else { throw RowError.unreadable("it is cut off") }
                isFileAtEnd = unsafe gzeof(file) != 0
            }
        }
        bytesRead = unsafe max(bytesRead, Int(gzoffset(file)))
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
