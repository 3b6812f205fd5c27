/// What a reader has counted in a block, or in all of a file, to be compared with what the head of the file says.
struct RecordTally: Equatable {
    /// Records, those included that were turned down.
    var records = 0
    /// What stands in them, where that is not one thing each.
    var entries = 0
    /// Rows that were turned down.
    var rejected = 0
    /// A sum that is 0 when each entry has a counterpart.
    var imbalance: UInt64 = 0

    static func += (left: inout RecordTally, right: RecordTally) {
        left.records += right.records
        left.entries += right.entries
        left.rejected += right.rejected
        left.imbalance &+= right.imbalance
    }
}
