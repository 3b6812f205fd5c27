import Foundation
import Kith

/// What the elements of a GraphML document are as rows.
///
/// | element | becomes |
/// |---|---|
/// | `key` for edges, with `attr.name` | a column of this name; keys of one name share it |
/// | `node` | a row, where nodes are read |
/// | `edge` | a row, where edges are read; two, one each way, where the edge is undirected and the type is not |
/// | `data` of an edge | its field in the column; else the key's `default` |
/// | `port`, `sourceport`, `targetport`, `desc`, `locator`, elements of other programs | nothing: the edges are the same without |
/// | `hyperedge`, a `graph` within a node or an edge, a second `graph` | an error that names it |
final class GraphMLRows: XMLElements {
    private enum Element {
        case document, key, value, graph, node, edge, data, other
    }

    /// The rows that were not given yet.
    var text: [UInt8] = []

    private let path: String
    private let rows: DecodedRows
    private var columns = GraphMLColumns()
    private var open: [Element] = []
    /// How many lines of text there are, given ones too.
    private var lineCount = 0
    private var hasGraph = false
    private var isDirected = true
    /// The edge that is open: its ends, whether it is directed, and its values.
    private var edge = (source: "", target: "", isDirected: true)
    private var fields: [String?] = []
    /// What the text of the element that is open belongs to.
    private var column: Int?
    private var value: [UInt8] = []
    /// How many elements may be open one in the other, and how long a value may be.
    private static let (depthMax, valueBytesMax) = (256, 1 << 20)

    init(path: String, holding rows: DecodedRows) {
        (self.path, self.rows) = (path, rows)
    }

    private func refusal(_ line: Int, _ reason: String) -> LoadError {
        .otherFormat(path: path, reason: "line \(line): \(reason)")
    }

    func start(_ name: String, _ attributes: [String: String], line: Int) throws {
        var element = Element.other
        switch (open.last, name) {
        case (nil, "graphml"): element = .document
        case (nil, _): throw refusal(line, "the first element is <\(name)>, not <graphml>")
        case (.document, "key"):
            element = .key
            if hasGraph { throw refusal(line, "a <key> stands behind the <graph> it is for; move it before the graph") }
            column = try columns.add(attributes, of: rows).mapError { refusal(line, $0.reason) }.get()
        case (.key, "default"): element = .value
        case (.document, "graph"):
            element = .graph
            if hasGraph { throw refusal(line, "there is a second <graph>; write each into a file of its own") }
            hasGraph = true
            isDirected = attributes["edgedefault"] != "undirected"
            appendRow(columns.header(of: rows), line: 1)
        case (.graph, "node"):
            element = .node
            if case .nodes = rows { appendRow([attributes["id"] ?? ""], line: line) }
        case (.graph, "edge"):
            element = .edge
            if case .edges = rows { try startEdge(attributes, line) }
        case (.graph, "hyperedge"): throw refusal(line, "a <hyperedge> joins any number of nodes, an edge two")
        case (.node, "graph"), (.edge, "graph"):
            throw refusal(line, "a <graph> within a <node> or an <edge> is not read; write its edges beside the others")
        case (.edge, "data"):
            element = .data
            column = attributes["key"].flatMap { columns.column(ofKey: $0) }
        default: break
        }
        if open.count == GraphMLRows.depthMax {
            throw refusal(line, "more than \(GraphMLRows.depthMax) elements are open")
        }
        open.append(element)
        if element == .data || element == .value { value.removeAll(keepingCapacity: true) }
    }

    private func startEdge(_ attributes: [String: String], _ line: Int) throws {
        let directed = attributes["directed"].map { $0 == "true" } ?? isDirected
        if case .edges(.refused) = rows, !directed {
            throw refusal(line, "an undirected edge, of which nothing says its type; name the type of all: TYPE=FILE")
        }
        edge = (attributes["source"] ?? "", attributes["target"] ?? "", directed)
        fields = columns.defaults
        // Blank lines stand for those of the document, so that an error tells of the line there.
        keepUp(with: line)
    }

    func append(_ bytes: UnsafeRawBufferPointer) throws {
        guard column != nil, open.last == .data || open.last == .value else { return }
        unsafe value.append(contentsOf: bytes)
        if value.count > GraphMLRows.valueBytesMax {
            throw LoadError.otherFormat(path: path, reason: "a value has more than \(GraphMLRows.valueBytesMax) bytes")
        }
    }

    func end() throws {
        switch open.removeLast() {
        case .value:
            if let column {
                guard columns.setDefault(trimmed, of: column) else {
                    throw LoadError.otherFormat(path: path, reason: "the defaults of its keys are too long")
                }
            }
        case .data:
            if let column { fields[column] = trimmed }
            column = nil
        case .key: column = nil
        case .edge:
            guard case .edges(let undirected) = rows else { break }
            let rest = fields.map { $0 ?? "" }
            appendRow([edge.source, edge.target] + rest, line: 0)
            if !edge.isDirected, undirected == .bothWays, edge.source != edge.target {
                appendRow([edge.target, edge.source] + rest, line: 0)
            }
        default: break
        }
    }

    /// The value of the element that ends, without the blanks around it.
    private var trimmed: String {
        String(decoding: value, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
    }

    /// Ends the document.
    func finish() throws {
        if !hasGraph { throw LoadError.otherFormat(path: path, reason: "there is no <graph> in the document") }
    }

    /// Appends blank lines until the next row is in a line of the document, or behind it where several are in one line.
    func keepUp(with line: Int) {
        guard hasGraph, line - 1 > lineCount else { return }
        text.append(contentsOf: repeatElement(10, count: line - 1 - lineCount))
        lineCount = line - 1
    }

    private func appendRow(_ fields: [String], line: Int) {
        keepUp(with: line)
        for (index, field) in fields.enumerated() {
            if index > 0 { text.append(UInt8(ascii: ",")) }
            GraphMLRows.append(field, to: &text)
        }
        text.append(10)
        lineCount += 1
    }

    /// A field, in quotes unless it is plain.
    private static func append(_ field: String, to text: inout [UInt8]) {
        let isPlain = field.utf8.allSatisfy { byte in
            byte >= 0x80 || byte &- 48 <= 9 || (byte | 0x20) &- 97 <= 25 || byte == UInt8(ascii: ".")
                || byte == UInt8(ascii: "_")
                || byte == UInt8(ascii: "-")
        }
        text.append(contentsOf: (isPlain ? field : CSVText.quoted(field)).utf8)
    }
}
