import ArgumentParser
import Kith

/// The words of a store that may stand in an argument: for the completion scripts of other shells, and for kith's own.
enum StoreWords {
    /// At most so many keys are offered: more would not be read.
    static let keysMax = 100

    /// The store's edge types.
    static func edgeTypes(in store: GraphStore) -> [String] { store.schema.edgeTypes.map(\.name.text) }

    /// The store's kinds of node.
    static func kinds(in store: GraphStore) -> [String] { store.schema.nodeKinds.map(\.name) }

    /// Keys that start with `prefix`, of every kind.
    static func keys(startingWith prefix: String, in store: GraphStore) -> [String] {
        let keys = try? store.read { snapshot in
            try snapshot.schema.nodeKinds.flatMap { kind in
                try snapshot.keys(startingWith: prefix, kind: kind, limit: keysMax)
            }
        }
        return (keys ?? []).prefix(keysMax).map(\.description)
    }
}

extension CompletionKind {
    /// An edge type of the store that the command line names.
    static let edgeType = custom { words, _, _ in StoreWords.edgeTypes(in: words) }
    /// A kind of node of that store.
    static let nodeKind = custom { words, _, _ in StoreWords.kinds(in: words) }
    /// The key of a node of that store.
    static let nodeKey = custom { words, _, prefix in StoreWords.keys(startingWith: prefix, in: words) }
    /// What `remove` takes: an edge type, then keys.
    static let edgeOrNode = custom { words, _, prefix in
        StoreWords.edgeTypes(in: words) + (prefix.isEmpty ? [] : StoreWords.keys(startingWith: prefix, in: words))
    }

    private static func custom(
        _ words: @escaping @Sendable (GraphStore, Int, String) -> [String]
    ) -> CompletionKind {
        .custom { line, index, prefix in
            // The store is the first word behind the verb that is one.
            let store = line.dropFirst(2).lazy.compactMap {
                try? GraphStore(opening: $0, options: .init(isReadOnly: true, clearsDeadReaders: false))
            }.first
            return store.map { words($0, index, prefix) } ?? []
        }
    }
}
