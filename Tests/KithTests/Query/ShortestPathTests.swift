import Foundation
import GraphTesting
import Kith
import ProcessTesting
import Testing

/// A graph in arrays by dense ids, searched breadth first from one end: what a path must equal.
private struct SlowPaths {
    /// For each id the ids that edges lead to, ascending.
    var next: [[UInt32]]

    /// The shortest path with the smallest ids, or nil.
    func path(from first: UInt32, to last: UInt32) -> [UInt32]? {
        var before = Array(repeating: [UInt32](), count: next.count)
        for (id, targets) in next.enumerated() { for target in targets { before[Int(target)].append(UInt32(id)) } }
        var distance = Array(repeating: Int.max, count: next.count)
        distance[Int(last)] = 0
        var queue = [last]
        var place = 0
        while place < queue.count {
            let node = queue[place]
            place += 1
            for source in before[Int(node)] where distance[Int(source)] == .max {
                distance[Int(source)] = distance[Int(node)] + 1
                queue.append(source)
            }
        }
        guard distance[Int(first)] != .max else { return nil }
        var path = [first]
        while let node = path.last, node != last {
            path.append(next[Int(node)].first { distance[Int($0)] == distance[Int(node)] - 1 }!)
        }
        return path
    }
}

extension SlowPaths {
    /// The edges of a hop among the first `count` users of a store.
    init(_ hop: Hop, count: Int, in store: GraphStore) throws {
        next = Array(repeating: [], count: count)
        try store.read { snapshot in
            for id in 0..<UInt32(count) {
                for step in hop.steps {
                    try snapshot.forEachNeighborGroup(
                        of: NodeID(rawValue: id), via: step.type, direction: step.direction
                    ) { group in
                        for index in group.indices { next[Int(id)].append(group[index]) }
                    }
                }
                next[Int(id)] = Set(next[Int(id)]).sorted()
            }
        }
    }
}

@Suite("A shortest path")
struct ShortestPathTests {
    /// Compares random pairs of a store with the slow search.
    private func compare(_ hop: Hop, count: Int, pairs: Int, seed: UInt64, in store: GraphStore) throws {
        let slow = try SlowPaths(hop, count: count, in: store)
        var random = SplitMix64(seed: seed)
        var found = 0
        for _ in 0..<pairs {
            let first = UInt32.random(in: 0..<UInt32(count), using: &random)
            let last = UInt32.random(in: 0..<UInt32(count), using: &random)
            let expected = slow.path(from: first, to: last)
            try store.read { snapshot in
                let source = try #require(try snapshot.key(of: NodeID(rawValue: first)))
                let target = try #require(try snapshot.key(of: NodeID(rawValue: last)))
                let path = try snapshot.shortestPath(from: source, to: target, via: hop)
                let ids = try path?.nodes.map { try snapshot.id(of: $0)?.rawValue }
                #expect(ids == expected, "from \(first) to \(last)")
                guard let path else { return }
                found += 1
                for ((from, to), type) in zip(zip(path.nodes, path.nodes.dropFirst()), path.types) {
                    var isJoined = try snapshot.edge(from: from, type, to: to) != nil
                    if !isJoined, hop.steps.contains(.init(type, .in)) {
                        isJoined = try snapshot.edge(from: to, type, to: from) != nil
                    }
                    #expect(isJoined, "\(from) \(type) \(to)")
                }
                #expect(try snapshot.shortestPath(from: source, to: target, via: hop, maximumHops: path.hops) == path)
                if path.hops > 0 {
                    #expect(
                        try snapshot.shortestPath(from: source, to: target, via: hop, maximumHops: path.hops - 1) == nil
                    )
                }
            }
        }
        #expect(found > 0)
    }

    @Test(
        "is that of a slow search with the smallest ids, over directed and symmetric types",
        arguments: Repetitions.seeds(10),
        [
            Hop.out(.follows), .out(.friends), .out(.follows, .friends), .in(.follows), .both(.interacts),
            .out(.friends, .interacts),
        ])
    func oracle(seed: UInt64, hop: Hop) throws {
        // Few edges a node, so that there are long paths, and pairs without one.
        let random = try RandomSocialGraph(seed: seed, edges: 300)
        try compare(hop, count: Int(RandomSocialGraph.users), pairs: 60, seed: seed, in: random.store)
    }

    @Test("on a ring, where both ways are equally long, is the one through the smaller id")
    func ring() throws {
        let folder = try TemporaryFolder()
        let store = try GraphStore(creating: folder.file("people.kith"), options: .forTests)
        try store.write { graph in
            for number in 0..<10 as Range<UInt64> {
                try graph.add(NodeKey(number), .friends, NodeKey((number + 1) % 10))
            }
        }
        let path = try store.read { try $0.shortestPath(from: 0, to: 5, via: .out(.friends)) }
        #expect(path?.nodes == [0, 1, 2, 3, 4, 5])
        #expect(path?.types == Array(repeating: .friends, count: 5))
    }

    @Test("leads through private accounts as through any other")
    func privateAccounts() throws {
        let folder = try TemporaryFolder()
        let store = try GraphStore(creating: folder.file("people.kith"), options: .forTests)
        try store.write { graph in
            try graph.add("a", .follows, "b")
            try graph.add("b", .follows, "c")
            try graph.add("b", .settings, Setting.isPrivate)
        }
        #expect(
            try store.read { try $0.shortestPath(from: "a", to: "c", via: .out(.follows)) }?.nodes == ["a", "b", "c"])
        #expect(try store.read { try $0.shortestPath(from: "c", to: "a", via: .out(.follows)) } == nil)
        #expect(throws: GraphStoreError.self) {
            try store.read { try $0.shortestPath(from: "a", to: "c", via: .out(.settings)) }
        }
        #expect(throws: GraphStoreError.noSuchNode(.user, "d")) {
            try store.read { try $0.shortestPath(from: "a", to: "d", via: .out(.follows)) }
        }
    }

    @Test(
        "on a real graph is that of the slow search",
        .enabled(if: FileManager.default.fileExists(atPath: "../shared/data"), "needs ../shared/data"),
        arguments: [
            ("linkprediction/PB.edges.tsv", EdgeType.Name.follows), ("lastfm/user_friends.dat", .friends),
            ("epinions/trust.tsv.gz", .follows),
        ])
    func realGraph(file: String, type: EdgeType.Name) throws {
        let folder = try TemporaryFolder()
        let path = folder.file("real.kith")
        _ = try BulkLoader(options: .forTests, onError: .skip)
            .load([.init(type: type, path: "../shared/data/\(file)")], into: path)
        let store = try GraphStore(opening: path, options: .forTests)
        let count = try store.read { try $0.nodeCount(of: .user) }
        try compare(.out(type), count: count, pairs: 40, seed: 7, in: store)
    }
}
