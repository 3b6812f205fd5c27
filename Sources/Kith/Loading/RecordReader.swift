import CZlib
import Glibc

/// Splits a file into records of fields, as a stream: plain or gzip, a file or standard input.
///
/// One record at a time is in memory, its bytes in one buffer and its fields as ranges of it; both are reused. Lines end
/// with LF or CRLF; a byte-order mark at the start is skipped. zlib reads what is not compressed as it is.
@safe struct RecordReader: ~Copyable {
    /// How fields are told apart.
    enum Separator: Sendable, Hashable {
        /// One byte between fields; with `quotes`, fields may stand in double quotes as RFC 4180 says, line ends included.
        case byte(UInt8, quotes: Bool)
        /// Any run of spaces and tabs.
        case whitespace
    }

    private static let chunkBytes = 1 << 18
    /// A record longer than this is a file of another kind, not a row.
    static let recordBytesMax = 1 << 20

    private let file: gzFile
    private var chunk: [UInt8]
    private var chunkCount = 0
    private var chunkOffset = 0
    private var isAtStart = true
    /// The line the record starts at, from 1.
    private(set) var line = 0
    private var nextLine = 1
    /// The bytes of the record, quotes taken off.
    private(set) var bytes: [UInt8] = []
    /// Its fields, as ranges of ``bytes``.
    private(set) var fields: [Range<Int>] = []

    /// Opens `path`, or standard input for `-`.
    ///
    /// - Throws: ``LoadError/cannotRead(path:reason:)``.
    init(opening path: String) throws {
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
        unsafe self.file = unsafe file
        chunk = Array(repeating: 0, count: RecordReader.chunkBytes)
    }

    deinit {
        unsafe gzclose(file)
    }

    /// The next byte, or nil at the end.
    private mutating func nextByte() throws -> UInt8? {
        if chunkOffset == chunkCount {
            let count = unsafe chunk.withUnsafeMutableBytes { bytes in
                unsafe gzread(file, bytes.baseAddress, UInt32(bytes.count))
            }
            guard count >= 0 else {
                var code: Int32 = 0
                let reason = unsafe gzerror(file, &code).map { unsafe String(cString: $0) } ?? "read error"
                throw RowError.unreadable(reason)
            }
            chunkCount = Int(count)
            chunkOffset = 0
            if count == 0 { return nil }
            if isAtStart {
                isAtStart = false
                if chunkCount >= 3, chunk[0] == 0xEF, chunk[1] == 0xBB, chunk[2] == 0xBF { chunkOffset = 3 }
                if chunkOffset == chunkCount { return try nextByte() }
            }
        }
        defer { chunkOffset += 1 }
        return chunk[chunkOffset]
    }

    /// Reads the next line into ``bytes`` whole; false at the end.
    mutating func readLine() throws -> Bool {
        line = nextLine
        bytes.removeAll(keepingCapacity: true)
        fields.removeAll(keepingCapacity: true)
        guard var byte = try nextByte() else { return false }
        while byte != UInt8(ascii: "\n") {
            bytes.append(byte)
            guard bytes.count <= RecordReader.recordBytesMax else { throw RowError.recordTooLong }
            guard let next = try nextByte() else { break }
            byte = next
        }
        nextLine += 1
        if bytes.last == UInt8(ascii: "\r") { bytes.removeLast() }
        return true
    }

    /// Splits the line in ``bytes`` into ``fields``; a quoted field that is still open takes in the next lines.
    mutating func split(by separator: Separator) throws {
        fields.removeAll(keepingCapacity: true)
        switch separator {
        case .whitespace:
            var start: Int?
            for (index, byte) in bytes.enumerated() {
                let isSpace = byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t")
                if isSpace, let from = start {
                    fields.append(from..<index)
                    start = nil
                } else if !isSpace, start == nil {
                    start = index
                }
            }
            if let start { fields.append(start..<bytes.count) }
        case .byte(let delimiter, let quotes):
            if quotes, bytes.contains(UInt8(ascii: "\"")) {
                try splitQuoted(delimiter)
                return
            }
            var start = 0
            for (index, byte) in bytes.enumerated() where byte == delimiter {
                fields.append(start..<index)
                start = index + 1
            }
            fields.append(start..<bytes.count)
        }
    }

    /// RFC 4180: a field in quotes may hold delimiters, line ends, and quotes written twice.
    private mutating func splitQuoted(_ delimiter: UInt8) throws {
        let quote = UInt8(ascii: "\"")
        let firstLine = line
        var raw = bytes
        var plain: [UInt8] = []
        var found: [Range<Int>] = []
        var index = 0
        while true {
            let start = plain.count
            if index < raw.count, raw[index] == quote {
                index += 1
                while true {
                    if index == raw.count {
                        guard try readLine() else { throw RowError.openQuote }
                        raw.append(UInt8(ascii: "\n"))
                        raw.append(contentsOf: bytes)
                        guard raw.count <= RecordReader.recordBytesMax else { throw RowError.recordTooLong }
                    } else if raw[index] != quote {
                        plain.append(raw[index])
                        index += 1
                    } else if index + 1 < raw.count, raw[index + 1] == quote {
                        plain.append(quote)
                        index += 2
                    } else {
                        index += 1
                        break
                    }
                }
                guard index == raw.count || raw[index] == delimiter else { throw RowError.textAfterQuote }
            } else {
                while index < raw.count, raw[index] != delimiter {
                    plain.append(raw[index])
                    index += 1
                }
            }
            found.append(start..<plain.count)
            if index >= raw.count { break }
            index += 1
        }
        bytes = plain
        fields = found
        line = firstLine
    }
}
