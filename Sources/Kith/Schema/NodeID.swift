/// The dense number of a node inside one store, counted per kind from 0.
///
/// Private to one store file: it is what neighbour lists hold, and it changes when a store is reordered or loaded anew.
/// A bulk load numbers nodes by descending in-degree, so a smaller id means "followed by more"; that is why ascending id
/// is the tie-break of every ranking.
public struct NodeID: RawRepresentable, Hashable, Comparable, Sendable {
    /// The number, below the number of ids ever given to the node's kind.
    public var rawValue: UInt32

    /// The node with number `rawValue`.
    public init(rawValue: UInt32) {
        self.rawValue = rawValue
    }

    /// Whether `left` was numbered before `right`.
    public static func < (left: NodeID, right: NodeID) -> Bool {
        left.rawValue < right.rawValue
    }
}
