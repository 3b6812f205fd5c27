import Glibc
import LMDB

/// The files that a command or a call reads or changes: no output of it may be one of them, by whatever name.
///
/// Files are told apart by device and inode, so that symbolic links, hard links, `..` and `/dev/fd` do not hide them; a file
/// that is not there yet by its folder and its name. Besides, no output ever is a store or the lock file of one, whichever.
/// Nothing is opened for writing, or shortened, before all of this is known.
package struct ProtectedFiles {
    private enum Place: Hashable {
        case file(device: UInt64, inode: UInt64)
        case name(device: UInt64, folder: UInt64, name: String)
    }

    private var paths: [String]

    private static let lockSuffix = "-lock"

    /// - Parameters:
    ///   - store: the store that is read or changed, which may not be there yet; its lock file goes with it.
    ///   - inputs: what else is read; `-` is standard input.
    package init(store: String? = nil, inputs: [String] = []) {
        paths = inputs
        if let store { paths += [store, TemporaryFile.destination(of: store) + ProtectedFiles.lockSuffix] }
    }

    /// Refuses an output at `path`, which need not be there.
    ///
    /// - Throws: ``GraphStoreError/outputIsInput(output:input:)``, ``GraphStoreError/outputIsStore(output:)``.
    package func check(_ path: String) throws {
        guard let place = ProtectedFiles.place(of: path) else { return }
        try check(place, path)
        if ProtectedFiles.isStoreOrLock(TemporaryFile.destination(of: path)) {
            throw GraphStoreError.outputIsStore(output: path)
        }
    }

    /// Refuses an output into an open file.
    ///
    /// - Parameter name: how an error names it.
    /// - Throws: ``GraphStoreError/outputIsInput(output:input:)``.
    package func check(_ descriptor: Int32, named name: String) throws {
        guard let place = ProtectedFiles.place(of: descriptor) else { return }
        try check(place, name)
    }

    /// Whether an open file is one of LMDB's.
    package static func isStore(_ descriptor: Int32) -> Bool {
        guard place(of: descriptor) != nil else { return false }
        return Environment.isDataFile("/proc/self/fd/\(descriptor)")
    }

    private func check(_ place: Place, _ name: String) throws {
        guard let input = paths.first(where: { ProtectedFiles.place(of: $0) == place }) else { return }
        throw GraphStoreError.outputIsInput(output: name, input: input)
    }

    /// Where a path leads; nil for what cannot be lost by writing to it, such as a pipe or a terminal.
    private static func place(of path: String) -> Place? {
        if path == "-" { return place(of: STDIN_FILENO) }
        var status = stat()
        if unsafe stat(path, &status) == 0 { return place(status) }
        let destination = TemporaryFile.destination(of: path)
        guard unsafe stat(TemporaryFile.folder(of: destination), &status) == 0 else { return nil }
        let name = destination.split(separator: "/").last.map(String.init) ?? ""
        return .name(device: UInt64(status.st_dev), folder: UInt64(status.st_ino), name: name)
    }

    private static func place(of descriptor: Int32) -> Place? {
        var status = stat()
        return unsafe fstat(descriptor, &status) == 0 ? place(status) : nil
    }

    private static func place(_ status: stat) -> Place? {
        guard [S_IFREG, S_IFBLK].contains(status.st_mode & S_IFMT) else { return nil }
        return .file(device: UInt64(status.st_dev), inode: UInt64(status.st_ino))
    }

    /// Whether a file is one of LMDB's, or has the name of the lock file of one. A lock file is not opened to find out:
    /// closing it would drop the locks that this process has on it.
    private static func isStoreOrLock(_ path: String) -> Bool {
        if path.hasSuffix(lockSuffix) { return isStoreOrLock(String(path.dropLast(lockSuffix.count))) }
        var status = stat()
        guard unsafe stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return false }
        return Environment.isDataFile(path)
    }
}
