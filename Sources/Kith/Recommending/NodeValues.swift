import Glibc

/// A number for each node, computed when first asked for and kept for as long as the graph stays as it is: degrees, norms.
///
/// **Invariant:** zero means not computed. Memory of nodes never asked for is never backed by the system.
/// **Unsafety:** raw memory from `calloc`, because large blocks of zeros come without being written; every id is checked
/// against the capacity.
@safe final class NodeValues: @unchecked Sendable {
    /// What the numbers say of a node's list.
    enum Meaning: Equatable {
        /// How many neighbours it has.
        case size
        /// The square root of that.
        case rootSize
        /// The norm of its row of weights times idf.
        case norm
        /// How rare the node is in the lists that name it.
        case idf
        /// What a path through the node adds by a formula that looks at the sizes of these lists of it.
        case amount(TwoHopScore, tables: [String])
    }

    private let capacity: Int
    private let meaning: Meaning
    private let steps: [(type: Int, direction: EdgeDirection)]
    private let aging: EdgeAging
    private let commit: UInt64
    private let values: UnsafeMutablePointer<Double>

    /// Room for the numbers of `capacity` nodes.
    ///
    /// - Parameters:
    ///   - meaning: what the numbers are, made of the lists of `hop` with the weights of `aging`.
    ///   - commit: of which state of the graph.
    init(_ meaning: Meaning, _ hop: HopTables, _ aging: EdgeAging, _ commit: UInt64, capacity: Int) {
        self.meaning = meaning
        steps = hop.steps.map { ($0.edges.index, $0.direction) }
        self.aging = aging
        self.commit = commit
        self.capacity = max(capacity, 1)
        guard let memory = unsafe calloc(self.capacity, MemoryLayout<Double>.stride) else {
            preconditionFailure("out of memory for the values of \(capacity) nodes")
        }
        unsafe values = memory.bindMemory(to: Double.self, capacity: self.capacity)
    }

    deinit { unsafe free(values) }

    /// Whether the numbers are of this state of the graph.
    func isOf(_ commit: UInt64) -> Bool { self.commit == commit }

    /// Whether the numbers are what is asked for.
    func matches(_ meaning: Meaning, _ hop: HopTables, _ aging: EdgeAging, _ commit: UInt64) -> Bool {
        self.commit == commit && self.meaning == meaning && self.aging == aging
            && steps.elementsEqual(hop.steps) { $0.type == $1.edges.index && $0.direction == $1.direction }
    }

    /// The number of `node`, by `compute` when it is asked for the first time.
    @inline(__always)
    func value(of node: UInt32, _ compute: () throws -> Double) rethrows -> Double {
        // Damaged lists name what is not there; the numbers are right all the same.
        guard node < capacity else { return try compute() }
        let known = unsafe values[Int(node)]
        if known != 0 { return known }
        let value = try compute()
        unsafe values[Int(node)] = value
        return value
    }
}
