import Kith

/// The keys in a file, one a line; empty lines are skipped, and so is a byte order mark at the start.
///
/// Lines end as they do in files of rows: with LF, CR LF, CR CR LF or a CR by itself. One thread at a time reads on: hence
/// `@unchecked`.
final class KeyLines: @unchecked Sendable {
    private let file: FileBytes
    /// What was read: what is before `start` was handed on.
    private var text: [UInt8] = []
    private var start = 0
    private var (isAtEnd, isFirstLine) = (false, true)
    /// Why the file cannot be read on: the system says so once, and others may ask again.
    private var failure: (any Error)?

    private static let pieceBytes = 1 << 16

    /// Opens `path`; - is standard input.
    init(path: String) throws {
        if path == "-" { try RunningVerb.checkStandardInput() }
        file = try FileBytes(opening: path)
    }

    /// The next key, or nil when there is none.
    func next() throws -> NodeKey? {
        while var line = try nextLine() {
            if isFirstLine { line = line.withoutByteOrderMark }
            isFirstLine = false
            if line.isEmpty { continue }
            guard let text = String(validating: line, as: UTF8.self) else { throw NodeKeyError.notUTF8 }
            return try parseKey(text)
        }
        return nil
    }

    /// What stands before the next byte that ends a line; nil at the end of the file.
    private func nextLine() throws -> ArraySlice<UInt8>? {
        var searched = start
        while true {
            if let end = text[searched...].firstIndex(where: { $0 == 10 || $0 == 13 }) {
                defer { start = end + 1 }
                return text[start..<end]
            }
            searched = text.count - start
            if isAtEnd {
                defer { start = text.count }
                return start < text.count ? text[start...] : nil
            }
            try readOn()
        }
    }

    /// Reads what there is behind the line that is begun, which then is the first.
    private func readOn() throws {
        if let failure { throw failure }
        text.removeFirst(start)
        start = 0
        var piece = [UInt8](repeating: 0, count: KeyLines.pieceBytes)
        do {
            let count = try unsafe piece.withUnsafeMutableBytes { unsafe try file.readSome(into: $0) }
            isAtEnd = count == 0
            text += piece[..<count]
        } catch {
            failure = error
            throw error
        }
    }
}

extension Collection where Element == UInt8 {
    /// The text without the byte order mark at its start, if it has one.
    var withoutByteOrderMark: SubSequence { starts(with: [0xEF, 0xBB, 0xBF]) ? dropFirst(3) : self[...] }
}
