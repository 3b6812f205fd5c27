import Adjacency
import Glibc

/// Exact sums of a few among many nodes, in memory that is kept from request to request.
///
/// Each of the few has a place, from 1 on; all other nodes have place 0. Most groups of neighbours name none of the few,
/// which is found without a branch for each neighbour; of the others the places are picked out, without one either.
///
/// **Invariant:** between requests every place and every sum is zero.
/// **Unsafety:** raw memory, because it is asked in inner loops about ids that a decoder has kept below its capacity.
@safe final class RivalSums: @unchecked Sendable {
    /// Ids below this may be asked about.
    let capacity: Int
    private let places: UnsafeMutablePointer<UInt16>
    /// By place.
    private let sums: UnsafeMutablePointer<Double>
    /// The places of one group, which is of at most ``NeighborBlock/visitMax`` neighbours; one more for the branch-free store.
    private let picked: UnsafeMutablePointer<UInt16>
    /// The greatest of the few.
    private var last: UInt32 = 0

    /// The most nodes there can be sums of.
    static var countMax: Int { Int(UInt16.max) }

    /// No sums yet, of nodes below `capacity`.
    init(capacity: Int) {
        self.capacity = capacity
        guard let places = unsafe calloc(capacity, MemoryLayout<UInt16>.stride),
            let sums = unsafe calloc(RivalSums.countMax + 1, MemoryLayout<Double>.stride)
        else {
            preconditionFailure("out of memory for the places of \(capacity) nodes")
        }
        unsafe self.places = places.bindMemory(to: UInt16.self, capacity: capacity)
        unsafe self.sums = sums.bindMemory(to: Double.self, capacity: RivalSums.countMax + 1)
        unsafe picked = .allocate(capacity: NeighborBlock.visitMax + 1)
    }

    deinit {
        unsafe free(places)
        unsafe free(sums)
        unsafe picked.deallocate()
    }

    /// Begins with these nodes, each once, at most ``countMax``, all below ``capacity``.
    func begin(_ rivals: ArraySlice<CountedNode>) {
        precondition(rivals.count <= RivalSums.countMax)
        last = 0
        for (index, rival) in rivals.enumerated() {
            precondition(Int(rival.id) < capacity)
            unsafe places[Int(rival.id)] = UInt16(index + 1)
            last = max(last, rival.id)
        }
    }

    /// Visits the sums of the nodes it began with, and forgets both.
    func drain(_ rivals: ArraySlice<CountedNode>, _ visit: (CountedNode, Double) -> Void) {
        for (index, rival) in rivals.enumerated() {
            unsafe visit(rival, sums[index + 1])
            unsafe sums[index + 1] = 0
            unsafe places[Int(rival.id)] = 0
        }
    }
}

extension RivalSums: GroupVisitor {
    @inline(__always)
    func visit(_ group: UnsafeBufferPointer<UInt32>, adding amount: Double) -> Bool {
        var any: UInt16 = 0
        for index in 0..<group.count { unsafe any |= places[Int(group[index])] }
        if any != 0 {
            precondition(group.count <= NeighborBlock.visitMax)
            var count = 0
            for index in 0..<group.count {
                let place = unsafe places[Int(group[index])]
                unsafe picked[count] = place
                count &+= place == 0 ? 0 : 1
            }
            for index in 0..<count { unsafe sums[Int(picked[index])] += amount }
        }
        return unsafe group[group.count - 1] < last
    }
}
