/// What a load is about to change in a store that is there, found out on a snapshot while others may write.
struct PreparedLoad {
    /// The nodes of a kind that the load names.
    struct Nodes {
        /// The id of each provisional id: the one the store has, or for new nodes those from ``firstNew`` on.
        let ids: Column<UInt32>
        /// Provisional ids of new nodes, in the order of ids and in that of keys.
        let newByID: Column<UInt32>
        let newByKey: Column<UInt32>
        /// The id of the first new node.
        let firstNew: UInt64
    }

    /// The order of nodes, by kind: see ``LoadPipeline/order()``.
    let order: [NodeOrder]
    /// What the snapshot was of.
    let tables: StoreTables
    let counters: StoreCounters
    let commit: UInt64
    /// By kind.
    let nodes: [Nodes]
    /// The parts of the tables, and what becomes of their lists.
    let jobs: [LoadPipeline.ListJob]
    let lists: PreparedLists
}

/// How ids of a kind that were foreseen differ from those that new nodes get: others have added nodes meanwhile.
struct IDShift {
    let firstNew: UInt64
    let distance: UInt32

    /// None.
    static let none = IDShift(firstNew: .max, distance: 0)

    /// The id in place of one that was foreseen.
    @inline(__always)
    func callAsFunction(_ id: UInt32) -> UInt32 {
        UInt64(id) < firstNew ? id : id &+ distance
    }
}
