import Glibc

/// Memory between two pages that may not be touched: a load that crosses the end, or the start, kills the test.
final class GuardedBytes {
    private let page = Int(sysconf(Int32(_SC_PAGESIZE)))
    private let capacity: Int
    private let mapping: UnsafeMutableRawPointer

    /// Room for `capacity` bytes, rounded up to pages.
    init(capacity: Int = 16_384) throws {
        let rounded = (capacity + page - 1) / page * page
        self.capacity = rounded
        let found = mmap(nil, rounded + 2 * page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
        guard let found, found != MAP_FAILED, mprotect(found + page, rounded, PROT_READ | PROT_WRITE) == 0 else {
            throw SystemError(code: errno)
        }
        mapping = found
    }

    struct SystemError: Error {
        let code: Int32
    }

    deinit {
        munmap(mapping, capacity + 2 * page)
    }

    /// Lends the bytes so that they end where the memory does.
    func atEnd<Result>(_ bytes: [UInt8], _ body: (RawSpan) throws -> Result) rethrows -> Result {
        try lend(bytes, at: capacity - bytes.count, body)
    }

    /// Lends the bytes so that they start where the memory does.
    func atStart<Result>(_ bytes: [UInt8], _ body: (RawSpan) throws -> Result) rethrows -> Result {
        try lend(bytes, at: 0, body)
    }

    private func lend<Result>(
        _ bytes: [UInt8], at offset: Int, _ body: (RawSpan) throws -> Result
    ) rethrows -> Result {
        let place = UnsafeMutableRawBufferPointer(start: mapping + page + offset, count: bytes.count)
        place.copyBytes(from: bytes)
        return try body(RawSpan(_unsafeBytes: UnsafeRawBufferPointer(place)))
    }
}
