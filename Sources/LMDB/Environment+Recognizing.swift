import Glibc
import OperatingSystem

extension Environment {
    /// Whether the file at `path` begins as one of LMDB's data files does, sound or not. It is opened for that, and closed:
    /// not to be asked of a lock file, whose locks would be dropped.
    package static func isDataFile(_ path: String) -> Bool {
        (try? hasMagic(path, at: [0])) ?? false
    }

    /// Whether the file at `path` is one of LMDB's, or what is left of one: it is empty, one of its two meta pages is there,
    /// or a lock file is beside it. It is opened for that, and closed.
    ///
    /// - Throws: ``LMDBError/system(_:)`` when it cannot be read.
    package static func isDataFileOrRemains(_ path: String) throws(LMDBError) -> Bool {
        var status = stat()
        if unsafe stat(path, &status) == 0, status.st_size == 0 { return true }
        if unsafe Glibc.access(LockFile.path(of: path), F_OK) == 0 { return true }
        // The size of a page is that of the machine that made the file.
        return try hasMagic(path, at: [0, 4_096, 16_384, 65_536])
    }

    /// Whether one of the pages, by their places in the file, begins as a meta page does.
    private static func hasMagic(_ path: String, at pages: [Int]) throws(LMDBError) -> Bool {
        let descriptor = unsafe Glibc.open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
        guard descriptor >= 0 else { throw .system(errno) }
        defer { close(descriptor) }
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0 else { throw .system(errno) }
        // A folder and a pipe can be opened, and not read at a place.
        guard [S_IFREG, S_IFBLK].contains(status.st_mode & S_IFMT) else { return false }
        for page in pages {
            var magic: UInt32 = 0
            // Behind the header of the page.
            let count = unsafe withUnsafeMutableBytes(of: &magic) { unsafe preadWhole(descriptor, $0, page + 16) }
            if count < 0 { throw .system(errno) }
            if count == MemoryLayout<UInt32>.size, magic == 0xBEEF_C0DE { return true }
        }
        return false
    }
}
