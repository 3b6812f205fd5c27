import Glibc

/// A file of rows as a stream of chunks: a file or standard input, unwrapped by ``ByteCoding``s. One thread at a time.
///
/// A chunk ends where a record ends, as the format's ``RecordReader`` tells; so a record of more than ``recordBytesMax``
/// bytes is passed over, all but its start, which is turned down as a row.
@safe final class EdgeFileSource {
    /// A record longer than this is a file of another kind, not a row.
    static let recordBytesMax = 1 << 20

    /// Enough for the rows that tell how a file is laid out, unless they are very long: then as many as there are in it.
    private static let headBytes = 1 << 16

    let path: String
    /// What the caller said of its format.
    private let format: EdgeFileFormat?
    private let dialect: FileDialect
    private let codings: [any ByteCoding]
    private let rows: DecodedRows
    private var bytes: any ByteSource
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
    /// What the file was found to be; known from the first chunk on.
    private(set) var recognition: Recognition?
    /// What it was unwrapped of, from the outside in.
    private var unwrapped: [String] = []
    /// How many bytes of the file were read: compressed ones, if it is compressed.
    var bytesRead: Int { bytes.fileBytesRead }

    /// What a file was found to be.
    struct Recognition: Sendable {
        let format: EdgeFileFormat
        /// How it is laid out.
        let reader: any RecordReader
        /// What it was unwrapped of, from the outside in.
        let unwrapped: [String]
        /// Whether its text was made from a document, so that the lines of the text are not those of the file.
        let isDocument: Bool
        /// What is to be said of how it is read.
        let remarks: [String]
    }

    /// Opens `path`, or standard input for `-`.
    ///
    /// - Parameters:
    ///   - format: how its rows are written; by its name, or by how it begins, when nil.
    ///   - codings: what it may be wrapped in, beside gzip.
    ///   - rows: what its rows are taken for.
    /// - Throws: ``LoadError/cannotRead(path:reason:)``, ``LoadError/readFailed(path:reason:)``.
    init(
        opening path: String, format: EdgeFileFormat?, dialect: FileDialect, codings: [any ByteCoding],
        holding rows: DecodedRows, chunkBytes: Int
    ) throws {
        self.path = path
        self.format = format
        self.dialect = dialect
        self.codings = [GzipCoding()] + codings
        self.rows = rows
        self.chunkBytes = chunkBytes
        bytes = try FileBytes(opening: path)
    }

    /// Reads the next chunk; false at the end of the file.
    ///
    /// - Parameters:
    ///   - shape: what its rows may say.
    ///   - kinds: what its rows name.
    /// - Throws: ``RowError/unreadable(_:)``, ``LoadError/badHeader(path:reason:)``,
    ///   ``LoadError/otherFormat(path:reason:)``, ``LoadError/readFailed(path:reason:)``.
    func next(into chunk: TextChunk, shape: RowShape, kinds: RowKinds?) throws -> Bool {
        chunk.reserve(max(chunkBytes, 2 * rest.count))
        chunk.set(rest)
        chunk.offset = offset
        rest = []
        let recognition = try recognition ?? readHead(shape, kinds)
        self.recognition = recognition
        let reader = recognition.reader
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

    /// Reads the start of the file, unwraps it, and finds out how it is laid out.
    private func readHead(_ shape: RowShape, _ kinds: RowKinds?) throws -> Recognition {
        let ownFormat = try readText()
        let named = ownFormat ?? EdgeFileFormat(ofFileNamed: path)
        unsafe try ForeignFormat.refuse(path, beginningWith: head.text, given: format, named: named)
        var head = FileHead(text: head, isWhole: isFileAtEnd, path: path)
        head.dialect = dialect
        head.kinds = kinds
        head.headerText = try dialect.headerFile.map { try EdgeFileSource.firstLine(of: $0) }
        let found = ownFormat ?? format ?? EdgeFileFormat(ofFileWith: head, named: named)
        let said = dialect.saidOfColumns
        guard said.isEmpty || found.format.contents.contains(.columns) else {
            throw LoadError.badHeader(
                path: path,
                reason: "\(found.plural) have no columns, and \(said.joined(separator: ", ")) are said of them")
        }
        let reader = try found.format.makeReader(of: head, for: shape)
        var remarks = reader.remarks
        if let named, format == nil, named != found {
            remarks.insert(
                "by its name it is one of the \(named.plural), by what stands in it one of the \(found.plural)", at: 0)
        }
        return Recognition(
            format: found, reader: reader, unwrapped: unwrapped, isDocument: ownFormat != nil, remarks: remarks)
    }

    /// Reads the start of the text, behind the byte order mark and the lines that are passed over.
    ///
    /// - Returns: the format of the text, where a coding says it.
    private func readText() throws -> EdgeFileFormat? {
        try read(into: head)
        let format = try unwrap()
        if head.count >= 3, head.memory[0] == 0xEF, head.memory[1] == 0xBB, head.memory[2] == 0xBF { dropFromHead(3) }
        try skipLines(dialect.skippedLines)
        try read(into: head)
        return format
    }

    /// Passes over lines at the start of the text, however many and however long.
    private func skipLines(_ count: Int) throws {
        var (left, start) = (count, 0)
        while left > 0 {
            let end = unsafe LineEnds.find(head.text, start)
            if unsafe LineEnds.isOpen(head.text, end), !isFileAtEnd {
                // The rest of the head is the start of this line; what may be the start of its line end is kept.
                dropFromHead(end)
                start = 0
                try read(into: head)
            } else {
                start = unsafe LineEnds.next(head.text, end)
                left -= 1
            }
        }
        dropFromHead(start)
    }

    private func dropFromHead(_ count: Int) {
        unsafe memmove(head.memory.start, head.memory.start + count, head.count - count)
        head.count -= count
    }

    /// The first line of a file of the header.
    private static func firstLine(of path: String) throws -> [UInt8] {
        let source = try EdgeFileSource(
            opening: path, format: .edges, dialect: FileDialect(), codings: [], holding: .nodes, chunkBytes: headBytes)
        _ = try source.readText()
        return unsafe Array(source.head.text[..<LineEnds.find(source.head.text, 0)])
    }

    /// Puts a decoder between the file and its rows for each coding that it is wrapped in, and reads the start of what they
    /// give. Each coding is unwrapped once: a file may hold itself.
    ///
    /// - Returns: the format of the text, where a coding says it.
    private func unwrap() throws -> EdgeFileFormat? {
        var codings = codings
        while let index = codings.firstIndex(where: isWrapped) {
            let coding = codings.remove(at: index)
            let decoder = try coding.makeDecoder(ofFile: path, holding: rows)
            bytes = DecodedBytes(decoder, of: bytes, behind: head, isWhole: isFileAtEnd)
            unwrapped.append(coding.name)
            head.count = 0
            isFileAtEnd = false
            try read(into: head)
            if let format = coding.format { return format }
        }
        return nil
    }

    private func isWrapped(in coding: any ByteCoding) -> Bool {
        unsafe (coding.format == nil || format == nil || format == coding.documentFormat)
            && coding.isRecognized(by: UnsafeRawBufferPointer(head.text))
    }

    /// Takes what comes next until the chunk's memory is full, or the file ends.
    private func fill(_ chunk: TextChunk) throws {
        let taken = min(head.count - headUsed, chunk.memory.count - chunk.count)
        unsafe (chunk.memory.start + chunk.count).update(from: head.memory.start + headUsed, count: taken)
        chunk.count += taken
        headUsed += taken
        try read(into: chunk)
    }

    /// Reads until the chunk's memory is full, or the file ends.
    private func read(into chunk: TextChunk) throws {
        guard !isFileAtEnd else { return }
        let room = unsafe UnsafeMutableRawBufferPointer(
            start: chunk.memory.start + chunk.count, count: chunk.memory.count - chunk.count)
        let count = unsafe try bytes.read(into: room)
        chunk.count += count
        isFileAtEnd = count < room.count
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
