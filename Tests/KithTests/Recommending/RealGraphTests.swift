import Foundation
import GraphTesting
import Kith
import Testing

/// Real graphs that lie beside the project for those who have them; without them the tests are skipped, visibly.
private enum RealGraphs {
    static let folder = "../shared/data"
    static func has(_ file: String) -> Bool { FileManager.default.fileExists(atPath: "\(folder)/\(file)") }
}

@Suite("Real graphs")
struct RealGraphTests {
    @Test(
        "LiveJournal: the known top ten by common friends for all 49,023 users",
        .enabled(if: RealGraphs.has("livejournal50k/common-neighbours-top10.tsv.gz"), "needs ../shared/data"))
    func liveJournal() throws {
        let folder = try TemporaryFolder()
        let data = "\(RealGraphs.folder)/livejournal50k"
        let path = folder.file("livejournal.kith")
        _ = try BulkLoader(options: .forTests)
            .load([.init(type: .friends, path: "\(data)/friends.tsv.gz")], into: path)
        let store = try GraphStore(opening: path, options: .forTests)
        let answers = try gunzipped("\(data)/common-neighbours-top10.tsv.gz").split(separator: "\n")
        #expect(answers.count == 49_023)
        let recommender = FriendsOfFriends(via: .friends, score: .paths)
        var wrong: [String] = []
        try store.read { snapshot in
            for line in answers {
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

    @Test(
        "NetworkX: common neighbours, Adamic-Adar and resource allocation of 1,000 pairs",
        arguments: [("lastfm", "lastfm/user_friends.dat"), ("MIT8", "facebook100/MIT8.friends.tsv.gz")])
    func networkX(name: String, file: String) throws {
        guard RealGraphs.has(file) else {
            withKnownIssue("skipped: needs ../shared/data/\(file)") { Issue.record("the graph is not here") }
            return
        }
        let folder = try TemporaryFolder()
        let path = folder.file("\(name).kith")
        _ = try BulkLoader(options: .forTests)
            .load([.init(type: .friends, path: "\(RealGraphs.folder)/\(file)")], into: path)
        let store = try GraphStore(opening: path, options: .forTests)
        let url = try #require(
            Bundle.module.url(forResource: "networkx-\(name)", withExtension: "tsv", subdirectory: "Resources"))
        let rows = try String(contentsOf: url, encoding: .utf8).split(separator: "\n").filter { !$0.hasPrefix("#") }
        #expect(rows.count == 1_000)
        try store.read { snapshot in
            for row in rows {
                let fields = row.split(separator: "\t")
                let (user, candidate) = (try NodeKey(fields[0]), try NodeKey(fields[1]))
                for (formula, field) in zip([.paths, .adamicAdar, .resourceAllocation] as [TwoHopScore], fields[2...]) {
                    let expected = try #require(Double(field))
                    let found = try snapshot.score(
                        of: candidate, for: user, by: FriendsOfFriends(via: .friends, score: formula))
                    #expect(
                        abs(found - expected) <= 1e-12 * max(expected, 1e-300), "\(formula) of \(user), \(candidate)")
                }
            }
        }
    }

    private func gunzipped(_ path: String) throws -> String {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["gzip", "-dc", path]
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        let data = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return String(decoding: data, as: UTF8.self)
    }
}
