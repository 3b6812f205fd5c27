extension EdgeFileFormat {
    /// XML as Gephi, yEd, Cytoscape, NetworkX and igraph read it.
    public static let graphml = EdgeFileFormat(GraphMLFormat())
}

/// A graph in GraphML (graphml.graphdrawing.org): first the nodes that its edges join, then the edges.
///
/// The id of a node is its key; `weight` and `time` are data of edges. XML 1.0 has no way to write most control characters.
struct GraphMLFormat: EdgeFormat {
    let name = "graphml"
    let plural = "GraphML files"
    let fileNameExtensions = ["graphml"]
    let contents: EdgeFormatContents = [.values, .wholeGraph, .oneNamespace, .nodesBeforeEdges]

    func makeReader(of head: FileHead, for shape: RowShape) throws -> any RecordReader {
        throw LoadError.badHeader(
            path: head.path,
            reason:
                "the file is none of the \(plural), which begin with <graphml>, or only the command reads it: `kith load`"
        )
    }

    func makeWriter(of columns: RowColumns, isSafe: Bool) -> any RecordWriter { GraphMLWriter(columns: columns) }

    func text(ofKey key: String) -> String {
        var text = ""
        for scalar in key.unicodeScalars {
            switch scalar {
            case "&": text += "&amp;"
            case "<": text += "&lt;"
            case ">": text += "&gt;"
            case "\"": text += "&quot;"
            // As they are, they would be read as blanks.
            case "\t", "\n", "\r": text += "&#\(scalar.value);"
            default: text.unicodeScalars.append(scalar)
            }
        }
        return text
    }

    func flaw(ofKey key: String, in places: KeyTexts.Places) -> String? {
        let isText = key.unicodeScalars.allSatisfy { scalar in
            switch scalar.value {
            case 0x9, 0xA, 0xD, 0x20...0xFFFD, 0x10000...0x10FFFF: true
            default: false
            }
        }
        return isText ? nil : "a character that XML does not have"
    }
}

/// Writes a graph: nodes, then edges.
struct GraphMLWriter: RecordWriter {
    let columns: RowColumns

    func begin(_ graph: ExportedGraph, to bytes: inout [UInt8]) {
        let isDirected = graph.type.map { !$0.isSymmetric } ?? false
        var text = """
            <?xml version="1.0" encoding="UTF-8"?>
            <graphml xmlns="http://graphml.graphdrawing.org/xmlns">

            """
        for (name, type) in [columns.hasWeight ? ("weight", "float") : nil, columns.hasTime ? ("time", "long") : nil]
            .compactMap({ $0 })
        {
            text += "<key id=\"\(name)\" for=\"edge\" attr.name=\"\(name)\" attr.type=\"\(type)\"/>\n"
        }
        text += "<graph id=\"\(graph.name)\" edgedefault=\"\(isDirected ? "directed" : "undirected")\">\n"
        bytes.append(contentsOf: text.utf8)
    }

    func appendHeader(_ names: [String], to bytes: inout [UInt8]) {}

    func append(_ batch: NodeBatch, to bytes: inout [UInt8]) {
        for id in batch.ids {
            bytes.append(contentsOf: "<node id=\"".utf8)
            bytes.append(contentsOf: batch.keys.bytes[batch.keys.range(id)])
            bytes.append(contentsOf: "\"/>\n".utf8)
        }
    }

    func append(_ batch: EdgeBatch, to bytes: inout [UInt8]) {
        for edge in batch.edges {
            bytes.append(contentsOf: "<edge source=\"".utf8)
            bytes.append(contentsOf: batch.sources.bytes[batch.sources.range(edge.source)])
            bytes.append(contentsOf: "\" target=\"".utf8)
            bytes.append(contentsOf: batch.targets.bytes[batch.targets.range(edge.target)])
            var data = ""
            if batch.type.columns.contains(.weight) {
                data += "<data key=\"weight\">\(batch.type.weightText(of: edge.value))</data>"
            }
            if batch.type.hasToSay(time: edge.value.time) { data += "<data key=\"time\">\(edge.value.time)</data>" }
            bytes.append(contentsOf: (data.isEmpty ? "\"/>\n" : "\">\(data)</edge>\n").utf8)
        }
    }

    func finish(_ bytes: inout [UInt8]) { bytes.append(contentsOf: "</graph>\n</graphml>\n".utf8) }
}
