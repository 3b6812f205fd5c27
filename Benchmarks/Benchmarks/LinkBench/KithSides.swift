import Dispatch
import Kith
import Measuring
import Synchronization

extension EdgeType.Name {
    /// A link, with a time.
    fileprivate static let links: EdgeType.Name = "links"
    /// A node's content: the weight of its edge to itself.
    fileprivate static let content: EdgeType.Name = "content"
}

/// A store of its own with the graph's links and a content for every node.
private func makeStore(_ name: String, _ graph: PlainGraph, in folder: String) throws -> GraphStore {
    let schema = try Schema(
        nodeKinds: [.user],
        edgeTypes: [
            EdgeType(.links, from: .user, to: .user, columns: .time),
            EdgeType(.content, from: .user, to: .user, isSymmetric: true, columns: .weight, allowsSelfLoops: true),
        ])
    let path = folder + "/\(name).kith"
    _ = try BulkLoader(schema: schema).load(into: path) { sink in
        for node in 0..<graph.nodeCount {
            let key = NodeKey(UInt64(node))
            try sink.add(key, .content, key, weight: 1)
            for target in graph[node] { try sink.add(key, .links, NodeKey(UInt64(target)), at: 1) }
        }
    }
    return try GraphStore(opening: path)
}

extension GraphStore {
    fileprivate func answer(_ call: Call) throws -> Int {
        let (node, other) = (NodeKey(call.node), NodeKey(call.other))
        return try read { snapshot in
            switch call.operation {
            case .getLinkList:
                var (count, times): (Int, UInt64) = (0, 0)
                try snapshot.forEachNeighbor(of: node, via: .links) { neighbor, _, time in
                    count += 1
                    times &+= UInt64(time.rawValue) &+ UInt64(neighbor.rawValue)
                }
                return count + (times == .max ? 1 : 0)
            case .countLink: return try snapshot.degree(of: node, via: .links)
            case .getLink: return try snapshot.edge(from: node, .links, to: other) == nil ? 0 : 1
            case .getNode: return try snapshot.edge(from: node, .content, to: node) == nil ? 0 : 1
            case .addLink, .deleteLink, .updateLink, .addNode, .updateNode, .deleteNode:
                fatalError("\(call.operation) is no read")
            }
        }
    }
}

extension GraphTransaction {
    fileprivate mutating func apply(_ call: Call) throws -> Int {
        let (node, other) = (NodeKey(call.node), NodeKey(call.other))
        switch call.operation {
        case .addLink, .updateLink:
            return try add(node, .links, other, at: Timestamp(rawValue: call.value)) ? 1 : 0
        case .deleteLink: return try remove(node, .links, other) ? 1 : 0
        case .addNode, .updateNode: return try add(node, .content, node, weight: Double(call.value)) ? 1 : 0
        case .deleteNode: return try remove(node, .content, node) ? 1 : 0
        case .getLinkList, .countLink, .getLink, .getNode: fatalError("\(call.operation) is no write")
        }
    }
}

/// Kith with a commit, and its syncs, for every write.
struct DurableKith: Side {
    let name = "Kith, a commit each"
    private let store: GraphStore

    init(_ graph: PlainGraph, in folder: String) throws {
        store = try makeStore("durable", graph, in: folder)
    }

    private final class Direct: Session {
        private let store: GraphStore
        init(_ store: GraphStore) { self.store = store }

        func perform(_ call: Call) throws -> Int {
            if call.operation.isRead { return try store.answer(call) }
            return try store.write { graph in try graph.apply(call) }
        }
    }

    func session() -> any Session { Direct(store) }
}

/// Kith with writes submitted: those that wait at the same time are committed together. Each thread waits for its own.
struct GroupedKith: Side {
    let name = "Kith, commits in groups"
    private let store: GraphStore

    init(_ graph: PlainGraph, in folder: String) throws {
        store = try makeStore("grouped", graph, in: folder)
    }

    /// Where a task leaves its answer for the thread that waits for it.
    private final class Kept: Sendable {
        let answer = Mutex<Result<Int, any Error>>(.success(0))
    }

    private final class Submitting: Session {
        private let store: GraphStore
        init(_ store: GraphStore) { self.store = store }

        func perform(_ call: Call) throws -> Int {
            if call.operation.isRead { return try store.answer(call) }
            let (store, done) = (store, DispatchSemaphore(value: 0))
            let kept = Kept()
            Task.detached {
                let result: Result<Int, any Error>
                do {
                    result = .success(try await store.submit { graph in try graph.apply(call) })
                } catch {
                    result = .failure(error)
                }
                kept.answer.withLock { $0 = result }
                done.signal()
            }
            done.wait()
            return try kept.answer.withLock { try $0.get() }
        }
    }

    func session() -> any Session { Submitting(store) }
}
