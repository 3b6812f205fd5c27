import Kith

/// Which key of a GraphML document is which column of its rows.
struct GraphMLColumns {
    /// By the id of a key.
    private var byKey: [String: Int] = [:]
    private var names: [String] = []
    /// What edges have that say nothing else; nil where a key has no default.
    private(set) var defaults: [String?] = []
    private var defaultBytes = 0

    /// Why a key cannot be read.
    struct Flaw: Error {
        let reason: String
    }

    /// Keys may be many and their defaults long: each stands in every row.
    private static let (namesMax, defaultBytesMax) = (1_000, 1 << 16)

    /// The column of a key; nil where its values are no fields of rows.
    mutating func add(_ attributes: [String: String], of rows: DecodedRows) -> Result<Int?, Flaw> {
        guard case .edges = rows, let id = attributes["id"], let name = attributes["attr.name"],
            ["edge", "all"].contains(attributes["for"] ?? "all")
        else { return .success(nil) }
        let word = GraphMLColumns.word(name)
        // NetworkX has a key for each type of the values of one name.
        let column = names.firstIndex(of: word) ?? names.count
        if column == names.count {
            if names.count == GraphMLColumns.namesMax {
                return .failure(Flaw(reason: "there are keys of more than \(GraphMLColumns.namesMax) names"))
            }
            names.append(word)
            defaults.append(nil)
        }
        byKey[id] = column
        return .success(column)
    }

    func column(ofKey id: String) -> Int? { byKey[id] }

    /// Takes a default; false when defaults are too long.
    mutating func setDefault(_ value: String, of column: Int) -> Bool {
        defaultBytes += value.utf8.count
        if defaults[column] == nil { defaults[column] = value }
        return defaultBytes <= GraphMLColumns.defaultBytesMax
    }

    /// The names of the columns.
    func header(of rows: DecodedRows) -> [String] {
        switch rows {
        case .nodes: ["key"]
        case .edges: ["source", "target"] + names
        }
    }

    /// A name such that nothing in it looks like what stands between columns.
    private static func word(_ name: String) -> String {
        String(
            String.UnicodeScalarView(name.unicodeScalars.map { ",;|\t\"\r\n".unicodeScalars.contains($0) ? "_" : $0 }))
    }
}
