import Foundation
import Kith

/// What the driver is asked; the edges are those of ``via``, `follows` unless given.
///
/// | do | needs | answers with |
/// |---|---|---|
/// | `paths` | users, limit, budget | friends of friends by number of paths, of one user after the other, each in a snapshot of its own; no further ones once `budget` seconds are over |
/// | `pagerank` | user, limit, restart[, tolerance] | personalised PageRank; serving mode without a tolerance |
/// | `neighbors` | user | the keys of those it has edges to, and of those who have edges to it |
/// | `lists` | nodes | the sum of all ids in the out-lists of the nodes |
/// | `labels` | nodes | the sum of the keys, which need to be integers, of the same neighbours |
/// | `edges` | pairs | how many of the edges there are |
/// | `insert` | pairs | how many edges were new; one durable transaction |
/// | `all` | request, file | how many users were answered, on one thread; the file gets user TAB key TAB score rows |
struct Question: Decodable {
    enum Verb: String, Decodable {
        case paths, pagerank, neighbors, lists, labels, edges, insert, all
    }

    let `do`: Verb
    var via: EdgeType.Name?
    var user: NodeKey?
    var users: [NodeKey]?
    var budget: Double?
    var limit: Int?
    var restart: Double?
    var tolerance: Double?
    var nodes: [NodeKey]?
    var pairs: [[NodeKey]]?
    var request: RecommendationRequest?
    var file: String?

    func answer(from store: GraphStore) throws -> Answer {
        switch `do` {
        case .paths: try paths(in: store)
        case .pagerank:
            try suggestions(
                to: try given(user, "user"), from: store,
                Recommender(
                    .pageRank, via: [type],
                    pageRank: PersonalizedPageRank(
                        via: [Hop.Step(type)], restart: try given(restart, "restart"), tolerance: tolerance)))
        case .neighbors: try neighbors(in: store)
        case .lists: try sumOfLists(in: store)
        case .labels: try sumOfLabels(in: store)
        case .edges: try edgesFound(in: store)
        case .insert: try insert(into: store)
        case .all: try everyone(in: store)
        }
    }

    private var type: EdgeType.Name { via ?? .follows }

    private func paths(in store: GraphStore) throws -> Answer {
        let recommender = Recommender(.friendsOfFriends, via: [type], score: .paths)
        let end = ContinuousClock.now + .seconds(try given(budget, "budget"))
        var each: [Answer] = []
        for user in try given(users, "users") {
            each.append(try suggestions(to: user, from: store, recommender))
            if ContinuousClock.now > end { break }
        }
        return Answer(seconds: each.reduce(0) { $0 + $1.seconds }, each: each)
    }

    private func suggestions(
        to user: NodeKey, from store: GraphStore, _ recommender: Recommender
    ) throws -> Answer {
        let request = RecommendationRequest(
            [recommender], limit: try given(limit, "limit"), evidenceLimit: 0, fallback: [])
        let (seconds, list) = try timed { try store.read { try $0.recommend(request, for: user) } }
        return Answer(
            seconds: seconds, results: list.map { Answer.Result(key: $0.user, score: $0.score) },
            residual: list.residual)
    }

    private func neighbors(in store: GraphStore) throws -> Answer {
        let user = try given(user, "user")
        let (seconds, found) = try timed {
            try store.read { snapshot in
                try [EdgeDirection.out, .in].map { direction in
                    var keys: [String] = []
                    try snapshot.forEachNeighbor(of: user, via: type, direction: direction) { neighbor, _, _ in
                        guard let key = try snapshot.key(of: neighbor) else {
                            throw Unanswerable("node \(neighbor) has no key")
                        }
                        keys.append(key.description)
                    }
                    return keys
                }
            }
        }
        return Answer(seconds: seconds, neighbors: found)
    }

    private func sumOfLists(in store: GraphStore) throws -> Answer {
        let nodes = try given(nodes, "nodes")
        let (seconds, sum) = try timed {
            try store.read { snapshot in
                var sum: UInt64 = 0
                for node in nodes {
                    guard let id = try snapshot.id(of: node) else { throw Unanswerable("there is no node \(node)") }
                    try snapshot.forEachNeighborGroup(of: id, via: type) { group in
                        for index in group.indices { sum &+= UInt64(group[index]) }
                    }
                }
                return sum
            }
        }
        return Answer(seconds: seconds, sum: sum)
    }

    private func sumOfLabels(in store: GraphStore) throws -> Answer {
        let nodes = try given(nodes, "nodes")
        let (seconds, sum) = try timed {
            try store.read { snapshot in
                var sum: UInt64 = 0
                for node in nodes {
                    try snapshot.forEachNeighbor(of: node, via: type) { neighbor, _, _ in
                        guard let label = try snapshot.key(of: neighbor)?.integer else {
                            throw Unanswerable("node \(neighbor) has no integer key")
                        }
                        sum &+= label
                    }
                }
                return sum
            }
        }
        return Answer(seconds: seconds, sum: sum)
    }

    private func edgesFound(in store: GraphStore) throws -> Answer {
        let pairs = try given(pairs, "pairs")
        let (seconds, found) = try timed {
            try store.read { snapshot in
                try pairs.count { try snapshot.edge(from: $0[0], type, to: $0[1]) != nil }
            }
        }
        return Answer(seconds: seconds, sum: UInt64(found))
    }

    private func insert(into store: GraphStore) throws -> Answer {
        let pairs = try given(pairs, "pairs")
        let (seconds, added) = try timed {
            try store.write { graph in
                var added: UInt64 = 0
                for pair in pairs where try graph.add(pair[0], type, pair[1]) { added += 1 }
                return added
            }
        }
        return Answer(seconds: seconds, sum: added)
    }

    private func everyone(in store: GraphStore) throws -> Answer {
        let (request, file) = (try given(request, "request"), try given(file, "file"))
        var answers: [BatchAnswer] = []
        let (seconds, _) = try timed {
            try store.recommendationsForAll(request, threads: 1) { answers.append($0) }
        }
        var rows = ""
        for answer in answers {
            for result in answer.list.map(Array.init) ?? [] {
                rows += "\(answer.user)\t\(result.user)\t\(result.score)\n"
            }
        }
        try rows.write(toFile: file, atomically: false, encoding: .utf8)
        return Answer(seconds: seconds, sum: UInt64(answers.count))
    }

    private func timed<Result>(_ body: () throws -> Result) rethrows -> (seconds: Double, Result) {
        let start = ContinuousClock.now
        let result = try body()
        return (start.duration(to: .now) / .seconds(1), result)
    }

    private func given<Value>(_ value: Value?, _ name: String) throws -> Value {
        guard let value else { throw Unanswerable("'\(self.do.rawValue)' needs '\(name)'") }
        return value
    }
}

/// Why a question has no answer.
struct Unanswerable: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}
