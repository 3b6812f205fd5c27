import Foundation
import Kith

/// A small file that a verb reads whole: a schema, a request.
enum InputFile {
    /// The text in the file at `path`, without the byte order mark that some programs put before it; - is standard input.
    ///
    /// - Throws: ``LoadError/cannotRead(path:reason:)``, ``LoadError/readFailed(path:reason:)``, ``UsageError``.
    static func text(of path: String) throws -> Data { try contents(of: path).withoutByteOrderMark }

    /// What is in the file at `path`; - is standard input.
    ///
    /// - Throws: ``LoadError/cannotRead(path:reason:)``, ``LoadError/readFailed(path:reason:)``, ``UsageError``.
    static func contents(of path: String) throws -> Data {
        if path == "-" { try RunningVerb.checkStandardInput() }
        return Data(try FileBytes.contents(of: path))
    }
}
