import Glibc

/// What the system says when it refuses a call, and the limit that was reached where it is one.
///
/// `EMFILE` alone is "Too many open files", which does not say of whom, how many are too many, nor what to do.
package struct Refusal: Hashable, Sendable, CustomStringConvertible {
    /// The number of the error.
    package let code: Int32

    package init(_ code: Int32) { self.code = code }

    /// One clause: what the system said, the limit, what to do.
    package var description: String {
        let said = unsafe String(cString: strerror(code))
        switch code {
        case EMFILE:
            let limit = Refusal.limit(RLIMIT_NOFILE).map { " to \($0)" } ?? ""
            return "\(said): `ulimit -n` limits this process\(limit); raise it, or use fewer threads"
        case EFBIG, EIO:
            // LMDB calls a write that ends at the limit an error of the device.
            guard let bytes = Refusal.limit(RLIMIT_FSIZE) else { return said }
            return "\(said): `ulimit -f` limits the files of this process to \(bytes >> 10) KiB; raise it"
        case ENFILE: return "\(said) on the whole machine; close some, or raise fs.file-max"
        case ENOMEM:
            guard let bytes = Refusal.limit(RLIMIT_AS) else { return "\(said); end other programs, or add memory" }
            return "\(said): `ulimit -v` limits the memory of this process to \(bytes >> 20) MiB; raise it"
        case EAGAIN:
            // A stack that finds no room is told of in the same way.
            if let bytes = Refusal.limit(RLIMIT_AS) {
                return
                    "\(said): `ulimit -v` limits the memory of this process to \(bytes >> 20) MiB, and `ulimit -u` the"
                    + " threads of this user; raise them, or use fewer threads"
            }
            let limit = Refusal.limit(__RLIMIT_NPROC).map { " to \($0)" } ?? ""
            return "\(said): `ulimit -u` limits the threads of this user\(limit), and a container may have fewer;"
                + " raise the limit, end other programs, or use fewer threads"
        default: return said
        }
    }

    /// The limit of a resource of this process; nil where there is none.
    package static func limit(_ resource: __rlimit_resource) -> Int? {
        var limit = rlimit()
        guard unsafe getrlimit(__rlimit_resource_t(resource.rawValue), &limit) == 0 else { return nil }
        return limit.rlim_cur == rlim_t.max ? nil : Int(clamping: limit.rlim_cur)
    }
}
