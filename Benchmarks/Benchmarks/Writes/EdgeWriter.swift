import Kith
import Measuring

/// An edge between two nodes of the graph.
typealias PlainEdge = (source: UInt32, target: UInt32)

/// One side: adds edges, in both directions, and commits them so that they are on the disk.
protocol EdgeWriter {
    /// What it is called.
    var name: String { get }
    /// Adds all of these in one commit.
    func addAndCommit(_ edges: ArraySlice<PlainEdge>) throws
}

/// Kith's store, which numbers nodes by itself and counts edges and lists besides.
struct KithWriter: EdgeWriter {
    let name = "Kith"
    private let store: GraphStore

    init(_ store: GraphStore) {
        self.store = store
    }

    func addAndCommit(_ edges: ArraySlice<PlainEdge>) throws {
        try store.write { graph in
            for edge in edges {
                try graph.add(NodeKey(UInt64(edge.source)), .follows, NodeKey(UInt64(edge.target)))
            }
        }
    }
}

/// Two tables of sorted duplicates, 4 bytes a neighbour.
struct LMDBWriter: EdgeWriter {
    let name = "bare LMDB"
    private let database: BareLMDB

    init(_ graph: PlainGraph, in folder: String) {
        database = BareLMDB(path: folder + "/edges.lmdb")
        database.putEdges(of: graph)
    }

    func addAndCommit(_ edges: ArraySlice<PlainEdge>) {
        database.addAndCommit(edges)
    }
}

/// A table clustered by (source, target) and an index the other way round.
struct SQLiteWriter: EdgeWriter {
    let name = "SQLite"
    private let database: SQLite
    private let insert: SQLite.Statement

    init(_ graph: PlainGraph, in folder: String) {
        database = SQLite(path: folder + "/edges.db")
        database.run(
            "CREATE TABLE edges(source INTEGER, target INTEGER, PRIMARY KEY(source, target)) WITHOUT ROWID; BEGIN")
        insert = database.prepare("INSERT OR REPLACE INTO edges VALUES (?, ?)")
        for node in 0..<graph.nodeCount {
            for target in graph[node] { insert(Int64(node), Int64(target)) }
        }
        database.run(
            "CREATE INDEX edges_reverse ON edges(target, source); COMMIT; PRAGMA wal_checkpoint(TRUNCATE)")
    }

    func addAndCommit(_ edges: ArraySlice<PlainEdge>) {
        database.run("BEGIN IMMEDIATE")
        for edge in edges { insert(Int64(edge.source), Int64(edge.target)) }
        database.run("COMMIT")
    }
}
