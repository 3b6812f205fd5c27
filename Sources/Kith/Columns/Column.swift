/// Memory for many equal elements, outside of Swift's arrays: not set to zero first, shared between threads.
///
/// **Unsafety:** `@unchecked`, because threads agree among themselves who writes which part; see the users.
@safe final class Column<Element: BitwiseCopyable>: @unchecked Sendable {
    let start: UnsafeMutablePointer<Element>
    let count: Int

    /// Memory that holds anything.
    init(count: Int) {
        unsafe start = .allocate(capacity: max(count, 1))
        self.count = count
        unsafe LargePages.ask(for: start, byteCount)
    }

    /// Memory that holds `element` everywhere.
    convenience init(repeating element: Element, count: Int) {
        self.init(count: count)
        unsafe start.initialize(repeating: element, count: count)
    }

    deinit {
        unsafe start.deallocate()
    }

    var byteCount: Int { count * MemoryLayout<Element>.stride }

    subscript(index: Int) -> Element {
        @inline(__always) get {
            assert((0..<count).contains(index))
            return unsafe start[index]
        }
        @inline(__always) set {
            assert((0..<count).contains(index))
            unsafe start[index] = newValue
        }
    }
}
