import Foundation
import Kith

/// The examples that stand in comments of the sources.
func comments() async throws {
    try graphStore()
    try await query()
    try bulkLoader()
    fileDialect()
    try await loadJob()
    try graphExport()
    try exportFolder()
    try changeFile()
    try customRecommender()
}

private func graphStore() throws {
    _ = try GraphStore(creating: "people.kith")
    // example
    let store = try GraphStore(opening: "people.kith")
    try store.write { graph in
        try graph.add("alice", .follows, "bob")
    }
    let follows = try store.read { snapshot in
        try snapshot.degree(of: "alice", via: .follows)
    }
    // end
    precondition(follows == 1)
}

private func query() async throws {
    let store = try GraphStore(opening: "people.kith")
    try store.write { graph in _ = try graph.add("bob", .follows, "carol") }
    // example
    let suggestions = try await store.query { snapshot in
        try snapshot.recommend(for: "alice", by: FriendsOfFriends(via: .follows))
    }
    // end
    precondition(suggestions.map(\.user) == ["carol"])
}

private func fileDialect() {
    // example
    let file = BulkLoader.EdgeFile(
        type: .follows, path: "follows.txt",
        dialect: FileDialect(columns: [.source, .skipped, .target], header: .none, delimiter: .semicolon))
    // end
    precondition(file.format == nil)
}

private func bulkLoader() throws {
    try Data("bob\tdora\n".utf8).write(to: URL(fileURLWithPath: "follows.tsv"))
    // example
    let report = try BulkLoader().load([.init(type: .follows, path: "follows.tsv")], into: "people.kith")
    // end
    precondition(report.edges == [.follows: 3])
}

private func loadJob() async throws {
    // example
    let job = BulkLoader().start([.init(type: .follows, path: "follows.tsv")], into: "people.kith")
    for await progress in job.progress { print(progress.phase, progress.rows) }
    let report = try await job.report
    // end
    precondition(report.duplicates == 1)
}

private func graphExport() throws {
    let store = try GraphStore(opening: "people.kith")
    // example
    let file = try store.read { snapshot in
        try GraphExport(.csv).write(.edges(.follows), of: snapshot, toFile: "follows.csv.gz")
    }
    // end
    let report = try BulkLoader().load([.init(type: .follows, path: "follows.csv.gz")], into: "again.kith")
    precondition(file.rows == 3 && report.edges == [.follows: 3])
}

private func exportFolder() throws {
    let store = try GraphStore(opening: "people.kith")
    _ = try store.read { snapshot in try GraphExport(.csv).writeAll(of: snapshot, toFolder: "dump") }
    // example
    let report = try BulkLoader().load(ExportFolder(at: "dump"), into: "copy.kith")
    // end
    precondition(report.edges == [.follows: 3])
}

private func changeFile() throws {
    let store = try GraphStore(opening: "copy.kith")
    let lines = [
        #"{"add": "follows", "from": "bob", "to": "eve"}"#, #"{"remove": "follows", "from": "bob", "to": "nobody"}"#,
    ]
    try Data(lines.joined(separator: "\n").utf8).write(to: URL(fileURLWithPath: "changes.jsonl"))
    // example
    let report = try store.apply(ChangeFile(path: "changes.jsonl"))
    print(report.added, report.removed, report.missing)
    // end
    precondition(report.added == 1 && report.removed == 0 && report.missing == 1)
}

private func customRecommender() throws {
    // example
    struct TeamPicks: CustomRecommender {
        let name = "team-picks"
        let relation: [EdgeType.Name] = [.follows]

        func candidates(for search: CandidateSearch, in snapshot: borrowing Snapshot) throws -> [ScoredNode] {
            guard let team = try snapshot.id(of: "team") else { return [] }
            var picks: [ScoredNode] = []
            try snapshot.forEachNeighborGroup(of: team, via: .follows) { group in
                for index in group.indices { picks.append(ScoredNode(NodeID(rawValue: group[index]), score: 1)) }
            }
            return picks
        }
    }
    var options = GraphStore.Options()
    options.recommenders = [TeamPicks()]
    let store = try GraphStore(opening: "people.kith", options: options)
    // end
    try store.write { graph in
        try graph.add("team", .follows, "picked")
        try graph.addNode("picked-for")
    }
    let picks = try store.read { try $0.recommend(for: "picked-for", by: Recommender(custom: "team-picks")) }
    precondition(picks.results.map(\.user) == ["picked"])
}
