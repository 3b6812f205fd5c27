import Foundation
import Kith

/// The examples that stand in comments of the sources.
func comments() async throws {
    try graphStore()
    try await query()
    try bulkLoader()
    try await loadJob()
    try graphExport()
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
