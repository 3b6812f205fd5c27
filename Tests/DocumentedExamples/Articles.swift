import Foundation
import Kith
import Logging

/// The examples of the documentation's first page.
func overview() throws {
    _ = try GraphStore(creating: "people.kith")
    // example
    let store = try GraphStore(opening: "people.kith")
    try store.write { graph in
        try graph.add("alice", .follows, "bob")
        try graph.add("bob", .follows, "carol")
    }
    let suggestions = try store.read { snapshot in
        try snapshot.recommend(for: "alice", by: FriendsOfFriends(via: .follows))
    }
    for suggestion in suggestions.results {
        print(suggestion.user, suggestion.score, suggestion.evidence)
    }
    // end
    precondition(suggestions.results.map(\.user) == ["carol"])
}

/// The examples of "Getting started".
func gettingStarted() async throws {
    // example
    let store = try GraphStore(creating: "people.kith")
    // end
    // example
    try store.write { graph in
        try graph.add("alice", .follows, "bob")
        try graph.add("bob", .follows, "carol")
        try graph.add("alice", .interacts, "carol", weight: 1)
    }
    // end
    // example
    try await store.submit { graph in
        try graph.add("carol", .follows, "alice")
    }
    // end
    // example
    let page = try store.read { snapshot in
        try snapshot.neighbors(of: "alice", via: .follows, order: .newestFirst, limit: 20)
    }
    let suggestions = try store.read { snapshot in
        try snapshot.recommend(for: "alice", by: FriendsOfFriends(via: .follows, score: .adamicAdar))
    }
    // end
    precondition(page.neighbors.map(\.key) == ["bob"] && suggestions.map(\.user) == ["carol"])
    try FileManager.default.createDirectory(atPath: "files", withIntermediateDirectories: false)
    try enter("files")
    try Data("alice\tbob\nbob\tcarol\n".utf8).write(to: URL(fileURLWithPath: "follows.tsv"))
    let gzip = try Process.run(URL(fileURLWithPath: "/usr/bin/env"), arguments: ["gzip", "follows.tsv"])
    gzip.waitUntilExit()
    do {
        // example
        let report = try BulkLoader().load([.init(type: .follows, path: "follows.tsv.gz")], into: "people.kith")
        // end
        precondition(report.edges == [.follows: 2])
    }
    let follows: [(NodeKey, NodeKey)] = [("alice", "dora"), ("dora", "bob")]
    // example
    let report = try BulkLoader().load(into: "people.kith") { sink in
        for (follower, followed) in follows { try sink.add(follower, .follows, followed) }
    }
    // end
    precondition(report.edges == [.follows: 4])
}

/// The examples of "Loading whole graphs".
func loading() throws {
    let store = try GraphStore(creating: "people.kith")
    try store.write { graph in try graph.add("alice", .friends, "bob") }
    // example
    try store.read { snapshot in
        try GraphExport(.edges).write(.edges(.friends), of: snapshot, toFile: "friends.txt")
        try GraphExport(.jsonl).writeAll(of: snapshot, toFolder: "dump")
    }
    // end
    let report = try BulkLoader().load(
        [
            .init(type: .friends, path: "friends.txt"), .init(type: .friends, path: "dump/friends.edges.jsonl"),
        ], into: "again.kith")
    precondition(report.edges == [.friends: 1] && report.duplicates == 1)
    // example
    let start = try Timestamp(parsing: "2024-05-01 08:00:00")
    let lastMonth = try Timestamp(parsing: "30d", relativeTo: .ofSystemClock)
    // end
    precondition(start == Timestamp(rawValue: 1_714_550_400) && lastMonth < .ofSystemClock)
}

/// The examples of "Recommending".
func recommending() throws {
    let store = try GraphStore(creating: "people.kith")
    try store.write { graph in
        for other in ["bob", "carol"] as [NodeKey] {
            try graph.add("alice", .follows, other)
            try graph.add(other, .follows, "dora")
        }
        try graph.add("bob", .follows, "carol")
    }
    // example
    let suggestions = try store.read { snapshot in
        try snapshot.recommend(for: "alice", limit: 10) {
            FriendsOfFriends(via: .follows, score: .adamicAdar)
            PersonalizedPageRank(via: [.follows, .friends]).weighted(0.5)
            SharedInterests(via: .interests)
        }
    }
    // end
    // example
    let others = try store.read { snapshot in
        let dora = try snapshot.id(of: "dora")
        return try snapshot.recommend(RecommendationRequest(limit: 5), for: "alice") { candidate in candidate != dora }
    }
    // end
    precondition(suggestions.map(\.user) == ["dora"] && others.isEmpty)
}

/// The examples of "Concurrency".
func concurrency() async throws {
    let store = try GraphStore(creating: "people.kith")
    // example
    let isNew = try await store.submit { graph in
        try graph.add("alice", .follows, "bob")
    }
    let (followers, suggestions) = try await store.query { snapshot in
        (
            try snapshot.degree(of: "bob", via: .follows, direction: .in),
            try snapshot.recommend(RecommendationRequest(limit: 5), for: "bob")
        )
    }
    // end
    precondition(isNew && followers == 1 && suggestions.isEmpty)
    // example
    let impatient = try GraphStore(opening: "people.kith", options: .init(busyTimeout: .seconds(2)))
    try impatient.write { graph in
        try graph.add("alice", .follows, "bob")
    }
    // end
}

/// The examples of "Operations".
func operations() throws {
    _ = try GraphStore(creating: "people.kith")
    // example
    var options = GraphStore.Options()
    options.logger = Logger(label: "social")
    options.longReadSeconds = 10
    let store = try GraphStore(opening: "people.kith", options: options)
    // end
    let report = try store.check()
    precondition(report.isSound)
}
