import Foundation
import Kith

/// A small file that a verb reads whole: a schema, a request.
enum InputFile {
    private static let pieceBytes = 1 << 16

    /// The text in the file at `path`, without the byte order mark that some programs put before it; - is standard input.
    ///
    /// - Throws: ``LoadError/cannotRead(path:reason:)``, ``LoadError/readFailed(path:reason:)``, ``UsageError``.
    static func text(of path: String) throws -> Data { try contents(of: path).withoutByteOrderMark }

    /// What is in the file at `path`; - is standard input.
    ///
    /// - Throws: ``LoadError/cannotRead(path:reason:)``, ``LoadError/readFailed(path:reason:)``, ``UsageError``.
    static func contents(of path: String) throws -> Data {
        if path == "-" { try RunningVerb.checkStandardInput() }
        let file = unsafe path == "-" ? dup(STDIN_FILENO) : open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { throw LoadError.reading(path, errno) }
        defer { close(file) }
        var data = Data()
        var piece = [UInt8](repeating: 0, count: pieceBytes)
        while true {
            let count = unsafe read(file, &piece, piece.count)
            if count == 0 { return data }
            if count > 0 { data += piece[..<count] }
            if count < 0, errno != EINTR { throw LoadError.reading(path, errno) }
        }
    }
}
