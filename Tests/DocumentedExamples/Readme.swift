import Kith

/// The examples of README.md.
func readme() throws {
    // example
    let store = try GraphStore(creating: "people.kith")
    try store.write { graph in
        try graph.add("alice", .follows, "bob")
        try graph.add("bob", .follows, "carol")
        try graph.add("alice", .interacts, "carol", weight: 1)
    }
    let suggestions = try store.read { snapshot in
        try snapshot.recommend(for: "alice", by: FriendsOfFriends(via: .follows))
    }
    for suggestion in suggestions {
        print(suggestion.user, suggestion.score, suggestion.evidence)
    }
    // end
    precondition(suggestions.map(\.user) == ["carol"])
}
