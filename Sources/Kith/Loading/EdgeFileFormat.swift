/// How the rows of an edge file are written.
public enum EdgeFileFormat: String, Sendable, Hashable, CaseIterable {
    /// Fields between tabs.
    case tsv
    /// Fields between commas, semicolons, bars or tabs, whichever the first line has most of, quoted as RFC 4180 says.
    case csv
    /// Fields between runs of spaces and tabs, `#` and `%` comments.
    case edges
    /// A JSON object a line.
    case jsonl
    /// A source, a tab, and its targets between commas.
    case adjacency

    /// The format a file's name tells, `.gz` aside; nil when it tells none. A load takes such a file for an edge list.
    public init?(ofFileNamed path: String) {
        let name = path.hasSuffix(".gz") ? path.dropLast(3) : path[...]
        let format = name.lastIndex(of: ".").map { String(name[name.index(after: $0)...]).lowercased() }
        switch format {
        case "csv": self = .csv
        case "tsv": self = .tsv
        case "jsonl", "ndjson", "json": self = .jsonl
        case "adj", "adjlist": self = .adjacency
        case "edges", "edgelist": self = .edges
        default: return nil
        }
    }

    /// What the name of such a file ends with, so that the name tells the format.
    public var fileNameExtension: String {
        switch self {
        case .tsv: "tsv"
        case .csv: "csv"
        case .edges: "edgelist"
        case .jsonl: "jsonl"
        case .adjacency: "adj"
        }
    }

    /// What such files are called in a sentence.
    var plural: String {
        switch self {
        case .tsv: "TSV files"
        case .csv: "CSV files"
        case .edges: "edge lists"
        case .jsonl: "JSON lines"
        case .adjacency: "adjacency lines"
        }
    }
}
