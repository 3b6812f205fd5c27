/// A column of a file, and what it was taken for.
public struct FileColumn: Sendable, Hashable {
    /// What a column is.
    public enum Role: String, Sendable, Hashable, CaseIterable {
        /// The key of the node that an edge starts from.
        case source = "from"
        /// The key of the node that an edge leads to.
        case target = "to"
        /// The key of a node.
        case key
        /// The weight of an edge.
        case weight
        /// The time of an edge.
        case time
        /// The type of an edge.
        case type
        /// Nothing that is read.
        case skipped = "_"
    }

    /// Which column, from 1.
    public let number: Int
    /// Its name in the header; nil when there is none.
    public let name: String?
    /// What it was taken for.
    public let role: Role
}

/// How a file is laid out, as far as that was understood from the file or said by hand.
public struct FileLayout: Sendable, Hashable {
    /// Where the names of the columns were found.
    public enum Header: String, Sendable, Hashable, CaseIterable {
        /// Nowhere: columns go by place.
        case none
        /// In the first row.
        case row
        /// In a comment above the first row.
        case comment
        /// In a file of their own.
        case file
    }

    /// What stands between two columns; nil when the format has none.
    public var delimiter: FileDialect.Delimiter?
    /// What a field may be put in; nil when the format has none.
    public var quote: FileDialect.Quote?
    /// What begins a comment; nil when the format has none.
    public var comment: FileDialect.Comment?
    /// Where the names of the columns were found.
    public var header = Header.none
    /// Whether rows begin with a name of the row, for which the header has none: files of R's `write.table`.
    public var hasRowNames = false
    /// The columns of the first row, and what they were taken for; empty when the format has none.
    public var columns: [FileColumn] = []

    /// A layout of which nothing is known.
    public init() {}
}
