/// How far a load is.
public struct LoadProgress: Sendable, Hashable {
    /// What a load does, one after the other.
    public enum Phase: String, Sendable, Hashable, CaseIterable {
        /// Rows are read and checked, and keys get provisional ids.
        case reading
        /// Rows with the same edge become one, and edges are counted.
        case merging
        /// Edges get the ids of the store, and are dealt out by where they go.
        case numbering
        /// Lists are sorted and written.
        case writing
    }

    /// What it does now.
    public internal(set) var phase: Phase
    /// How much of the phase is done, from 0 to 1; nil when nobody knows, as with standard input.
    public internal(set) var fraction: Double?
    /// How many bytes of the files were read; compressed ones, if they are compressed.
    public internal(set) var bytes: Int
    /// How many rows were read.
    public internal(set) var rows: Int
    /// How many of them were left out.
    public internal(set) var rejected: Int
    /// Since the load began.
    public internal(set) var seconds: Double
}
