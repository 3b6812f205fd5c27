import Foundation
import Measuring

/// SQLite: a connection for each thread, the log ahead, every commit synced. Writers wait for a lock of the program and
/// not in SQLite's busy handler, which sleeps: its best case.
final class SQLiteSide: Side, @unchecked Sendable {
    let name = "SQLite"
    private let path: String
    private let writing = NSLock()

    init(_ graph: PlainGraph, in folder: String) {
        path = folder + "/links.db"
        let database = SQLite(path: path)
        database.run(
            """
            CREATE TABLE nodes(id INTEGER PRIMARY KEY, content INTEGER);
            CREATE TABLE links(source INTEGER, target INTEGER, time INTEGER, PRIMARY KEY(source, target)) WITHOUT ROWID;
            BEGIN
            """)
        let addNode = database.prepare("INSERT INTO nodes VALUES (?, 1)")
        let addLink = database.prepare("INSERT INTO links VALUES (?, ?, 1)")
        for node in 0..<graph.nodeCount {
            addNode(Int64(node))
            for target in graph[node] { addLink(Int64(node), Int64(target)) }
        }
        database.run("CREATE INDEX links_reverse ON links(target, source); COMMIT; PRAGMA wal_checkpoint(TRUNCATE)")
    }

    func session() -> any Session { Connection(path, writing) }

    private final class Connection: Session {
        private let database: SQLite
        private let writing: NSLock
        private let list, count, link, node: SQLite.Statement
        private let putLink, removeLink, putNode, removeNode: SQLite.Statement

        init(_ path: String, _ writing: NSLock) {
            database = SQLite(path: path)
            self.writing = writing
            list = database.prepare("SELECT target, time FROM links WHERE source = ? ORDER BY target")
            count = database.prepare("SELECT COUNT(*) FROM links WHERE source = ?")
            link = database.prepare("SELECT time FROM links WHERE source = ? AND target = ?")
            node = database.prepare("SELECT content FROM nodes WHERE id = ?")
            putLink = database.prepare("INSERT OR REPLACE INTO links VALUES (?, ?, ?)")
            removeLink = database.prepare("DELETE FROM links WHERE source = ? AND target = ?")
            putNode = database.prepare("INSERT OR REPLACE INTO nodes VALUES (?, ?)")
            removeNode = database.prepare("DELETE FROM nodes WHERE id = ?")
        }

        func perform(_ call: Call) -> Int {
            let (id, other, value) = (Int64(call.node), Int64(call.other), Int64(call.value))
            if !call.operation.isRead { writing.lock() }
            defer { if !call.operation.isRead { writing.unlock() } }
            var sum: Int64 = 0
            switch call.operation {
            case .getLinkList: return list(id) { sum &+= $0[0] &+ $0[1] } + (sum == .max ? 1 : 0)
            case .countLink:
                _ = count(id) { sum = $0[0] }
                return Int(sum)
            case .getLink: return link(id, other) { sum = $0[0] }
            case .getNode: return node(id) { sum = $0[0] }
            case .addLink, .updateLink: return putLink(id, other, value)
            case .deleteLink: return removeLink(id, other)
            case .addNode, .updateNode: return putNode(id, value)
            case .deleteNode: return removeNode(id)
            }
        }
    }
}
