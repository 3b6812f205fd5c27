import Glibc

/// Dense scratch memory of a walk whose paths weigh differently: per node a number of paths and a sum.
///
/// A node is touched when its number of paths leaves zero, so weights may be anything, also zero or below.
///
/// **Invariant:** between requests every number is zero.
/// **Unsafety:** as ``ScoreAccumulator``; every id is checked by who adds groups of them.
@safe final class PathSums: @unchecked Sendable {
    struct Entry: BitwiseCopyable {
        var sum: Double
        var count: UInt32
    }

    /// Ids below this may be added to.
    let capacity: Int
    private let entries: UnsafeMutablePointer<Entry>
    private let touched: UnsafeMutablePointer<UInt32>
    private(set) var touchedCount = 0

    init(capacity: Int) {
        self.capacity = capacity
        guard let entries = unsafe calloc(capacity, MemoryLayout<Entry>.stride),
            let touched = unsafe calloc(capacity + 1, MemoryLayout<UInt32>.stride)
        else {
            preconditionFailure("out of memory for the sums of \(capacity) nodes")
        }
        unsafe self.entries = entries.bindMemory(to: Entry.self, capacity: capacity)
        unsafe self.touched = touched.bindMemory(to: UInt32.self, capacity: capacity + 1)
    }

    deinit {
        unsafe free(entries)
        unsafe free(touched)
    }

    /// Adds a path of this weight to `node`, which is below ``capacity``.
    @inline(__always)
    func add(_ weight: Double, to node: UInt32) {
        let place = Int(node)
        precondition(place < capacity, "node \(node) is not below \(capacity)")
        let entry = unsafe entries[place]
        unsafe touched[touchedCount] = node
        touchedCount &+= entry.count == 0 ? 1 : 0
        unsafe entries[place] = Entry(sum: entry.sum + weight, count: entry.count &+ 1)
    }

    /// Takes `node` out of the running.
    func exclude(_ node: UInt32) {
        guard node < capacity else { return }
        unsafe entries[Int(node)] = Entry(sum: 0, count: 0)
    }

    /// Visits every node with a path and leaves every number zero.
    func drain(_ visit: (UInt32, Entry) throws -> Void) rethrows {
        // Also when a visit throws.
        var index = 0
        defer {
            while index < touchedCount {
                unsafe entries[Int(touched[index])] = Entry(sum: 0, count: 0)
                index += 1
            }
            touchedCount = 0
        }
        while index < touchedCount {
            let node = unsafe touched[index]
            let entry = unsafe entries[Int(node)]
            unsafe entries[Int(node)] = Entry(sum: 0, count: 0)
            index += 1
            if entry.count > 0 { try visit(node, entry) }
        }
    }
}
