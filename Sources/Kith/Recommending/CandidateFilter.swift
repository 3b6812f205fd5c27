import LMDB

/// Who is never suggested to a user, as an exact set and not as best effort.
///
/// The user; everyone the user is joined to by the relation being recommended, by `friends` or by `follows`; everyone who
/// blocks the user or is blocked; everyone the user dismissed. Types that the schema lacks, or that do not join users to
/// users there, play no part.
struct CandidateFilter {
    private let tables: [AdjacencyTable]

    /// The filter for recommendations along `edges`.
    init(recommending edges: EdgeTables, among all: StoreTables) {
        let outward: [EdgeType.Name] = [.friends, .follows, .blocks, .dismisses]
        let inward: [EdgeType.Name] = [.blocks]
        let kind = edges.source.kind
        func fitting(_ names: [EdgeType.Name]) -> [EdgeTables] {
            all.edges.filter {
                names.contains($0.type.name) && $0.type.source == kind && $0.type.target == kind
                    && $0.index != edges.index
            }
        }
        tables = [edges.out] + fitting(outward).map(\.out) + fitting(inward).map(\.in)
    }

    /// Calls `exclude` for every id that must not be suggested to `user`.
    func forEachExcluded(
        for user: UInt32, in transaction: borrowing ReadTransaction, _ exclude: (UInt32) -> Void
    ) throws {
        exclude(user)
        for table in tables {
            var cursor = try transaction.cursor(in: table.database)
            try unsafe table.forEachGroup(of: user, by: &cursor, below: .max) { group in
                for index in 0..<group.count {
                    exclude(unsafe group[index])
                }
            }
        }
    }
}
