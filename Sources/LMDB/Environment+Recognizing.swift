import Glibc
import OperatingSystem

extension Environment {
    /// Whether the file at `path` begins as one of LMDB's data files does, sound or not. It is opened for that, and closed:
    /// not to be asked of a lock file, whose locks would be dropped.
    package static func isDataFile(_ path: String) -> Bool {
        let descriptor = unsafe Glibc.open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        var magic: UInt32 = 0
        // Behind the header of the first page.
        let count = unsafe withUnsafeMutableBytes(of: &magic) { unsafe preadWhole(descriptor, $0, 16) }
        return count == MemoryLayout<UInt32>.size && magic == 0xBEEF_C0DE
    }
}
