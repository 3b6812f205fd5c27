import Synchronization

/// The second hop of a ``TwoHop`` as plain arrays: what many requests to one state of the graph share.
///
/// Lists are decoded once, with what a formula makes of each edge and each intermediate, so a request only adds up.
/// ```
/// ids     [ 3 7 9 | 1 3 | ... ]     candidates of x = 0, of x = 1, ...
/// shares  [ what an edge makes of the amount of its x ], empty where all are 1
/// factors [ x ]  what x makes of the weight of the first hop's edge
/// norms   [ w ]  what a sum is divided by, beside the user's own norm; empty where it is not; in whole lines, infinite
///                behind the last w
/// ```
/// **Unsafety:** rows are handed out as pointers into arrays that never change; ids were checked against the number of
/// candidates when they were decoded.
@safe final class HopArrays: Sendable {
    private let starts: [Int]
    private let ids: [UInt32]
    private let shares: [Double]
    let factors: [Double]
    let norms: [Double]
    /// Whether a sum of paths is above zero whenever there is a path, so that zero can mean that there is none.
    let areAllAboveZero: Bool

    init(starts: [Int], ids: [UInt32], shares: [Double], factors: [Double], norms: [Double]) {
        precondition(starts.count == factors.count + 1 && starts.last == ids.count)
        precondition(shares.isEmpty || shares.count == ids.count)
        self.starts = starts
        self.ids = ids
        self.shares = shares
        self.factors = factors
        self.norms = norms
        func isAboveZero(_ amount: Double) -> Bool { amount > HopArrays.leastAmount && amount < .infinity }
        areAllAboveZero = shares.allSatisfy(isAboveZero) && factors.allSatisfy(isAboveZero)
    }

    /// The product of three numbers above this does not vanish.
    static let leastAmount = 1e-90

    var hasShares: Bool { !shares.isEmpty }

    /// How many candidates the second hop reaches from `intermediate`.
    func degree(of intermediate: UInt32) -> Int {
        starts[Int(intermediate) + 1] - starts[Int(intermediate)]
    }

    /// Lends the row of `intermediate`; `shares` is empty where all are 1.
    @inline(__always)
    func withRow(
        of intermediate: UInt32, _ body: (_ ids: UnsafeBufferPointer<UInt32>, _ shares: UnsafePointer<Double>?) -> Void
    ) {
        let row = starts[Int(intermediate)]..<starts[Int(intermediate) + 1]
        unsafe ids.withUnsafeBufferPointer { ids in
            unsafe shares.withUnsafeBufferPointer { shares in
                unsafe body(
                    UnsafeBufferPointer(rebasing: ids[row]),
                    hasShares ? shares.baseAddress.map { unsafe $0 + row.lowerBound } : nil)
            }
        }
    }
}

/// The ``HopArrays`` of a batch of requests, made when they pay: once as many edges were decoded, one request after the
/// other, as the hop has; at once where requests for all users are to come, which decode more than that together.
///
/// So a few requests to a large graph never pay for all of it, and many pay twice at most.
final class SharedHops: Sendable {
    private let hops = Mutex<[Int: SharedHop]>([:])
    private let areForAll: Bool

    init(forAll areForAll: Bool) {
        self.areForAll = areForAll
    }

    /// The one for the walk with this number, which every thread of the batch numbers alike.
    ///
    /// - Parameter edges: how many the hop has.
    func hop(_ number: Int, edges: Int) -> SharedHop {
        hops.withLock { hops in
            if let hop = hops[number] { return hop }
            let hop = SharedHop(edges: edges, isDue: areForAll)
            hops[number] = hop
            return hop
        }
    }
}

/// One of ``SharedHops``.
final class SharedHop: Sendable {
    private enum State {
        case counting(Int)
        case making
        case made(HopArrays)
        case never
    }

    private let state: Mutex<State>
    private let edges: Int
    /// Beyond this, arrays would take gigabytes.
    private static let edgesMax = 1 << 25

    init(edges: Int, isDue: Bool) {
        self.edges = edges
        state = Mutex(edges > SharedHop.edgesMax ? .never : .counting(isDue ? edges : 0))
    }

    /// The arrays, when they are due; by `make` the first time. Others go on without meanwhile.
    func arrays(make: () throws -> HopArrays) throws -> HopArrays? {
        let isDue: Bool
        switch state.withLock({ state in
            defer { if case .counting(let count) = state, count >= edges { state = .making } }
            return state
        }) {
        case .made(let arrays): return arrays
        case .counting(let count): isDue = count >= edges
        case .making, .never: isDue = false
        }
        guard isDue else { return nil }
        let arrays = try make()
        state.withLock { $0 = .made(arrays) }
        return arrays
    }

    /// Notes that a request decoded so many edges.
    func note(_ visited: Int) {
        state.withLock { state in
            if case .counting(let count) = state { state = .counting(count + visited) }
        }
    }
}
