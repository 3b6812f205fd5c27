import Glibc
import OperatingSystem

extension Environment {
    /// Whether the file at `path` begins as one of LMDB's data files does, sound or not. It is opened for that, and closed:
    /// not to be asked of a lock file, whose locks would be dropped.
    package static func isDataFile(_ path: String) -> Bool {
        let descriptor = unsafe Glibc.open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        return hasMagic(descriptor, at: 0)
    }

    /// Whether the file at `path` is one of LMDB's, or what is left of one: it is empty, one of its two meta pages is there,
    /// or a lock file is beside it. It is opened for that, and closed.
    package static func isDataFileOrRemains(_ path: String) -> Bool {
        var status = stat()
        if unsafe stat(path, &status) == 0, status.st_size == 0 { return true }
        if unsafe Glibc.access(LockFile.path(of: path), F_OK) == 0 { return true }
        let descriptor = unsafe Glibc.open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        // The size of a page is that of the machine that made the file.
        return [0, 4_096, 16_384, 65_536].contains { hasMagic(descriptor, at: $0) }
    }

    private static func hasMagic(_ descriptor: Int32, at page: Int) -> Bool {
        var magic: UInt32 = 0
        // Behind the header of the page.
        let count = unsafe withUnsafeMutableBytes(of: &magic) { unsafe preadWhole(descriptor, $0, page + 16) }
        return count == MemoryLayout<UInt32>.size && magic == 0xBEEF_C0DE
    }
}
