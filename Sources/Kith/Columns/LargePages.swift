import Glibc

/// Pages of 2 MiB for memory that is read here and there, where the system gives them to those who ask.
///
/// A page of 4 KiB that was not used lately costs a walk through the tables of pages on top of the memory itself, and each
/// page a fault when it is first touched. Tables of keys and degrees are used at random and are full, so nothing is wasted.
enum LargePages {
    /// Memory below this is left as it is.
    static let bytesMin = 4 << 20

    /// Asks for them, which is a hint: memory that is small, or a system that has none, stays as it is.
    static func ask(for start: UnsafeMutableRawPointer, _ byteCount: Int) {
        guard byteCount >= bytesMin else { return }
        let pageBytes = sysconf(Int32(_SC_PAGESIZE))
        let skipped = -Int(bitPattern: start) & (pageBytes - 1)
        _ = unsafe madvise(start + skipped, (byteCount - skipped) & -pageBytes, Int32(MADV_HUGEPAGE))
    }
}
