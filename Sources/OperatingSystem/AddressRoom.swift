import Glibc

/// The memory that this process may still address, where `ulimit -v` limits it.
///
/// Swift ends the process where memory cannot be had. So whoever is about to need much asks here first, and can say so.
package enum AddressRoom {
    /// In bytes; nil where there is no limit, or the system does not tell what is in use.
    package static var bytesLeft: Int? {
        guard let limit = Refusal.limit(RLIMIT_AS) else { return nil }
        let file = unsafe open("/proc/self/statm", O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return nil }
        defer { close(file) }
        // The first number is what is addressed, in pages.
        let text = unsafe withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 128) { bytes in
            let count = unsafe read(file, bytes.baseAddress, bytes.count)
            return unsafe String(decoding: bytes[..<max(0, count)], as: UTF8.self)
        }
        guard let pages = text.split(separator: " ").first.flatMap({ Int($0) }) else { return nil }
        return max(0, limit - pages * sysconf(Int32(_SC_PAGESIZE)))
    }
}
