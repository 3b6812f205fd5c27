import Glibc

/// The bytes of a file, or of standard input, as they are. One thread at a time.
package final class FileBytes: ByteSource {
    private let path: String
    private let descriptor: Int32
    private(set) var fileBytesRead = 0

    /// Opens `path`, or standard input for `-`.
    ///
    /// - Throws: ``LoadError/cannotRead(path:reason:)``, ``LoadError/readFailed(path:reason:)``.
    package init(opening path: String) throws(LoadError) {
        let descriptor =
            unsafe path == "-" ? fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0) : open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .reading(path, errno) }
        self.path = path
        self.descriptor = descriptor
        var status = stat()
        if unsafe fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFDIR {
            throw .cannotRead(path: path, reason: "it is a directory; name a file in it")
        }
    }

    /// All of a small file, or of standard input for `-`.
    ///
    /// - Throws: ``LoadError/cannotRead(path:reason:)``, ``LoadError/readFailed(path:reason:)``.
    package static func contents(of path: String) throws(LoadError) -> [UInt8] {
        let file = try FileBytes(opening: path)
        var contents: [UInt8] = []
        let piece = Column<UInt8>(count: 1 << 16)
        let memory = unsafe UnsafeMutableRawBufferPointer(start: piece.start, count: piece.count)
        while true {
            let count = unsafe try file.readSome(into: memory)
            if count == 0 { return contents }
            unsafe contents.append(contentsOf: memory[..<count])
        }
    }

    deinit {
        close(descriptor)
    }

    /// Fills the memory; fewer bytes are read at the end of the file alone.
    ///
    /// - Throws: ``LoadError/cannotRead(path:reason:)``, ``LoadError/readFailed(path:reason:)``.
    package func read(into memory: UnsafeMutableRawBufferPointer) throws(LoadError) -> Int {
        var done = 0
        while done < memory.count {
            let count = unsafe try readSome(into: UnsafeMutableRawBufferPointer(rebasing: memory[done...]))
            if count == 0 { break }
            done += count
        }
        return done
    }

    /// Reads what there is, and waits only where there is nothing: from a pipe it may be less than comes later. 0 at the end.
    ///
    /// - Throws: ``LoadError/cannotRead(path:reason:)``, ``LoadError/readFailed(path:reason:)``.
    package func readSome(into memory: UnsafeMutableRawBufferPointer) throws(LoadError) -> Int {
        while true {
            let count = unsafe Glibc.read(descriptor, memory.baseAddress, memory.count)
            if count >= 0 {
                fileBytesRead += count
                return count
            }
            // A signal may keep a call from reading.
            if errno != EINTR { throw .reading(path, errno) }
        }
    }
}
