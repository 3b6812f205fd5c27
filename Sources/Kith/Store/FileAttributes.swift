import CLinux
import Glibc
import LMDB

/// What a file is beside its bytes: mode, owner, group, access list, and the extended attributes of users.
///
/// An access list goes with the mode, whose bits for the group are the list's mask: a file that got the one without the
/// other would be open to more. Attributes of the system and of security modules are given by them, not copied.
struct FileAttributes {
    /// The permissions.
    var mode: mode_t
    private let owner: uid_t
    private let group: gid_t
    private let extended: [String: [UInt8]]

    private static let accessList = "system.posix_acl_access"

    /// What is done where a process may not give a file to an owner or a group.
    enum Remedy {
        /// The file is not made.
        case refuse
        /// The file is this user's, and open to nobody the other was not open to.
        case narrow
    }

    /// Those of the file at `path`.
    ///
    /// - Throws: `LMDBError`.
    init(of path: String) throws(LMDBError) {
        // Without opening it: closing the lock file of a store would drop its locks.
        var status = stat()
        guard unsafe stat(path, &status) == 0 else { throw LMDBError(code: errno) }
        mode = status.st_mode & 0o777
        owner = status.st_uid
        group = status.st_gid
        extended = try FileAttributes.extended(of: path)
    }

    /// Gives them to an open file, whose bytes are not touched.
    ///
    /// - Parameter path: how an error names the file they are of.
    /// - Throws: ``GraphStoreError/cannotReplace(path:reason:)``, `LMDBError`.
    func give(to descriptor: Int32, at path: String, orElse remedy: Remedy) throws {
        var (mode, extended) = (mode, extended)
        if !isOwned(descriptor) && fchown(descriptor, owner, group) != 0 {
            guard remedy == .narrow else {
                throw GraphStoreError.cannotReplace(
                    path: path,
                    reason:
                        "it belongs to user \(owner) and group \(group), to whom this process may not give a file; run "
                        + "this as that user, a member of the group, or root")
            }
            if fchown(descriptor, uid_t.max, group) != 0 { (mode, extended) = FileAttributes.ungrouped(mode, extended) }
        }
        // A new file may have an access list of its folder's.
        if extended[FileAttributes.accessList] == nil {
            _ = unsafe fremovexattr(descriptor, FileAttributes.accessList)
        }
        for (name, value) in extended where unsafe fsetxattr(descriptor, name, value, value.count, 0) != 0 {
            let code = errno
            guard remedy == .narrow else { throw LMDBError(code: code) }
            // Another file system may have none.
            if name == FileAttributes.accessList { (mode, _) = FileAttributes.ungrouped(mode, [:]) }
        }
        guard fchmod(descriptor, mode) == 0 else { throw LMDBError(code: errno) }
    }

    private func isOwned(_ descriptor: Int32) -> Bool {
        var status = stat()
        return unsafe fstat(descriptor, &status) == 0 && status.st_uid == owner && status.st_gid == group
    }

    /// For a file of another group: it may do what everybody may.
    private static func ungrouped(
        _ mode: mode_t, _ extended: [String: [UInt8]]
    ) -> (mode_t, [String: [UInt8]]) {
        (mode & (0o707 | (mode & 0o007) << 3), extended.filter { $0.key != accessList })
    }

    /// The attributes of users and the access list; none where the file system has none.
    private static func extended(of path: String) throws(LMDBError) -> [String: [UInt8]] {
        let list = unsafe try bytes { unsafe listxattr(path, $0, $1) }
        let names = list.split(separator: 0).map { String(decoding: $0, as: UTF8.self) }
        var extended: [String: [UInt8]] = [:]
        for name in names where name == accessList || name.hasPrefix("user.") {
            extended[name] = unsafe try bytes { unsafe getxattr(path, name, $0, $1) }
        }
        return extended
    }

    /// What a call writes into memory that it is given, as much as it says that it needs.
    private static func bytes(
        _ call: (UnsafeMutablePointer<CChar>?, Int) -> Int
    ) throws(LMDBError) -> [UInt8] {
        let size = call(nil, 0)
        if size < 0, errno == ENOTSUP || errno == ENODATA { return [] }
        guard size >= 0 else { throw LMDBError(code: errno) }
        var bytes = [CChar](repeating: 0, count: size)
        let count = unsafe bytes.withUnsafeMutableBufferPointer { unsafe call($0.baseAddress, $0.count) }
        guard count >= 0 else { throw LMDBError(code: errno) }
        return bytes.prefix(count).map { UInt8(bitPattern: $0) }
    }
}
