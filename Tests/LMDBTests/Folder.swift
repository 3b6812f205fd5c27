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

/// A small file system of its own, where the process may make one.
final class SmallDisk {
    let path: String

    /// Whether this process may mount.
    static let isPossible: Bool = {
        guard getuid() == 0, let disk = try? SmallDisk(bytes: 1 << 20) else { return false }
        return FileManager.default.fileExists(atPath: disk.path)
    }()

    init(bytes: Int, options: String = "") throws {
        path = NSTemporaryDirectory() + "lmdb-disk-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        try SmallDisk.run("mount", "-t", "tmpfs", "-o", "size=\(bytes)" + options, "tmpfs", path)
    }

    func remountReadOnly() throws { try SmallDisk.run("mount", "-o", "remount,ro", path) }

    deinit {
        try? SmallDisk.run("umount", "-l", path)
        try? FileManager.default.removeItem(atPath: path)
    }

    private static func run(_ arguments: String...) throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = arguments
        process.standardError = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw CocoaError(.featureUnsupported) }
    }
}
