/// What the rows of a file become.
enum RowSubject: Sendable {
    /// Edges of the type at this place in the schema; of the type each row names, when nil.
    case edges(Int?)
    /// Nodes of the kind at this place in the schema.
    case nodes(Int)
}

/// What the rows of a file may say.
enum RowShape: Sendable, Hashable {
    /// Edges with these columns.
    case edges(RowColumns)
    /// Keys of nodes.
    case nodes
}

/// What columns rows of edges may have besides their two ends.
struct RowColumns: Sendable, Hashable {
    var hasWeight: Bool
    var hasTime: Bool
    /// Whether a column names each row's type.
    var hasType: Bool
    /// Whether both ends are nodes of the same kind.
    var joinsOneKind = true
}
