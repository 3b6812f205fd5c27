import Foundation
import Kith

/// The keys in a file, one a line; empty lines are skipped, and so is a byte order mark at the start.
///
/// One thread at a time reads on: hence `@unchecked`.
@safe final class KeyLines: @unchecked Sendable {
    private let file: UnsafeMutablePointer<FILE>
    private var line: UnsafeMutablePointer<CChar>?
    private var capacity = 0
    private let path: String
    private var readError: Int32 = 0
    private var isFirstLine = true
    private static let byteOrderMark: [UInt8] = [0xEF, 0xBB, 0xBF]

    /// Opens `path`; - is standard input.
    init(path: String) throws {
        if path == "-" { try RunningVerb.checkStandardInput() }
        guard let file = unsafe path == "-" ? fdopen(dup(STDIN_FILENO), "r") : fopen(path, "r") else {
            throw LoadError.reading(path, errno)
        }
        unsafe self.file = unsafe file
        self.path = path
    }

    deinit {
        unsafe free(line)
        unsafe fclose(file)
    }

    /// The next key, or nil when there is none.
    func next() throws -> NodeKey? {
        while true {
            let count = unsafe getline(&line, &capacity, file)
            guard count >= 0, let line = unsafe line else {
                // A folder can be opened, and not be read. The system says why once, and others may ask again.
                if readError == 0, unsafe ferror(file) != 0 { readError = errno }
                if readError == 0 { return nil }
                throw LoadError.reading(path, readError)
            }
            var bytes = unsafe UnsafeBufferPointer(start: UnsafePointer(line), count: count).map {
                UInt8(bitPattern: $0)
            }
            if isFirstLine, bytes.starts(with: KeyLines.byteOrderMark) {
                bytes.removeFirst(KeyLines.byteOrderMark.count)
            }
            isFirstLine = false
            while let last = bytes.last, last == 10 || last == 13 { bytes.removeLast() }
            if bytes.isEmpty { continue }
            guard let text = String(validating: bytes, as: UTF8.self) else { throw NodeKeyError.notUTF8 }
            return try parseKey(text)
        }
    }
}
