import Kith

extension GraphStore {
    /// The users of an R-MAT graph of a scale that have edges, of which the store was made: ascending.
    ///
    /// Others that were added since have keys of 2^32 and above.
    func graphUsers(scale: Int) throws -> [UInt64] {
        try read { snapshot in
            try (0..<UInt64(1) << UInt64(scale)).filter { try snapshot.contains(NodeKey($0)) }
        }
    }
}

extension [UInt64] {
    /// Two of them that are not the same. There need to be two.
    func randomPair(using generator: inout some RandomNumberGenerator) -> (UInt64, UInt64) {
        let first = Int.random(in: indices, using: &generator)
        let step = Int.random(in: 1..<count, using: &generator)
        return (self[first], self[(first + step) % count])
    }
}

/// How many edges and users a store has.
struct StoreCounts: Equatable {
    var edges: Int
    var users: Int
}

extension StoreCounts {
    /// Asks the store at `path`.
    init(of path: String) throws {
        let store = try GraphStore(opening: path)
        self = try store.read { snapshot in
            StoreCounts(edges: try snapshot.edgeCount(of: .follows), users: try snapshot.nodeCount(of: .user))
        }
    }
}
