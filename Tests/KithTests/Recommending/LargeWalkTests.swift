import Foundation
import GraphTesting
import Testing

@testable import Kith

/// Walks long enough to be added up in units first, beside exact sums added up the obvious way.
@Suite("Sums over large walks")
struct LargeWalkTests {
    /// Follows by source, and a store of them.
    private struct Follows {
        let folder: TemporaryFolder
        let store: GraphStore
        let lists: [UInt64: Set<UInt64>]
        private let followerCounts: [UInt64: Int]

        init(_ lists: [UInt64: Set<UInt64>]) throws {
            self.lists = lists
            folder = try TemporaryFolder()
            let path = folder.file("people.kith")
            _ = try BulkLoader().load(into: path) { sink in
                for (source, targets) in lists.sorted(by: { $0.key < $1.key }) {
                    for target in targets.sorted() { try sink.add(NodeKey(source), .follows, NodeKey(target)) }
                }
            }
            store = try GraphStore(opening: path, options: .forTests)
            followerCounts = lists.values.reduce(into: [:]) { counts, targets in
                for target in targets { counts[target, default: 0] += 1 }
            }
        }

        /// The exact scores, best first, of those whom `user` does not follow and `isWanted` lets through.
        func scores(
            _ formula: TwoHopScore, for user: UInt64, _ options: WalkOptions, _ snapshot: borrowing Snapshot,
            _ isWanted: (UInt64) -> Bool = { _ in true }
        ) throws -> [(key: UInt64, score: Double)] {
            var ids: [UInt64: NodeID] = [:]
            func id(_ key: UInt64) throws -> NodeID {
                if let known = ids[key] { return known }
                let found = try snapshot.id(of: NodeKey(key), kind: .user)!
                ids[key] = found
                return found
            }
            var (sums, budget): ([UInt64: Double], Int) = ([:], options.budget ?? .max)
            for intermediate in try lists[user]!.map({ (id: try id($0), key: $0) }).sorted(by: { $0.id < $1.id }) {
                let targets = lists[intermediate.key] ?? []
                if targets.isEmpty || targets.count > options.maximumDegree ?? .max { continue }
                budget -= targets.count
                if budget < 0 { break }
                let degree = targets.count + followerCounts[intermediate.key]!
                let amount = formula == .adamicAdar ? 1 / log(Double(degree)) : 1 / Double(degree)
                for target in targets { sums[target, default: 0] += amount }
            }
            var scores: [(key: UInt64, score: Double)] = []
            for (key, score) in sums where key != user && !lists[user]!.contains(key) && isWanted(key) {
                scores.append((key, score))
            }
            for (key, _) in scores { _ = try id(key) }
            return scores.sorted { $0.score != $1.score ? $0.score > $1.score : ids[$0.key]! < ids[$1.key]! }
        }

        func expectExact(
            _ users: [UInt64], limits: [Int], options: WalkOptions = WalkOptions(),
            filters: RecommendationFilters = RecommendationFilters(), _ isWanted: (UInt64) -> Bool = { _ in true }
        ) throws {
            try store.read { snapshot in
                for formula in [TwoHopScore.adamicAdar, .resourceAllocation] {
                    for user in users {
                        let expected = try scores(formula, for: user, options, snapshot, isWanted)
                        for limit in limits {
                            let walk = FriendsOfFriends(via: .follows, score: formula, options: options)
                            let request = RecommendationRequest(
                                [walk.recommender], limit: limit, evidenceLimit: 0, filters: filters, fallback: [])
                            let found = try snapshot.recommend(request, for: NodeKey(user))
                            #expect(found.map(\.user) == expected.prefix(limit).map { NodeKey($0.key) }, "\(formula)")
                            #expect(found.map(\.score) == expected.prefix(limit).map(\.score), "\(formula)")
                        }
                    }
                }
            }
        }
    }

    /// Lists of up to `length` of `count` nodes, small ones more often.
    private static func lists(_ count: UInt64, length: Int, _ random: inout SplitMix64) -> [UInt64: Set<UInt64>] {
        var lists: [UInt64: Set<UInt64>] = [:]
        for source in 0..<count {
            let size = Int.random(in: 0...length, using: &random)
            let targets = (0..<size).map { _ in
                (0..<3).map { _ in UInt64.random(in: 0..<count, using: &random) }.min()!
            }
            lists[source] = Set(targets).subtracting([source])
        }
        return lists
    }

    @Test("are exact, bit for bit, with every limit, filter and option", arguments: 0..<3)
    func equalOracle(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        let graph = try Follows(Self.lists(1_200, length: 120, &random))
        let users = (0..<1_200).shuffled(using: &random).prefix(12).map(UInt64.init) + [0, 1]
        try graph.expectExact(users, limits: [0, 1, 10, 300, 5_000])
        try graph.expectExact(users, limits: [10], options: WalkOptions(maximumDegree: 60))
        try graph.expectExact(users, limits: [10], options: WalkOptions(budget: 2_500))
        let only = Set((0..<1_200).filter { $0 % 3 == 1 }.map { NodeKey(UInt64($0)) })
        try graph.expectExact(users, limits: [10], filters: RecommendationFilters(only: only)) { $0 % 3 == 1 }
    }

    @Test("are exact where a user follows so few that sets of them are told apart", arguments: 0..<3)
    func fewIntermediates(seed: UInt64) throws {
        var random = SplitMix64(seed: 40 + seed)
        var lists = Self.lists(1_200, length: 120, &random)
        // Alike, so that many candidates tie; and one whose only follower follows nobody else.
        for node in UInt64(0)..<20 { lists[node] = Set((0..<400).filter { $0 % 3 != node % 3 }).subtracting([node]) }
        for count in UInt64(1)...8 { lists[2_000 + count] = Set((0..<20).shuffled(using: &random).prefix(Int(count))) }
        lists[2_009] = [2_010, 3]
        lists[2_010] = [2_009]
        let graph = try Follows(lists)
        try graph.expectExact(Array(2_001...2_010), limits: [0, 1, 2, 10, 5_000])
        try graph.expectExact(Array(2_001...2_010), limits: [10], options: WalkOptions(maximumDegree: 300))
        try graph.expectExact(Array(2_001...2_010), limits: [10], options: WalkOptions(budget: 700))
        let only = Set((0..<1_200).filter { $0 % 3 == 1 }.map { NodeKey(UInt64($0)) })
        try graph.expectExact(Array(2_001...2_010), limits: [10], filters: RecommendationFilters(only: only)) {
            $0 % 3 == 1
        }
    }

    @Test("are exact where a user follows more than 8 and than 16 bits have units for", arguments: [9_000, 33_000])
    func wideUnits(count: UInt64) throws {
        var random = SplitMix64(seed: 9)
        var lists = Self.lists(400, length: 40, &random)
        for source in 400..<400 + count {
            lists[source] = Set((0..<2).map { _ in UInt64.random(in: 0..<400, using: &random) })
        }
        lists[100_000] = Set(400..<400 + count)
        try Follows(lists).expectExact([100_000], limits: [10, 100])
    }

    @Test("are exact where more may be among the best than are worth telling apart")
    func manyRivals() throws {
        var lists: [UInt64: Set<UInt64>] = [70_100: Set(70_000..<70_040)]
        for place in UInt64(0)..<40 {
            lists[70_000 + place] = Set((0..<2_000).map { (place * 1_700 + $0) % 70_000 })
        }
        try Follows(lists).expectExact([70_100], limits: [10, 70_000])
    }

    @Test(
        "of paths are exact around the most that 8 bits can count, the smaller id first",
        arguments: [254, 255, 256, 257])
    func countWidths(count: UInt64) throws {
        var lists: [UInt64: Set<UInt64>] = [1: Set(1_000..<1_000 + count)]
        for place in UInt64(0)..<count {
            // Five that all lead to, two that all but the first do, and many that one does.
            lists[1_000 + place] = Set<UInt64>([10, 11, 12, 13, 14]).union(place > 0 ? [15, 16] : []).union([
                5_000 + place
            ])
        }
        try Follows(lists).store.read { snapshot in
            for limit in [1, 3, 6, 400] {
                let request = RecommendationRequest(
                    [FriendsOfFriends(via: .follows, score: .paths).recommender], limit: limit, evidenceLimit: 0,
                    fallback: [])
                let found = try snapshot.recommend(request, for: 1)
                let expected =
                    Array(repeating: count, count: 5) + [count - 1, count - 1]
                    + Array(repeating: 1, count: Int(count))
                #expect(found.map(\.score) == expected.prefix(limit).map { Double($0) })
                let ids = try found.map { try #require(try snapshot.id(of: $0.user, kind: .user)) }
                for (one, next) in zip(zip(found, ids), zip(found, ids).dropFirst()) where one.0.score == next.0.score {
                    #expect(one.1 < next.1)
                }
            }
        }
    }

    @Test("in units are never more than there is room for, and never hide one that is as great")
    func units() {
        var random = SplitMix64(seed: 4)
        for round in 0..<300 {
            let count = Int.random(in: 1...400, using: &random)
            // Alike, or many orders of magnitude apart; now and then without limit.
            let amounts = (0..<count).map { _ -> Double in
                switch round % 3 {
                case 0: .random(in: 0.07...1.4, using: &random)
                case 1: 1 / Double(UInt64(1) << UInt64.random(in: 1...22, using: &random))
                default: Int.random(in: 0..<9, using: &random) == 0 ? .infinity : .random(in: 0.1...0.2, using: &random)
                }
            }
            let units = PathUnits(of: amounts, sumMax: Int(UInt16.max))
            #expect(amounts.reduce(0) { $0 + units.rounded($1) } <= Int(UInt16.max))
            let finite = amounts.filter(\.isFinite)
            let subsets = (0..<20).map { _ in
                let share = Int.random(in: 1...4, using: &random)
                return finite.filter { _ in Int.random(in: 0..<4, using: &random) < share }
            }
            for left in subsets {
                for right in subsets where left.reduce(0, +) >= right.reduce(0, +) && !left.isEmpty {
                    let (sum, other) = (
                        left.reduce(0) { $0 + units.rounded($1) }, right.reduce(0) { $0 + units.rounded($1) }
                    )
                    #expect(sum >= units.leastRival(of: Double(other)))
                }
            }
        }
    }
}
