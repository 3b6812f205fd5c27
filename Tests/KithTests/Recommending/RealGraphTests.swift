import Foundation
import GraphTesting
import Kith
import Testing

/// Real graphs that lie beside the project for those who have them; without them the tests are skipped, visibly.
private enum RealGraphs {
    static let folder = "../shared/data"
    static let isHere = FileManager.default.fileExists(atPath: folder)
    static func has(_ file: String) -> Bool { FileManager.default.fileExists(atPath: "\(folder)/\(file)") }
}

@Suite("Real graphs")
struct RealGraphTests {
    @Test(
        "LiveJournal: the known top ten by common friends, for some of 49,023 users and for all when asked",
        .enabled(if: RealGraphs.has("livejournal50k/common-neighbours-top10.tsv.gz"), "needs ../shared/data"))
    func liveJournal() throws {
        let folder = try TemporaryFolder()
        let data = "\(RealGraphs.folder)/livejournal50k"
        let path = folder.file("livejournal.kith")
        _ = try BulkLoader(options: .forTests)
            .load([.init(type: .friends, path: "\(data)/friends.tsv.gz")], into: path)
        let store = try GraphStore(opening: path, options: .forTests)
        let answers = try String(decoding: gunzipped("\(data)/common-neighbours-top10.tsv.gz"), as: UTF8.self)
            .split(separator: "\n")
        #expect(answers.count == 49_023)
        let recommender = FriendsOfFriends(via: .friends, score: .paths)
        var wrong: [String] = []
        try store.read { snapshot in
            let step = max(1, answers.count / Repetitions.of(1_500))
            for line in stride(from: 0, to: answers.count, by: step).map({ answers[$0] }) {
                let parts = line.split(separator: "\t", omittingEmptySubsequences: false)
                let user = try NodeKey(parts[0])
                let expected = try parts[1].split(separator: ",").map { try NodeKey($0) }
                let found = try snapshot.recommend(for: user, by: recommender, evidenceLimit: 0).results
                let counts = try expected.map { try snapshot.score(of: $0, for: user, by: recommender) }.sorted(by: >)
                // Ties at the tenth place are broken by smaller id there and by more followed here.
                let least = counts.count < 10 ? 0 : counts.last ?? 0
                let determined = try Set(
                    expected.filter {
                        try snapshot.score(of: $0, for: user, by: recommender) > least
                    })
                let isSame =
                    found.map(\.score) == counts && determined == Set(found.filter { $0.score > least }.map(\.user))
                if !isSame { wrong.append(user.description) }
            }
        }
        #expect(wrong == [])
    }

    /// A store of one file of a real graph.
    private func store(_ folder: TemporaryFolder, _ type: EdgeType.Name, _ file: String) throws -> GraphStore {
        let path = folder.file("real.kith")
        _ = try BulkLoader(options: .forTests, onError: .skip)
            .load([.init(type: type, path: "\(RealGraphs.folder)/\(file)")], into: path)
        return try GraphStore(opening: path, options: .forTests)
    }

    /// The rows of recorded values; what stands above them says where they are from.
    private func recorded(_ name: String) throws -> [[Substring]] {
        let url = try #require(
            Bundle.module.url(forResource: name, withExtension: "tsv", subdirectory: "Resources"))
        return try String(contentsOf: url, encoding: .utf8).split(separator: "\n").filter { !$0.hasPrefix("#") }
            .map { $0.split(separator: "\t") }
    }

    private func isClose(_ found: Double, _ expected: Double, _ tolerance: Double) -> Bool {
        abs(found - expected) <= tolerance * max(abs(expected), 1e-300)
    }

    @Test(
        "NetworkX: five indices of 1,000 pairs", .enabled(if: RealGraphs.isHere, "needs ../shared/data"),
        arguments: [("lastfm", "lastfm/user_friends.dat"), ("MIT8", "facebook100/MIT8.friends.tsv.gz")])
    func networkX(name: String, file: String) throws {
        let folder = try TemporaryFolder()
        let store = try store(folder, .friends, file)
        let rows = try recorded("networkx-\(name)")
        #expect(rows.count == 1_000)
        let formulas: [TwoHopScore] = [
            .paths, .adamicAdar, .resourceAllocation, .jaccard, .preferentialAttachment,
        ]
        try store.read { snapshot in
            for row in rows {
                let (user, candidate) = (try NodeKey(row[0]), try NodeKey(row[1]))
                let isReached = try #require(Double(row[2])) > 0
                for (formula, field) in zip(formulas, row[2...]) {
                    let expected = try #require(Double(field))
                    let found = try snapshot.score(
                        of: candidate, for: user, by: FriendsOfFriends(via: .friends, score: formula))
                    // A candidate needs a path, also where the formula does not.
                    #expect(isClose(found, isReached ? expected : 0, 1e-12), "\(formula) of \(user), \(candidate)")
                }
            }
        }
    }

    @Test(
        "igraph: the best hundred of forty personalised PageRanks, whose sums of errors are below 1e-6",
        .enabled(if: RealGraphs.isHere, "needs ../shared/data"),
        arguments: [
            ("MIT8", "facebook100/MIT8.friends.tsv.gz", EdgeType.Name.friends),
            ("epinions", "epinions/trust.tsv.gz", .follows),
        ])
    func personalizedPageRank(name: String, file: String, type: EdgeType.Name) throws {
        let folder = try TemporaryFolder()
        let store = try store(folder, type, file)
        var walks: [[Substring]: [[Substring]]] = [:]
        for row in try recorded("igraph-pagerank-\(name)") { walks[Array(row[0...1]), default: []].append(row) }
        #expect(walks.count == 40)
        try store.read { snapshot in
            for (walk, rows) in walks {
                let request = PersonalizedPageRank(
                    via: [type], restart: try #require(Double(walk[0])), tolerance: 1e-7)
                let seed = try NodeKey(walk[1])
                // Nobody is left out, so that the list is the vector.
                let everyone = RecommendationRequest(
                    [request.recommender], limit: .max, evidenceLimit: 0, filters: .init(joinedBy: []), fallback: [])
                let list = try snapshot.recommend(everyone, for: seed)
                let scores = Dictionary(uniqueKeysWithValues: list.map { ($0.user, $0.score) })
                var error = 0.0
                for row in rows where try NodeKey(row[2]) != seed {
                    error += abs((scores[try NodeKey(row[2])] ?? 0) - (try #require(Double(row[3]))))
                }
                #expect(error <= 1e-6)
                #expect(rows.count == 100)
            }
        }
    }

    @Test("igraph: the PageRank of everyone", .enabled(if: RealGraphs.isHere, "needs ../shared/data"))
    func pageRank() throws {
        let folder = try TemporaryFolder()
        let store = try store(folder, .friends, "lastfm/user_friends.dat")
        let rows = try recorded("igraph-pagerank-lastfm")
        try store.read { snapshot in
            let top = try snapshot.top(by: Popularity(.pageRank), via: .friends, limit: .max)
            let scores = Dictionary(uniqueKeysWithValues: top.map { ($0.key, $0.score) })
            #expect(scores.count == rows.count)
            let error = try rows.reduce(0) { sum, row in
                sum + abs(try #require(scores[try NodeKey(row[0])]) - (try #require(Double(row[1]))))
            }
            #expect(error <= 1e-6)
        }
    }

    @Test(
        "SciPy: cosine, tf-idf cosine and BM25 of 500 pairs", .enabled(if: RealGraphs.isHere, "needs ../shared/data"),
        arguments: [("lastfm", "lastfm/user_artists.dat"), ("deezer", "deezer/interests.tsv.gz")])
    func interests(name: String, file: String) throws {
        let folder = try TemporaryFolder()
        let store = try store(folder, .interests, file)
        let rows = try recorded("scipy-interests-\(name)")
        #expect(rows.count == 500)
        try store.read { snapshot in
            for row in rows {
                let (user, candidate) = (try NodeKey(row[0]), try NodeKey(row[1]))
                for (formula, field) in zip([.paths, .cosine, .tfidfCosine, .bm25] as [TwoHopScore], row[2...]) {
                    let found = try snapshot.score(of: candidate, for: user, by: SharedInterests(score: formula))
                    let expected = try #require(Double(field))
                    #expect(isClose(found, expected, 1e-9), "\(formula) of \(user), \(candidate)")
                }
            }
        }
    }

    @Test(
        "SciPy: the linear filter's best twenty for fifty people",
        .enabled(if: RealGraphs.isHere, "needs ../shared/data"))
    func linearFilter() throws {
        let folder = try TemporaryFolder()
        let store = try store(folder, .views, "gowalla/train.tsv.gz")
        let rows = try recorded("scipy-views-gowalla")
        #expect(rows.count == 1_000)
        try store.read { snapshot in
            for (user, rows) in Dictionary(grouping: rows, by: { $0[0] }) {
                let found = try snapshot.recommend(
                    for: try NodeKey(user), by: Recommender(.linearFilter, via: [.views]), limit: 20, evidenceLimit: 0)
                #expect(found.count == rows.count)
                for (result, row) in zip(found, rows) {
                    #expect(isClose(result.score, try #require(Double(row[3])), 1e-9))
                }
            }
        }
    }
}
