import Glibc
import OperatingSystem

/// The memory that the process may have by `ulimit -v`.
///
/// Where memory cannot be had Swift ends the process with a signal, wherever it is just then. So what is sure not to do is
/// refused before anything is begun.
enum AddressSpace {
    /// What the program, its libraries, a few threads and the map of a small store take: less is addressed by most verbs.
    private static let bytesMin = 512 << 20

    /// There is less than any verb can do with.
    struct TooSmall: Error, CustomStringConvertible {
        let bytes: Int

        var description: String {
            "`ulimit -v` limits the memory of this process to \(bytes >> 20) MiB, and kith needs "
                + "\(AddressSpace.bytesMin >> 20) MiB and as much again as the store; raise it"
        }
    }

    /// - Throws: ``TooSmall``.
    static func check() throws {
        if let bytes = Refusal.limit(RLIMIT_AS), bytes < bytesMin { throw TooSmall(bytes: bytes) }
    }
}
