import Foundation

/// A small file system of its own, where the process may make one.
public final class SmallDisk {
    /// Where it is mounted.
    public let path: String

    /// Whether this process may mount.
    public static let isPossible: Bool = {
        guard getuid() == 0, let disk = try? SmallDisk(bytes: 1 << 20) else { return false }
        return FileManager.default.fileExists(atPath: disk.path)
    }()

    /// Mounts one of a size.
    public init(bytes: Int) throws {
        path = NSTemporaryDirectory() + "small-disk-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        try SmallDisk.run("mount", "-t", "tmpfs", "-o", "size=\(bytes)", "tmpfs", path)
    }

    /// Lets nobody write to it any more.
    public func remountReadOnly() throws { try SmallDisk.run("mount", "-o", "remount,ro", path) }

    /// Takes so much room, or all there is, by a file that ``makeRoom()`` removes.
    public func fill(bytesMax: Int = .max) {
        let descriptor = open(ballast, O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
        defer { close(descriptor) }
        let page = [UInt8](repeating: 0, count: 4_096)
        var written = 0
        while written < bytesMax {
            let count = write(descriptor, page, page.count)
            if count <= 0 { return }
            written += count
        }
    }

    /// Gives the room back that ``fill(bytesMax:)`` took.
    ///
    /// Emptied before it loses its name: a process that another test was starting meanwhile may have the file open still.
    public func makeRoom() {
        truncate(ballast, 0)
        unlink(ballast)
    }

    private var ballast: String { path + "/ballast" }

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
