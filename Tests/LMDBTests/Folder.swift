import Foundation
import LMDB

/// A folder of its own for one test.
final class Folder {
    let path = NSTemporaryDirectory() + "lmdb-test-" + UUID().uuidString

    init() throws { try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true) }
    deinit { try? FileManager.default.removeItem(atPath: path) }

    func open(_ name: String = "data", _ change: (inout Environment.Options) -> Void = { _ in }) throws -> Environment {
        try Folder.open(path + "/" + name, change)
    }

    /// Opens a file, also from another process.
    static func open(_ path: String, _ change: (inout Environment.Options) -> Void = { _ in }) throws -> Environment {
        var options = Environment.Options()
        options.createsFile = true
        change(&options)
        return try Environment.open(at: path, options: options)
    }
}

func bytes(_ span: RawSpan?) -> [UInt8]? {
    guard let span else { return nil }
    return span.withUnsafeBytes { Array($0) }
}

func put(_ value: [UInt8], _ key: UInt64, _ database: Database<UInt64>, in environment: Environment) throws {
    var transaction = try environment.beginWrite()
    try transaction.put(value.span.bytes, forKey: key, in: database)
    try transaction.commit()
}
