import Glibc

/// Writes a graph as the files that ``BulkLoader`` reads: what is exported and loaded again is the same graph.
///
/// Each file starts with a header, or is JSON lines. Edges come in the order of the store; those of a symmetric type stand
/// there once. Weights that fade are written as they are stored, as of the time beside them.
public struct GraphExport: Sendable {
    /// How rows are written: `tsv`, `csv` or `jsonl`.
    public var format: EdgeFileFormat

    /// An export in a format.
    ///
    /// - Throws: ``LoadError/cannotExport(reason:)`` for formats that cannot hold every graph.
    public init(_ format: EdgeFileFormat) throws(LoadError) {
        guard format == .tsv || format == .csv || format == .jsonl else {
            throw .cannotExport(reason: "graphs are exported as tsv, csv or jsonl, not as \(format.rawValue)")
        }
        self.format = format
    }
}

extension GraphExport {
    /// Writes the edges of a type, as of the snapshot.
    ///
    /// - Parameter write: is given pieces of the file, each to follow the one before.
    /// - Returns: how many edges were written.
    /// - Complexity: O(edges); memory of the keys of the type's two kinds.
    /// - Throws: ``GraphStoreError``; ``LoadError/cannotExport(reason:)`` when a key has a tab or a line end, which TSV
    ///   cannot hold; `CancellationError` when the snapshot's reader gives up; what `write` throws.
    @discardableResult
    public func edges(
        of type: EdgeType.Name, in snapshot: borrowing Snapshot,
        to write: @escaping (UnsafeRawBufferPointer) throws -> Void
    ) throws -> Int {
        let edges = try snapshot.tables.edges(type)
        let sources = try fields(of: edges.source, in: snapshot)
        let targets = edges.target.index == edges.source.index ? sources : try fields(of: edges.target, in: snapshot)
        let columns = edges.type.columns
        var rows = unsafe RowWriter(write)
        if format != .jsonl {
            let names =
                ["from", "to"] + (columns.contains(.weight) ? ["weight"] : [])
                + (columns.contains(.time) ? ["time"] : [])
            rows.append(names.joined(separator: format == .csv ? "," : "\t") + "\n")
        }
        let separator = format == .csv ? UInt8(ascii: ",") : 9
        var count = 0
        var cancellation = snapshot.cancellation
        try edges.out.forEachEdge(in: snapshot.transaction) { node, neighbor, value in
            try cancellation.pass()
            if edges.type.isSymmetric, neighbor < node { return }
            count += 1
            if format == .jsonl { rows.append("{\"from\": ") }
            rows.append(sources, node)
            if format == .jsonl { rows.append(", \"to\": ") } else { rows.append(separator) }
            rows.append(targets, neighbor)
            if columns.contains(.weight) {
                if format == .jsonl { rows.append(", \"weight\": ") } else { rows.append(separator) }
                rows.append("\(value.weight)")
            }
            if columns.contains(.time) {
                if format != .jsonl { rows.append(separator) }
                // A time that is not known is an empty field.
                if value.time != 0 {
                    if format == .jsonl { rows.append(", \"time\": ") }
                    rows.append("\(value.time)")
                }
            }
            rows.append(format == .jsonl ? "}\n" : "\n")
            try rows.flushIfLong()
        }
        try rows.flush()
        return count
    }

    /// Writes the keys of a kind's nodes, in the order of their ids.
    ///
    /// - Returns: how many nodes were written.
    @discardableResult
    public func nodes(
        of kind: NodeKind, in snapshot: borrowing Snapshot,
        to write: @escaping (UnsafeRawBufferPointer) throws -> Void
    ) throws -> Int {
        let keys = try fields(of: try snapshot.tables.dictionary(kind), in: snapshot)
        var rows = unsafe RowWriter(write)
        if format != .jsonl { rows.append("key\n") }
        var count = 0
        var cancellation = snapshot.cancellation
        for id in 0..<UInt32(keys.count) where !keys.isMissing(id) {
            try cancellation.pass()
            if format == .jsonl { rows.append("{\"key\": ") }
            rows.append(keys, id)
            rows.append(format == .jsonl ? "}\n" : "\n")
            count += 1
            try rows.flushIfLong()
        }
        try rows.flush()
        return count
    }

    /// The keys of a kind as the format writes them, by id.
    private func fields(of dictionary: NodeDictionary, in snapshot: borrowing Snapshot) throws -> Fields {
        var fields = Fields()
        var cancellation = snapshot.cancellation
        for id in 0..<UInt32(snapshot.counters.kinds[dictionary.index].nextID) {
            try cancellation.pass()
            let key = try dictionary.key(of: id, in: snapshot.transaction)
            fields.append(try key.map { try field($0) } ?? "")
        }
        return fields
    }

    private func field(_ key: NodeKey) throws(LoadError) -> String {
        if let integer = key.integer { return format == .jsonl ? "\"\(integer)\"" : "\(integer)" }
        let text = key.description
        switch format {
        case .jsonl:
            return GraphExport.quotedJSON(text)
        case .csv:
            let isPlain = text.utf8.allSatisfy { byte in !",;|\t\"\n\r".utf8.contains(byte) }
            return isPlain
                ? text
                : "\"" + text.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"") + "\""
        default:
            guard text.utf8.allSatisfy({ $0 != 9 && $0 != 10 && $0 != 13 }) else {
                throw .cannotExport(
                    reason: "the key '\(text)' has a tab or a line end, which TSV cannot hold; export as csv or jsonl")
            }
            return text
        }
    }

    private static func quotedJSON(_ text: String) -> String {
        var quoted = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"", "\\": quoted += "\\" + String(scalar)
            case _ where scalar.value < 0x20:
                let hex = String(scalar.value, radix: 16)
                quoted += "\\u" + String(repeating: "0", count: 4 - hex.count) + hex
            default: quoted.unicodeScalars.append(scalar)
            }
        }
        return quoted + "\""
    }
}

/// Texts by number, in one piece of memory.
private struct Fields {
    private(set) var bytes: [UInt8] = []
    private var ends: [Int] = []

    var count: Int { ends.count }

    mutating func append(_ text: String) {
        bytes.append(contentsOf: text.utf8)
        ends.append(bytes.count)
    }

    func range(_ index: UInt32) -> Range<Int> { (index == 0 ? 0 : ends[Int(index) - 1])..<ends[Int(index)] }
    func isMissing(_ index: UInt32) -> Bool { range(index).isEmpty }
}

/// Rows gathered into pieces of some size.
@safe private struct RowWriter {
    private var bytes: [UInt8] = []
    private let write: (UnsafeRawBufferPointer) throws -> Void
    private static let pieceBytes = 1 << 18

    init(_ write: @escaping (UnsafeRawBufferPointer) throws -> Void) {
        unsafe self.write = unsafe write
        bytes.reserveCapacity(RowWriter.pieceBytes + 4_096)
    }

    mutating func append(_ byte: UInt8) { bytes.append(byte) }
    mutating func append(_ text: String) { bytes.append(contentsOf: text.utf8) }
    mutating func append(_ fields: Fields, _ index: UInt32) {
        bytes.append(contentsOf: fields.bytes[fields.range(index)])
    }

    mutating func flushIfLong() throws {
        if bytes.count > RowWriter.pieceBytes { try flush() }
    }

    mutating func flush() throws {
        unsafe try bytes.withUnsafeBytes { unsafe try write($0) }
        bytes.removeAll(keepingCapacity: true)
    }
}
