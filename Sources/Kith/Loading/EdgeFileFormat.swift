/// How the rows of an edge file are written.
public struct EdgeFileFormat: RawRepresentable, CaseIterable, Sendable {
    /// All there are. What a name of a file may mean, and what is listed, is in this order.
    public static let allCases: [EdgeFileFormat] = [
        .tsv,
        .csv,
        .edges,
        .jsonl,
        .adjacency,
        .matrixMarket,
        .metis,
        .konect,
        .graphml,
        .dot,
    ]

    let format: any EdgeFormat

    init(_ format: some EdgeFormat) {
        self.format = format
    }

    /// The format of this name; nil when there is none.
    public init?(rawValue: String) {
        guard let named = EdgeFileFormat.allCases.first(where: { $0.rawValue == rawValue }) else { return nil }
        self = named
    }

    /// What it is called: `tsv`, `csv`, `edges`, `jsonl`, `adjacency`, `mtx`, `metis`, `konect`, `graphml`, `dot`.
    public var rawValue: String { format.name }

    /// The format a file's name tells, `.gz` and `.zst` aside; nil when it tells none. A load goes by how such a file begins
    /// then; what begins as only one format does is of that, whatever its name.
    public init?(ofFileNamed path: String) {
        let compression = [".gz", ".zst"].first { path.hasSuffix($0) } ?? ""
        let name = path.dropLast(compression.count)
        guard let dot = name.lastIndex(of: ".") else { return nil }
        let ending = name[name.index(after: dot)...].lowercased()
        guard let named = EdgeFileFormat.allCases.first(where: { $0.format.fileNameExtensions.contains(ending) })
        else { return nil }
        self = named
    }

    /// The format of a file of which nothing was said.
    ///
    /// - Parameter named: what its name tells.
    init(ofFileWith head: FileHead, named: EdgeFileFormat?) {
        self =
            EdgeFileFormat.allCases.first { $0.format.isUnmistakable(in: head) } ?? named
            // Columns seem to be in much that has none: a line of JSON with a `;` in it.
            ?? EdgeFileFormat.allCases.first {
                !$0.format.contents.contains(.columns) && $0.format.isRecognized(by: head)
            }
            ?? EdgeFileFormat.allCases.first { $0.format.isRecognized(by: head) } ?? .edges
    }

    /// What the name of such a file ends with, so that the name tells the format.
    public var fileNameExtension: String { format.fileNameExtensions[0] }

    /// What such files are called in a sentence.
    var plural: String { format.plural }
}

extension EdgeFileFormat: Hashable, CustomStringConvertible {
    /// Whether they have the same name.
    public static func == (left: EdgeFileFormat, right: EdgeFileFormat) -> Bool { left.rawValue == right.rawValue }

    /// Feeds the name.
    public func hash(into hasher: inout Hasher) { hasher.combine(rawValue) }

    /// What it is called.
    public var description: String { rawValue }
}

extension EdgeFileFormat {
    /// The formats that can hold whatever edges have, if their keys are such that they fit.
    static let complete = allCases.filter { $0.format.contents.isSuperset(of: [.types, .values]) }

    /// The formats of rows that can hold weights and times, the complete ones first.
    static let withValues =
        complete
        + allCases.filter {
            $0.format.contents.contains(.values) && !$0.format.contents.contains(.wholeGraph) && !complete.contains($0)
        }
}

extension [EdgeFileFormat] {
    /// That these are to be taken instead.
    var advice: String { "export as " + map(\.rawValue).joined(separator: " or ") }
}
