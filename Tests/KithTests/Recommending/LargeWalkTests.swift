import Foundation
import GraphTesting
import ProcessTesting
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
            var (sums, counts): ([UInt64: Double], [UInt64: Int]) = ([:], [:])
            var budget = options.budget ?? .max
            for intermediate in try lists[user]!.map({ (id: try id($0), key: $0) }).sorted(by: { $0.id < $1.id }) {
                let targets = lists[intermediate.key] ?? []
                if targets.isEmpty || targets.count > options.maximumDegree ?? .max { continue }
                budget -= targets.count
                if budget < 0 { break }
                let degree = targets.count + followerCounts[intermediate.key]!
                let amount = formula.formula.amount(ofDegree: degree)
                for target in targets {
                    sums[target, default: 0] += amount
                    counts[target, default: 0] += 1
                }
            }
            var scores: [(key: UInt64, score: Double)] = []
            for (key, score) in sums where key != user && !lists[user]!.contains(key) && isWanted(key) {
                if counts[key]! >= options.minimumPaths ?? 1 { scores.append((key, score)) }
            }
            for (key, _) in scores { _ = try id(key) }
            return scores.sorted { $0.score != $1.score ? $0.score > $1.score : ids[$0.key]! < ids[$1.key]! }
        }

        func expectExact(
            _ users: [UInt64], limits: [Int], options: WalkOptions = WalkOptions(),
            filters: RecommendationFilters = RecommendationFilters(), _ isWanted: (UInt64) -> Bool = { _ in true }
        ) throws {
            try store.read { snapshot in
                for formula in [TwoHopScore.paths, .adamicAdar, .resourceAllocation] {
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

    /// A few who follow very many, others who follow few, and popular nodes that are followed by most: the former hold most
    /// of the edges. Of the users, from 10,000 on, each follows some of both.
    private static func skewedLists(_ random: inout SplitMix64) -> [UInt64: Set<UInt64>] {
        func popular() -> UInt64 {
            (0..<6).map { _ in UInt64.random(in: 0..<4_000, using: &random) }.min()!
        }
        var lists: [UInt64: Set<UInt64>] = [:]
        for source in UInt64(4_000)..<4_500 {
            lists[source] = Set((0..<Int.random(in: 0...60, using: &random)).map { _ in popular() })
        }
        for source in UInt64(4_500)..<4_560 {
            let size = Int.random(in: 800...2_500, using: &random)
            lists[source] = Set((0..<size).map { _ in UInt64.random(in: 0..<4_000, using: &random) })
        }
        for (user, counts) in zip(
            UInt64(10_000)...,
            [(4, 1), (5, 1), (7, 2), (20, 3), (40, 6), (100, 14), (120, 20), (250, 30), (450, 50), (3, 6)])
        {
            lists[user] = Set((4_000..<4_500).shuffled(using: &random).prefix(counts.0))
                .union((4_500..<4_560).shuffled(using: &random).prefix(counts.1))
        }
        return lists
    }

    @Test("are exact where a few long lists are not read", arguments: Repetitions.seeds(1))
    func longListsLeft(seed: UInt64) throws {
        var random = SplitMix64(seed: 70 + seed)
        let lists = Self.skewedLists(&random)
        let graph = try Follows(lists)
        let users = (UInt64(10_000)..<10_010).map { $0 }
        try graph.expectExact(users, limits: [1, 10, 5_000])
        for least in [2, 5, 30] {
            try graph.expectExact(users, limits: [10], options: WalkOptions(minimumPaths: least))
        }
        try graph.expectExact(users, limits: [10], options: WalkOptions(maximumDegree: 1_500))
        try graph.expectExact(users, limits: [10], options: WalkOptions(budget: 9_000))
        // Few of those who are ahead are wanted, so that nothing is settled.
        for modulus in [2, 50, 900] as [UInt64] {
            let only = Set((0..<4_000).filter { $0 % modulus == 1 }.map { NodeKey(UInt64($0)) })
            try graph.expectExact(users, limits: [3], filters: RecommendationFilters(only: only)) { $0 % modulus == 1 }
        }
    }

    @Test("leave the longest lists unread where a user follows many, and ask a predicate no oftener than need be")
    func edgesVisited() throws {
        var random = SplitMix64(seed: 80)
        let lists = Self.skewedLists(&random)
        try Follows(lists).store.read { snapshot in
            for (user, formula) in [(10_005, TwoHopScore.paths), (10_008, .paths), (10_008, .adamicAdar)]
                as [(UInt64, TwoHopScore)]
            {
                let walk = FriendsOfFriends(via: .follows, score: formula)
                let request = RecommendationRequest([walk.recommender], limit: 10, evidenceLimit: 0, fallback: [])
                let prepared = try snapshot.prepare(request)
                let edges = lists[user]!.reduce(0) { $0 + lists[$1]!.count }
                let id = try #require(try snapshot.id(of: NodeKey(user), kind: .user))
                let (list, work) = try snapshot.answer(prepared, for: id.rawValue)
                #expect(list.count == 10)
                #expect(work.edges < edges * 2 / 3)
                #expect(work.edges > edges / 10)
                var asked = 0
                let same = try snapshot.recommend(request, for: NodeKey(user)) { _ in
                    asked += 1
                    return true
                }
                #expect(same.map(\.score) == list.map(\.score))
                #expect(same.map(\.user) == list.map(\.user))
                #expect(formula != .paths || asked < 200)
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

    @Test("are exact, bit for bit, with every limit, filter and option", arguments: Repetitions.seeds(1))
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

    @Test("are exact where a user follows so few that sets of them are told apart", arguments: Repetitions.seeds(1))
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
        for round in 0..<Repetitions.of(100) {
            let count = Int.random(in: 1...400, using: &random)
            // Alike, or many orders of magnitude apart; now and then without limit.
            let amounts = (0..<count).map { _ -> Double in
                switch round % 3 {
                case 0: .random(in: 0.07...1.4, using: &random)
                case 1: 1 / Double(UInt64(1) << UInt64.random(in: 1...22, using: &random))
                default: Int.random(in: 0..<9, using: &random) == 0 ? .infinity : .random(in: 0.1...0.2, using: &random)
                }
            }
            var units = QuantizedScores(of: amounts, sumMax: Int(UInt16.max))
            #expect(amounts.reduce(0) { $0 + units.rounded($1) } <= Int(UInt16.max))
            // So many lists have been read, of which the others are the rest.
            let read = [count, Int.random(in: 0...count, using: &random), count - count / 8].randomElement(
                using: &random)!
            for amount in amounts.prefix(read) { units.read(amount) }
            let finite = amounts.indices.filter { amounts[$0].isFinite }
            let subsets = (0..<20).map { _ in
                let share = Int.random(in: 1...4, using: &random)
                return finite.filter { _ in Int.random(in: 0..<4, using: &random) < share }
            }
            func sum(_ places: [Int]) -> Double { places.reduce(0) { $0 + amounts[$1] } }
            func unitsRead(_ places: [Int]) -> Int {
                places.filter { $0 < read }.reduce(0) { $0 + units.rounded(amounts[$1]) }
            }
            for left in subsets {
                let rest = sum(left.filter { $0 >= read })
                #expect(units.exactMax(of: unitsRead(left)) >= sum(left) || left.allSatisfy { $0 >= read })
                #expect(units.exactMax(of: unitsRead(left), rest: rest) >= sum(left))
                // What is known of the right one is what it has so far.
                for right in subsets where !left.isEmpty && sum(left) >= sum(right.filter { $0 < read }) {
                    #expect(unitsRead(left) >= units.leastRival(of: Double(unitsRead(right))))
                }
            }
            let rival = Int.random(in: 1...20_000, using: &random)
            if let least = units.sum(withRivalsFrom: rival, to: Int(UInt16.max)) {
                #expect(units.leastRival(of: Double(least)) >= rival)
                #expect(units.leastRival(of: Double(least - 1)) < rival)
            } else {
                #expect(units.leastRival(of: Double(UInt16.max)) < rival)
            }
        }
    }
}
