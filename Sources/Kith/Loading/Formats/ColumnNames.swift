/// What a name of a column says it holds: the words of common exporters.
///
/// A name is compared in small letters, without `_`, `-`, `.` and blanks, without a type behind a colon (`user_id:token`,
/// `weight:float`), and without an `id` or `key` at its end. Names of neo4j-admin keep their colon: `:START_ID(user)`.
///
/// Each role has words of three ranks. Words of a lower rank count where no column has one of a higher rank, because they
/// often stand beside them and mean something else: `from,to,category`. Two columns of the same rank for one role are
/// ambiguous, and no guess is made.
struct ColumnNames {
    /// A column's name, made comparable.
    struct Name: Equatable {
        /// The word that is compared.
        let word: String
        /// What neo4j-admin's group says, the kind of the node: `user` in `:START_ID(user)`.
        let group: String?
        /// Whether an `id` or a `key` was at its end.
        let isOfKey: Bool

        init(_ field: String) {
            let field = field.lowercased()
            for special in [":start_id", ":end_id", ":type", ":id"] where field.contains(special) {
                word = special
                let behind = field.split(separator: "(", maxSplits: 1).dropFirst().first
                group = behind.flatMap { $0.hasSuffix(")") ? String($0.dropLast()) : nil }
                isOfKey = true
                return
            }
            group = nil
            var letters = field.prefix { $0 != ":" }.filter { !"_-. ".contains($0) }
            let ending = ["id", "key"].first { letters.hasSuffix($0) && letters.count > $0.count }
            letters.removeLast(ending?.count ?? 0)
            isOfKey = ending != nil
            word = letters
        }
    }

    /// Words by rank, the highest first.
    private typealias Words = [Set<String>]

    private static let sources: Words = [
        [":start_id"],
        [
            "from", "source", "src", "user", "follower", "subject", "id1", "start", "sender", "fromnode", "sourcenode",
            "fromuser", "sourceuser",
        ],
        [
            "person", "member", "account", "customer", "actor", "reader", "listener", "viewer", "buyer", "followername",
            "username",
        ],
    ]
    private static let targets: Words = [
        [":end_id"],
        [
            "to", "target", "dst", "dest", "destination", "followee", "followed", "following", "friend", "object",
            "id2",
            "item", "end", "receiver", "recipient", "tonode", "targetnode", "touser", "targetuser",
        ],
        [
            "topic", "tag", "hashtag", "interest", "product", "movie", "film", "track", "song", "artist", "album",
            "business", "venue", "poi", "book", "article", "post", "video", "channel", "group", "page", "category",
            "genre", "game", "repo", "followeename",
        ],
    ]
    private static let weights: Words = [
        ["weight", "value", "count", "rating"], ["score", "strength", "stars", "plays", "quantity"],
    ]
    private static let times: Words = [
        ["time", "timestamp", "createdat", "date"],
        ["datetime", "creationdate", "ts", "unixtime", "unixts", "since", "datecreated"],
    ]
    private static let types: Words = [[":type"], ["type"]]
    private static let keys: Words = [
        [":id"], ["key", "id", "node", "user"], ["name", "username", "login", "person", "account", "member"],
    ]

    let names: [Name]
    private let kinds: RowKinds?

    /// - Parameter kinds: what the edges of the file join: the name of a kind is a word for its key.
    init(_ fields: [String], kinds: RowKinds? = nil) {
        names = fields.map { Name($0) }
        self.kinds = kinds
    }

    /// The column of a role; nil when no name says it.
    ///
    /// - Throws: ``Ambiguity`` when two names say it.
    func column(of role: FileColumn.Role) throws(Ambiguity) -> Int? {
        for words in words(of: role) {
            let found = names.indices.filter { words.contains(names[$0].word) }
            if found.count > 1 { throw Ambiguity(role: role, columns: found) }
            if let column = found.first { return column }
        }
        return nil
    }

    /// Two columns that might both be of one role.
    struct Ambiguity: Error {
        let role: FileColumn.Role
        let columns: [Int]
    }

    /// Whether a name is a word for an end with an `id` or a `key` behind it, such as `follower_id`: no key is called so.
    var hasWordOfKey: Bool {
        names.contains { name in
            name.isOfKey
                && [FileColumn.Role.source, .target].contains { words(of: $0).contains { $0.contains(name.word) } }
        }
    }

    /// The columns of source and target where their names are a pair: the same word with 1 and 2 behind it.
    func pair() -> (source: Int, target: Int)? {
        for (index, name) in names.enumerated() where name.word.last == "1" && name.word.first?.isLetter == true {
            if let other = names.firstIndex(where: { $0.word == name.word.dropLast() + "2" }) { return (index, other) }
        }
        return nil
    }

    /// Whether the first two columns are the same name of an id, as LDBC writes `Person.id|Person.id`: source and target.
    var areTwins: Bool {
        names.count > 1 && names[0] == names[1] && names[0].isOfKey && names[0].group == nil
            && ColumnNames.sources.contains { $0.contains(names[0].word) }
    }

    /// Whether the names say where the keys are.
    func hasNeeded(for shape: RowShape) -> Bool {
        ColumnNames.needed(for: shape).allSatisfy { role in ((try? column(of: role)) ?? nil) != nil }
    }

    private static func needed(for shape: RowShape) -> [FileColumn.Role] {
        switch shape {
        case .edges: [.source, .target]
        case .nodes: [.key]
        }
    }

    /// Whether every name says something.
    func areAllKnown(for shape: RowShape) -> Bool {
        let roles = ColumnNames.needed(for: shape) + [.weight, .time, .type]
        let known = roles.reduce(into: Set<String>()) { known, role in
            for words in words(of: role) { known.formUnion(words) }
        }
        return names.allSatisfy { known.contains($0.word) }
    }

    /// The words of a role. Where an edge joins two kinds, the name of a kind is a word for that end and for no other.
    private func words(of role: FileColumn.Role) -> Words {
        var words = ColumnNames.words(of: role)
        guard let kinds else { return words }
        let source = Name(kinds.source.name).word
        let target = kinds.target.map { Name($0.name).word }
        switch role {
        case .key: words[1].insert(source)
        case .source where source != target:
            words[1].insert(source)
            if let target { words = words.map { $0.subtracting([target]) } }
        case .target where source != target:
            if let target { words[1].insert(target) }
            words = words.map { $0.subtracting([source]) }
        default: break
        }
        return words
    }

    private static func words(of role: FileColumn.Role) -> Words {
        switch role {
        case .source: sources
        case .target: targets
        case .key: keys
        case .weight: weights
        case .time: times
        case .type: types
        case .skipped: [[]]
        }
    }

    /// The words of the first ranks, to be named in errors.
    static func examples(of role: FileColumn.Role) -> String {
        switch role {
        case .source: "from, source, src, user_id, follower_id, :START_ID"
        case .target: "to, target, dst, followee_id, friend_id, item_id, :END_ID"
        default: "key, id, node, user_id, :ID"
        }
    }
}

/// The kinds of nodes that the rows of a file name: the two ends of its edges, or the kind of its nodes.
struct RowKinds: Sendable, Hashable {
    let source: NodeKind
    /// Nil for nodes.
    let target: NodeKind?
    /// All that the schema has.
    let all: [NodeKind]
}
