/// A neighbour list that lies in memory of the caller: what a load has sorted, or a ``NeighborList`` lent.
///
/// **Unsafety:** the pointers are as good as their maker says; ranges given beside a `ListColumns` must lie within the
/// arrays, and neighbours must ascend strictly.
@unsafe public struct ListColumns {
    /// The neighbours, strictly ascending.
    public var neighbors: UnsafePointer<UInt32>
    /// A weight for each, or nil.
    public var weights: UnsafePointer<Float>?
    /// A time for each, or nil.
    public var times: UnsafePointer<UInt32>?

    /// The list in these arrays.
    public init(
        neighbors: UnsafePointer<UInt32>, weights: UnsafePointer<Float>? = nil, times: UnsafePointer<UInt32>? = nil
    ) {
        unsafe self.neighbors = unsafe neighbors
        unsafe self.weights = unsafe weights
        unsafe self.times = unsafe times
    }

    /// What the edges carry.
    public var columns: EdgeColumns {
        var columns: EdgeColumns = []
        if unsafe weights != nil { columns.insert(.weight) }
        if unsafe times != nil { columns.insert(.time) }
        return columns
    }
}

extension NeighborList {
    /// Lends the arrays of a list that is not empty, without a column all of whose values are as if it were not there.
    func withColumns<Result>(_ body: (ListColumns) -> Result) -> Result {
        precondition(!isEmpty, "an empty list has no block")
        return unsafe neighbors.withUnsafeBufferPointer { neighbors in
            unsafe weights.withUnsafeBufferPointer { weights in
                unsafe times.withUnsafeBufferPointer { times in
                    unsafe body(
                        ListColumns(
                            neighbors: neighbors.baseAddress.unsafelyUnwrapped,
                            weights: weights.contains { $0 != 1 } ? weights.baseAddress : nil,
                            times: times.contains { $0 != 0 } ? times.baseAddress : nil))
                }
            }
        }
    }
}
