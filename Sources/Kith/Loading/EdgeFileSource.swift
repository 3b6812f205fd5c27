import CZlib
import Glibc
import OperatingSystem

/// A file of rows as a stream of chunks: plain or gzip, a file or standard input. One thread at a time.
///
/// A chunk ends where a record ends, as the format's ``RecordReader`` tells; so a record of more than ``recordBytesMax``
/// bytes is passed over, all but its start, which is turned down as a row. zlib reads what is not compressed as it is.
@safe final class EdgeFileSource {
    /// A record longer than this is a file of another kind, not a row.
    static let recordBytesMax = 1 << 20

    /// Enough for the rows that tell how a file is laid out, unless they are very long: then as many as there are in it.
    private static let headBytes = 1 << 16

    let path: String
    /// What the caller said of its format.
    private let format: EdgeFileFormat?
    private let dialect: FileDialect
    private let file: gzFile
    private let chunkBytes: Int
    private var rest: [UInt8] = []
    /// What was read to find out how the file is laid out, whatever the size of chunks, and how much of it was handed on.
    private let head = TextChunk(capacity: EdgeFileSource.headBytes)
    private var headUsed = 0
    private var isFileAtEnd = false
    /// Where the next chunk starts in the file.
    private var offset = 0
    /// How many records were handed on, where the reader counts them.
    private var recordCount = 0
    /// How the file is laid out, known from the first chunk on, and in what format.
    private(set) var reader: (any RecordReader)?
    private(set) var foundFormat: EdgeFileFormat?
    /// What is to be said of how it is read, known with ``reader``.
    private(set) var remarks: [String] = []
    /// How many bytes of the file were read: compressed ones, if it is compressed.
    private(set) var bytesRead = 0

    /// Opens `path`, or standard input for `-`.
    ///
    /// - Throws: ``LoadError/cannotRead(path:reason:)``, ``LoadError/readFailed(path:reason:)``.
    init(opening path: String, format: EdgeFileFormat?, dialect: FileDialect = FileDialect(), chunkBytes: Int) throws {
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
        self.format = format
        self.dialect = dialect
        self.chunkBytes = chunkBytes
    }

    deinit {
        unsafe gzclose(file)
    }

    /// Reads the next chunk; false at the end of the file.
    ///
    /// - Parameters:
    ///   - shape: what its rows may say.
    ///   - kinds: what its rows name.
    /// - Throws: ``RowError/unreadable(_:)``, ``LoadError/badHeader(path:reason:)``,
    ///   ``LoadError/readFailed(path:reason:)``.
    func next(into chunk: TextChunk, shape: RowShape, kinds: RowKinds? = nil) throws -> Bool {
        chunk.reserve(max(chunkBytes, 2 * rest.count))
        chunk.set(rest)
        chunk.offset = offset
        rest = []
        let reader = try reader ?? readHead(shape, kinds)
        self.reader = reader
        while true {
            try fill(chunk)
            if chunk.count == 0 { return false }
            let end = isAtEnd ? chunk.count : unsafe reader.lastRecordEnd(chunk.text)
            if end > 0 {
                rest = chunk.cut(at: end)
                offset += end
                countRecords(of: chunk, reader)
                return true
            }
            if chunk.count > EdgeFileSource.recordBytesMax + EdgeFileSource.openLineEndBytesMax {
                try skipLine(of: chunk)
                countRecords(of: chunk, reader)
                return true
            }
            chunk.reserve(2 * chunk.memory.count)
        }
    }

    private func countRecords(of chunk: TextChunk, _ reader: any RecordReader) {
        chunk.recordsBefore = recordCount
        recordCount += unsafe reader.recordCount(chunk.text) ?? 0
    }

    private var isAtEnd: Bool { isFileAtEnd && headUsed == head.count }

    /// Reads the start of the file and finds out how it is laid out.
    private func readHead(_ shape: RowShape, _ kinds: RowKinds?) throws -> any RecordReader {
        try readText()
        var head = FileHead(text: head, isWhole: isFileAtEnd, path: path)
        head.dialect = dialect
        head.kinds = kinds
        head.headerText = try dialect.headerFile.map { try EdgeFileSource.firstLine(of: $0) }
        let named = EdgeFileFormat(ofFileNamed: path)
        let format = format ?? EdgeFileFormat(ofFileWith: head, named: named)
        foundFormat = format
        let said = dialect.saidOfColumns
        guard said.isEmpty || format.format.contents.contains(.columns) else {
            throw LoadError.badHeader(
                path: path,
                reason: "\(format.plural) have no columns, and \(said.joined(separator: ", ")) are said of them")
        }
        let reader = try format.format.makeReader(of: head, for: shape)
        if let named, self.format == nil, named != format {
            remarks.append(
                "by its name it is one of the \(named.plural), by what stands in it one of the \(format.plural)")
        }
        remarks += reader.remarks
        return reader
    }

    /// Reads the start of the text, behind the byte order mark and the lines that are passed over.
    private func readText() throws {
        try read(into: head)
        if head.count >= 3, head.memory[0] == 0xEF, head.memory[1] == 0xBB, head.memory[2] == 0xBF { dropFromHead(3) }
        for _ in 0..<dialect.skippedLines {
            while true {
                let end = unsafe LineEnds.find(head.text, 0)
                guard unsafe LineEnds.isOpen(head.text, end), !isFileAtEnd else {
                    dropFromHead(unsafe LineEnds.next(head.text, end))
                    break
                }
                // All of it is the start of the line.
                dropFromHead(end)
                try read(into: head)
            }
        }
        try read(into: head)
    }

    private func dropFromHead(_ count: Int) {
        unsafe memmove(head.memory.start, head.memory.start + count, head.count - count)
        head.count -= count
    }

    /// The first line of a file of the header.
    private static func firstLine(of path: String) throws -> [UInt8] {
        let source = try EdgeFileSource(opening: path, format: .edges, chunkBytes: headBytes)
        try source.readText()
        return unsafe Array(source.head.text[..<LineEnds.find(source.head.text, 0)])
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

    /// How many bytes at the end of a text may turn out to be the start of a line end: two CRs.
    private static let openLineEndBytesMax = 2

    /// Leaves in the chunk the start of a line that is too long, enough to show that it is, and reads past its end.
    private func skipLine(of chunk: TextChunk) throws {
        let more = TextChunk(capacity: chunkBytes)
        var end = unsafe LineEnds.find(chunk.text, chunk.count - EdgeFileSource.openLineEndBytesMax)
        more.set(chunk.cut(at: end))
        chunk.count = EdgeFileSource.recordBytesMax + 1
        while true {
            offset += end
            try fill(more)
            end = unsafe LineEnds.find(more.text, 0)
            if unsafe isAtEnd || !LineEnds.isOpen(more.text, end) { break }
            more.set(more.cut(at: end))
        }
        end = unsafe LineEnds.next(more.text, end)
        rest = more.cut(at: end)
        offset += end
    }
}
