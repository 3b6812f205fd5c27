extension EdgeFileFormat {
    /// The language of Graphviz, to be drawn; it is not loaded.
    public static let dot = EdgeFileFormat(DOTFormat())
}

/// A graph in the language of Graphviz (graphviz.org/doc/info/lang.html), an edge a line: `ann -> bob [weight=2.0];`.
///
/// A key is written bare where it is a number or a word, and in quotes else. In quotes only a quote is escaped: a backslash
/// stands for itself, so it must not come to stand before a quote or a line end.
struct DOTFormat: EdgeFormat {
    let name = "dot"
    let plural = "DOT files"
    let fileNameExtensions = ["dot", "gv"]
    let contents: EdgeFormatContents = [.values, .wholeGraph, .oneNamespace]

    private static let quote = FieldTokenizer.doubleQuote
    private static let backslash = UInt8(ascii: "\\")
    private static let keywords: Set<String> = ["node", "edge", "graph", "digraph", "subgraph", "strict"]

    func makeReader(of head: FileHead, for shape: RowShape) throws -> any RecordReader {
        throw LoadError.badHeader(
            path: head.path,
            reason:
                "\(plural) are written and not loaded; convert it first, say by NetworkX: nx_agraph.read_dot, write_graphml"
        )
    }

    func makeWriter(of columns: RowColumns, isSafe: Bool) -> any RecordWriter { DOTWriter() }

    func text(ofKey key: String) -> String {
        if DOTFormat.isBare(key) { return key }
        var quoted = "\""
        for scalar in key.unicodeScalars {
            if scalar == "\"" { quoted += "\\" }
            quoted.unicodeScalars.append(scalar)
        }
        return quoted + "\""
    }

    /// Whether a key is a numeral, or a word that is no keyword.
    private static func isBare(_ key: String) -> Bool {
        func isDigit(_ byte: UInt8) -> Bool { byte &- UInt8(ascii: "0") <= 9 }
        if key.utf8.allSatisfy(isDigit) { return true }
        let isWord = key.utf8.allSatisfy { byte in
            isDigit(byte) || byte | 0x20 &- UInt8(ascii: "a") < 26 || byte == UInt8(ascii: "_")
        }
        return isWord && !(key.utf8.first.map(isDigit) ?? false) && !keywords.contains(key.lowercased())
    }

    func flaw(ofKey key: String, in places: KeyTexts.Places) -> String? {
        if key.utf8.contains(0) { return "a zero byte" }
        // Graphviz takes it for a node without a name, and gives it one.
        if key.utf8.first == UInt8(ascii: "%") { return "a % at its start" }
        var backslashes = 0
        // As it stands between quotes: two backslashes are two, one before a quote or a line end is none.
        for byte in Array(key.utf8) + [DOTFormat.quote] {
            let isLost = byte == DOTFormat.quote || LineEnds.isLineEnd(byte)
            if isLost, backslashes % 2 == 1 { return "a backslash before a quote, a line end or its end" }
            backslashes = byte == DOTFormat.backslash ? backslashes + 1 : 0
        }
        return nil
    }
}

/// Writes a graph: its edges, or its nodes where it has no others.
struct DOTWriter: RecordWriter {
    private var joint = " -> "

    mutating func begin(_ graph: ExportedGraph, to bytes: inout [UInt8]) {
        let isDirected = graph.type.map { !$0.isSymmetric } ?? false
        joint = isDirected ? " -> " : " -- "
        bytes.append(contentsOf: "\(isDirected ? "digraph" : "graph") \"\(graph.name)\" {\n".utf8)
    }

    func appendHeader(_ names: [String], to bytes: inout [UInt8]) {}

    func append(_ batch: EdgeBatch, to bytes: inout [UInt8]) {
        for edge in batch.edges {
            bytes.append(contentsOf: "  ".utf8)
            bytes.append(contentsOf: batch.sources.bytes[batch.sources.range(edge.source)])
            bytes.append(contentsOf: joint.utf8)
            bytes.append(contentsOf: batch.targets.bytes[batch.targets.range(edge.target)])
            var attributes: [String] = []
            if batch.type.columns.contains(.weight) {
                attributes.append("weight=\(DOTWriter.numeral(batch.type.weightText(of: edge.value)))")
            }
            if batch.type.hasToSay(time: edge.value.time) { attributes.append("time=\(edge.value.time)") }
            if !attributes.isEmpty { bytes.append(contentsOf: " [\(attributes.joined(separator: ", "))]".utf8) }
            bytes.append(contentsOf: ";\n".utf8)
        }
    }

    /// A weight; in quotes where it has an exponent, which numerals of the language have not.
    private static func numeral(_ text: String) -> String {
        text.contains("e") ? "\"\(text)\"" : text
    }

    func append(_ batch: NodeBatch, to bytes: inout [UInt8]) {
        for id in batch.ids {
            bytes.append(contentsOf: "  ".utf8)
            bytes.append(contentsOf: batch.keys.bytes[batch.keys.range(id)])
            bytes.append(contentsOf: ";\n".utf8)
        }
    }

    func finish(_ bytes: inout [UInt8]) { bytes.append(contentsOf: "}\n".utf8) }
}
