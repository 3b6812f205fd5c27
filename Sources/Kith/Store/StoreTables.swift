import Adjacency
import LMDB

/// Which way an edge is walked.
public enum EdgeDirection: String, Sendable, Hashable, CaseIterable, Codable {
    /// From source to target: whom a user follows.
    case out
    /// From target to source: who follows a user.
    case `in`

    /// The other way.
    var reversed: EdgeDirection { self == .out ? .in : .out }
}

/// The two tables of one edge type, and where its ends live.
///
/// A class, because requests hand it around and it holds a dozen strings.
final class EdgeTables: Sendable {
    let type: EdgeType
    /// The type's place in the schema, and so in ``StoreCounters/edges``.
    let index: Int
    /// Source to targets.
    let out: AdjacencyTable
    /// Target to sources; the same table as ``out`` when the type is symmetric.
    let `in`: AdjacencyTable
    let source: NodeDictionary
    let target: NodeDictionary

    init(
        type: EdgeType, index: Int, out: AdjacencyTable, in: AdjacencyTable, source: NodeDictionary,
        target: NodeDictionary
    ) {
        self.type = type
        self.index = index
        self.out = out
        self.in = `in`
        self.source = source
        self.target = target
    }

    /// The neighbour lists walked in `direction`.
    func table(_ direction: EdgeDirection) -> AdjacencyTable {
        direction == .out ? out : `in`
    }

    /// Where the node whose neighbours are asked for lives.
    func origin(_ direction: EdgeDirection) -> NodeDictionary {
        direction == .out ? source : target
    }

    /// Where those neighbours live.
    func destination(_ direction: EdgeDirection) -> NodeDictionary {
        direction == .out ? target : source
    }
}

/// Every table of a store, opened once and for as long as the store is open.
///
/// | table | key | value |
/// |---|---|---|
/// | `meta` | text | see ``StoreMeta`` |
/// | `key>id.<kind>` | encoded ``NodeKey`` of the block's first entry | ``IDBlock``: ascending keys with their ids |
/// | `id>key.<kind>` | id of the block's first entry | ``KeyBlock``: ascending ids with their keys |
/// | `out.<type>`, `in.<type>`, or one `adj.<type>` when symmetric | node << 32 \| first neighbour of the block, 0 for a node's first block | neighbour block |
struct StoreTables: Sendable {
    /// The version of the file, as far as is known: another process may upgrade it.
    let version: FormatVersion
    let schema: Schema
    let meta: Database<Bytes>
    let dictionaries: [NodeDictionary]
    let edges: [EdgeTables]
    private let edgesByName: [EdgeType.Name: Int]

    /// The tables of `schema` in a file of a version, opened or made by `opener`.
    init(
        of version: FormatVersion = .current, for schema: Schema, by opener: inout some TableOpening & ~Copyable
    ) throws {
        self.version = version
        self.schema = schema
        meta = try opener.database(named: StoreMeta.tableName)
        var dictionaries: [NodeDictionary] = []
        for (index, kind) in schema.nodeKinds.enumerated() {
            dictionaries.append(
                NodeDictionary(
                    kind: kind, index: index, ids: try opener.database(named: NodeDictionary.idsName(kind)),
                    keys: try opener.database(named: NodeDictionary.keysName(kind))))
        }
        self.dictionaries = dictionaries
        var edges: [EdgeTables] = []
        for (index, type) in schema.edgeTypes.enumerated() {
            var tables: [AdjacencyTable] = []
            for prefix in type.isSymmetric ? ["adj"] : ["out", "in"] {
                let name = "\(prefix).\(type.name)"
                tables.append(
                    try AdjacencyTable(named: name, columns: type.storedColumns, by: &opener))
            }
            func dictionary(_ kind: NodeKind) throws -> NodeDictionary {
                guard let dictionary = dictionaries.first(where: { $0.kind == kind }) else {
                    throw GraphStoreError.unknownKind(kind, known: schema.nodeKinds)
                }
                return dictionary
            }
            edges.append(
                EdgeTables(
                    type: type, index: index, out: tables[0], in: tables[tables.count - 1],
                    source: try dictionary(type.source), target: try dictionary(type.target)))
        }
        self.edges = edges
        edgesByName = Dictionary(uniqueKeysWithValues: edges.map { ($0.type.name, $0.index) })
    }

    /// The tables of an edge type.
    ///
    /// - Throws: ``GraphStoreError/unknownEdgeType(_:known:)``.
    func edges(_ name: EdgeType.Name) throws(GraphStoreError) -> EdgeTables {
        guard let index = edgesByName[name] else {
            throw .unknownEdgeType(name, known: schema.edgeTypes.map(\.name))
        }
        return edges[index]
    }

    /// The dictionary of a kind.
    ///
    /// - Throws: ``GraphStoreError/unknownKind(_:known:)``.
    func dictionary(_ kind: NodeKind) throws(GraphStoreError) -> NodeDictionary {
        guard let dictionary = dictionaries.first(where: { $0.kind == kind }) else {
            throw .unknownKind(kind, known: schema.nodeKinds)
        }
        return dictionary
    }
}

/// Who finds tables by their names.
protocol TableOpening: ~Copyable {
    mutating func database<Key>(named name: String) throws -> Database<Key>
}

/// Makes those that are not there.
extension TableMaker: TableOpening {}

/// Opens those that are there, and no others.
struct ExistingTables: TableOpening {
    let environment: Environment

    func database<Key>(named name: String) throws -> Database<Key> {
        try environment.openDatabase(named: name, creating: false)
    }
}
