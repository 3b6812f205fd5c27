import Glibc
import LMDB

/// The one way in which an output is opened: a file that has its name when it is whole and on the disk, or a stream.
///
/// | what the name leads to | what is done |
/// |---|---|
/// | nothing, or a regular file | a ``TemporaryFile`` is written, and takes the name in ``finish()``; the old file stays until then |
/// | the same, where what was written so far is of use | it is written in place, from its start or from its end |
/// | a pipe, a terminal, a device; `/dev/stdout`, `/dev/fd/3` | it is written as it is; of it nothing can be left half done |
///
/// Whatever is protected is refused before anything is opened for writing. A new file is as private as its source; one that
/// replaces another keeps its owner and group too, as far as this user may give them, and is never more open than either.
package final class OutputFile {
    /// Who may read a file that is made.
    package enum Access: Sendable, Hashable {
        /// Nobody who may not read a file of this mode, as far as umask(2) allows.
        case asPrivate(as: UInt32)
        /// Exactly these permissions.
        case exactly(UInt32)

        /// What everybody's new files have.
        package static let usual = Access.asPrivate(as: 0o666)

        /// As private as the store at `path`, or as a new one where there is none yet.
        package static func ofStore(at path: String) -> Access {
            var status = stat()
            guard unsafe stat(path, &status) == 0 else { return .asPrivate(as: 0o600) }
            return .asPrivate(as: UInt32(status.st_mode) & 0o666)
        }

        /// Lets whoever may read the files of a new folder into it.
        ///
        /// - Throws: `LMDBError`.
        func openFolder(_ path: String) throws(LMDBError) {
            var status = stat()
            guard unsafe stat(path, &status) == 0 else { throw LMDBError(code: errno) }
            let wanted = mode | (mode & 0o444) >> 2 | 0o700
            let made =
                switch self {
                case .asPrivate: status.st_mode & wanted
                case .exactly: wanted
                }
            guard unsafe chmod(path, made & 0o777) == 0 else { throw LMDBError(code: errno) }
        }

        fileprivate var mode: mode_t {
            switch self {
            case .asPrivate(let mode), .exactly(let mode): mode_t(mode)
            }
        }
    }

    /// What becomes of an output that is not finished.
    package enum Unfinished: Sendable {
        /// It is gone, and what was there is as it was.
        case discarded
        /// It stays under its name, if anything was written, and can be gone on with. It is written from the start, or
        /// behind what is there.
        case kept(appending: Bool)
    }

    /// What is written to.
    package let descriptor: Int32
    private let path: String
    private let access: Access
    private let temporary: TemporaryFile?
    private let replaced: FileAttributes?
    /// Whether the file was made here and is not finished: it goes when it is still empty.
    private var isNew = false

    /// Opens an output.
    ///
    /// - Parameter protected: what it may not be.
    /// - Throws: ``GraphStoreError/outputIsInput(output:input:)``, ``GraphStoreError/outputIsStore(output:)``,
    ///   ``GraphStoreError/busy(path:reason:)`` when another thread of this process makes the same file,
    ///   ``LoadError/cannotWrite(path:reason:)``.
    package init(
        at path: String, access: Access, protected: ProtectedFiles, unfinished: Unfinished = .discarded
    ) throws {
        self.path = path
        self.access = access
        if let open = OutputFile.descriptor(named: path) {
            try protected.check(open, named: path)
            descriptor = fcntl(open, F_DUPFD_CLOEXEC, 0)
            (temporary, replaced) = (nil, nil)
            guard descriptor >= 0 else { throw OutputFile.failure(path) }
            return
        }
        try protected.check(path)
        var status = stat()
        let isThere = unsafe stat(path, &status) == 0
        guard isThere || errno == ENOENT else { throw OutputFile.failure(path) }
        guard !isThere || status.st_mode & S_IFMT != S_IFDIR else {
            throw LoadError.cannotWrite(path: path, reason: "it is a folder; name a file in it")
        }
        guard unsafe !isThere || Glibc.access(path, W_OK) == 0 else { throw OutputFile.failure(path) }
        let isRegular = !isThere || status.st_mode & S_IFMT == S_IFREG
        if isRegular, case .discarded = unfinished {
            let temporary: TemporaryFile
            do {
                replaced = isThere ? try FileAttributes(of: path) : nil
                temporary = try TemporaryFile(for: path)
            } catch let error as LMDBError {
                throw OutputFile.failure(path, error)
            }
            self.temporary = temporary
            descriptor = unsafe open(temporary.path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, access.mode)
            guard descriptor >= 0 else { throw OutputFile.failure(path) }
            return
        }
        (temporary, replaced) = (nil, nil)
        var flags = O_WRONLY | O_CLOEXEC | (isRegular ? O_CREAT : 0)
        if case .kept(appending: true) = unfinished { flags |= O_APPEND }
        descriptor = unsafe open(path, flags, access.mode)
        guard descriptor >= 0 else { throw OutputFile.failure(path) }
        if isRegular {
            isNew = !isThere
            // The file that was opened is known better than its name.
            try protected.check(descriptor, named: path)
            try restrict()
            if case .kept(appending: false) = unfinished, ftruncate(descriptor, 0) != 0 {
                throw OutputFile.failure(path)
            }
        }
    }

    deinit {
        var status = stat()
        if isNew, unsafe fstat(descriptor, &status) == 0, status.st_size == 0 { _ = unsafe unlink(path) }
        if descriptor >= 0 { close(descriptor) }
    }

    /// Gives the file its name, when all of it was written.
    ///
    /// - Throws: ``LoadError/cannotWrite(path:reason:)``; the file that was there is as it was then.
    package func finish() throws {
        isNew = false
        guard let temporary else { return }
        do {
            if var replaced {
                replaced.mode &= access.mode
                try replaced.give(to: descriptor, at: path, orElse: .narrow)
            }
            if case .exactly(let mode) = access, fchmod(descriptor, mode_t(mode)) != 0 {
                throw LMDBError(code: errno)
            }
            guard fsync(descriptor) == 0, unsafe rename(temporary.path, temporary.destination) == 0 else {
                throw LMDBError(code: errno)
            }
            try TemporaryFile.syncFolder(of: temporary.destination)
        } catch let error as LMDBError {
            throw OutputFile.failure(path, error)
        }
    }

    /// Sees to it that a file which is written in place is not more open than its source.
    private func restrict() throws {
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0 else { throw OutputFile.failure(path) }
        let mode = status.st_mode & 0o777
        let wanted =
            switch access {
            case .asPrivate: mode & (access.mode | 0o111)
            case .exactly: access.mode
            }
        guard mode == wanted || fchmod(descriptor, wanted) == 0 else {
            throw LoadError.cannotWrite(
                path: path,
                reason: "more users may read it than the store, and it belongs to another user; name another file")
        }
    }

    /// The open file that a name stands for, as /dev/stdout and /dev/fd/3 do.
    ///
    /// To open such a name would open the file behind it a second time, at its start: what others write there would be lost.
    private static func descriptor(named path: String) -> Int32? {
        let own = "/proc/\(getpid())/fd/"
        var path = path
        for _ in 0..<8 {
            let folder = TemporaryFile.destination(of: TemporaryFile.folder(of: path))
            let name = path.split(separator: "/").last.map(String.init) ?? ""
            if folder + "/" == own { return Int32(name) }
            guard let target = TemporaryFile.linkTarget(of: path) else { return nil }
            path = target.hasPrefix("/") ? target : folder + "/" + target
        }
        return nil
    }

    static let folderReason =
        "it and its folder need to be writable, because a file is made beside its name; name another, or use standard output"

    /// What the system says just now of writing to `path`.
    static func failure(_ path: String) -> LoadError { failure(path, LMDBError(code: errno)) }

    static func failure(_ path: String, _ error: LMDBError) -> LoadError {
        let reason =
            switch error {
            case .system(ENOENT): "its folder is missing"
            case .system(EACCES), .system(EPERM), .system(EROFS): "\(error); \(folderReason)"
            case .diskFull: "there is no room left on the disk"
            default: "\(error)"
            }
        return .cannotWrite(path: path, reason: reason)
    }
}
