import Foundation

/// What this process has given to the kernel to write, and what the disk has written.
///
/// The first is `wchar` of `/proc/self/io`. Its `write_bytes` would be what to look at next, but a kernel that keeps
/// files in large folios counts a whole folio, of up to 2 MiB, for a page of 4 KiB. So the second is what the block
/// device says, which is true, and of all processes: for a machine that does nothing else.
public struct DiskCounters: Sendable {
    /// Bytes given to write calls by this process.
    public private(set) var given = 0.0
    /// Bytes the disk has written, for anyone.
    public private(set) var written = 0.0

    /// Nothing.
    public init() {}

    /// As of now, of the disk that has this folder.
    public init(ofDiskWith folder: String) {
        let io = DiskCounters.text("/proc/self/io").split(separator: "\n").first { $0.hasPrefix("wchar:") }
        given = io.flatMap { Double($0.dropFirst(7)) } ?? .nan
        var status = stat()
        guard stat(folder, &status) == 0 else { fatalError("there is no '\(folder)'") }
        let (major, minor) = ((status.st_dev >> 8) & 0xFFF, (status.st_dev & 0xFF) | ((status.st_dev >> 12) & 0xFFF00))
        // The seventh number: sectors of 512 bytes.
        let numbers = DiskCounters.text("/sys/dev/block/\(major):\(minor)/stat").split(separator: " ")
        written = numbers.count > 6 ? 512 * (Double(numbers[6]) ?? .nan) : .nan
    }

    private static func text(_ path: String) -> String {
        do { return try String(contentsOfFile: path, encoding: .utf8) } catch { return "" }
    }

    /// What was added since.
    public static func - (now: DiskCounters, before: DiskCounters) -> DiskCounters {
        var difference = now
        difference.given -= before.given
        difference.written -= before.written
        return difference
    }

    /// Both together.
    public static func += (sum: inout DiskCounters, other: DiskCounters) {
        sum.given += other.given
        sum.written += other.written
    }
}
