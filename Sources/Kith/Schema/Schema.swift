/// Which kinds of node and which types of edge a store holds.
///
/// A schema is checked when it is made, so a `Schema` value always makes sense: names are distinct and well-formed, the
/// `user` kind is there, every edge type joins declared kinds, symmetric types join a kind to itself, and a type that
/// accumulates has a weight to add to.
public struct Schema: Hashable, Sendable {
    /// The kinds of node, in the order their tables are made.
    public let nodeKinds: [NodeKind]
    /// The types of edge, in the order their tables are made.
    public let edgeTypes: [EdgeType]

    /// The most kinds a schema may have; with ``edgeTypesMax`` it bounds the tables of a store file.
    public static let nodeKindsMax = 32
    /// The most edge types a schema may have.
    public static let edgeTypesMax = 64
    /// The longest name, in bytes.
    public static let nameBytesMax = 64

    /// A schema of these kinds and types.
    ///
    /// - Throws: ``SchemaError`` that names the first thing that makes no sense.
    public init(nodeKinds: [NodeKind], edgeTypes: [EdgeType]) throws(SchemaError) {
        self.nodeKinds = nodeKinds
        self.edgeTypes = edgeTypes
        try checkKinds()
        try checkEdgeTypes()
    }

    private init(trusted nodeKinds: [NodeKind], _ edgeTypes: [EdgeType]) {
        self.nodeKinds = nodeKinds
        self.edgeTypes = edgeTypes
    }

    /// The default: people who follow, befriend, interact with, block and dismiss each other; topics they care about;
    /// items they view, click and buy; what an account has set (see ``Setting``).
    public static let social: Schema = {
        let month = EdgeType.Repetition.accumulate(halfLifeSeconds: 30 * 86_400)
        return Schema(
            trusted: [.user, .topic, .item, .setting],
            [
                EdgeType(.follows, from: .user, to: .user, columns: .time),
                EdgeType(.friends, from: .user, to: .user, isSymmetric: true, columns: .time),
                EdgeType(.interacts, from: .user, to: .user, columns: [.weight, .time], repetition: month),
                EdgeType(.blocks, from: .user, to: .user, columns: .time),
                EdgeType(.dismisses, from: .user, to: .user, columns: .time),
                EdgeType(.interests, from: .user, to: .topic, columns: .weight),
                EdgeType(.views, from: .user, to: .item, columns: [.weight, .time], repetition: month),
                EdgeType(.clicks, from: .user, to: .item, columns: [.weight, .time], repetition: month),
                EdgeType(.purchases, from: .user, to: .item, columns: [.weight, .time], repetition: month),
                EdgeType(.about, from: .item, to: .topic, columns: .weight),
                EdgeType(.settings, from: .user, to: .setting),
            ])
    }()

    /// The declaration of `name`, or nil when the schema has no such type.
    public func edgeType(_ name: EdgeType.Name) -> EdgeType? {
        edgeTypes.first { $0.name == name }
    }
}

extension Schema {
    private func checkKinds() throws(SchemaError) {
        guard nodeKinds.count <= Schema.nodeKindsMax else {
            throw .tooMany(what: "node kinds", count: nodeKinds.count, countMax: Schema.nodeKindsMax)
        }
        guard nodeKinds.contains(.user) else { throw .userKindMissing }
        var seen: Set<NodeKind> = []
        for kind in nodeKinds {
            try Schema.checkName(kind.name)
            guard seen.insert(kind).inserted else { throw .declaredTwice(kind.name) }
        }
    }

    private func checkEdgeTypes() throws(SchemaError) {
        guard edgeTypes.count <= Schema.edgeTypesMax else {
            throw .tooMany(what: "edge types", count: edgeTypes.count, countMax: Schema.edgeTypesMax)
        }
        var seen: Set<EdgeType.Name> = []
        for type in edgeTypes {
            try Schema.checkName(type.name.text)
            guard seen.insert(type.name).inserted else { throw .declaredTwice(type.name.text) }
            for kind in [type.source, type.target] where !nodeKinds.contains(kind) {
                throw .unknownKind(kind, in: type.name, known: nodeKinds)
            }
            if type.isSymmetric, type.source != type.target {
                throw .symmetricBetweenKinds(type.name, type.source, type.target)
            }
            if type.allowsSelfLoops, type.source != type.target { throw .selfLoopsBetweenKinds(type.name) }
            if type.precision == .double {
                guard type.columns.contains(.weight) else { throw .preciseWithoutWeight(type.name) }
                guard !type.columns.contains(.time) else { throw .preciseWithTime(type.name) }
            }
            if case .accumulate(let halfLifeSeconds) = type.repetition {
                guard type.columns.contains(.weight) else { throw .accumulatesNothing(type.name) }
                if let halfLifeSeconds {
                    guard halfLifeSeconds > 0, halfLifeSeconds.isFinite else { throw .badHalfLife(type.name) }
                    guard type.columns.contains(.time) else { throw .fadesWithoutTime(type.name) }
                }
            }
        }
    }

    /// Names stand in database names, commands and JSON: a lower-case letter, then letters, digits, `-`, `_`.
    private static func checkName(_ name: String) throws(SchemaError) {
        let allowed = name.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
                true
            default:
                false
            }
        }
        let startsWithLetter = name.utf8.first.map { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0) } ?? false
        guard allowed, startsWithLetter, name.utf8.count <= nameBytesMax else { throw .badName(name) }
    }
}

/// Why a schema makes no sense.
public enum SchemaError: Error, Hashable, Sendable, CustomStringConvertible {
    /// A name with other characters than letters, digits, `-` and `_`, or too long, or not starting in lower case.
    case badName(String)
    /// Two kinds or two types of one name.
    case declaredTwice(String)
    /// No kind is called `user`.
    case userKindMissing
    /// An edge type joins a kind that is not declared.
    case unknownKind(NodeKind, in: EdgeType.Name, known: [NodeKind])
    /// A symmetric type between two different kinds.
    case symmetricBetweenKinds(EdgeType.Name, NodeKind, NodeKind)
    /// Self-loops allowed between two different kinds.
    case selfLoopsBetweenKinds(EdgeType.Name)
    /// A precision of weights for a type that has none.
    case preciseWithoutWeight(EdgeType.Name)
    /// Weights of double precision, and times, for which such weights leave no room.
    case preciseWithTime(EdgeType.Name)
    /// A type that accumulates but has no weight.
    case accumulatesNothing(EdgeType.Name)
    /// A half-life, but no time to measure it from.
    case fadesWithoutTime(EdgeType.Name)
    /// A half-life that is not above zero.
    case badHalfLife(EdgeType.Name)
    /// More declarations than a store file has room for.
    case tooMany(what: String, count: Int, countMax: Int)
    /// Not a schema in JSON.
    case badJSON(String)

    /// What was expected, what was found, what to do.
    public var description: String {
        switch self {
        case .badName(let name):
            "a name needs a lower-case letter, then letters, digits, '-' or '_', \(Schema.nameBytesMax) at most: found '\(name)'"
        case .declaredTwice(let name):
            "every name is declared once, but '\(name)' is declared twice; rename one"
        case .userKindMissing:
            "a schema needs the node kind 'user'; add it to \"nodeKinds\""
        case .unknownKind(let kind, let type, let known):
            "edge type '\(type)' joins kind '\(kind)', which is not declared; "
                + "known kinds: \(known.map(\.name).joined(separator: ", "))"
        case .symmetricBetweenKinds(let type, let source, let target):
            "a symmetric edge type joins a kind to itself, but '\(type)' joins '\(source)' to '\(target)'"
        case .selfLoopsBetweenKinds(let type):
            "self-loops need one kind at both ends; edge type '\(type)' joins two kinds, so drop \"selfLoops\""
        case .preciseWithoutWeight(let type):
            "edge type '\(type)' has a \"precision\", which is one of weights; give it a \"weight\" column or drop \"precision\""
        case .preciseWithTime(let type):
            "edge type '\(type)' has weights of \"precision\": \"double\", which leave an edge no room for a \"time\"; drop "
                + "one of them"
        case .accumulatesNothing(let type):
            "edge type '\(type)' accumulates, which needs a \"weight\" column; add it or drop \"accumulates\""
        case .fadesWithoutTime(let type):
            "edge type '\(type)' has a half-life, which needs a \"time\" column; add it or drop \"halfLifeDays\""
        case .badHalfLife(let type):
            "the half-life of edge type '\(type)' must be a number of days above zero"
        case .tooMany(let what, let count, let countMax):
            "a schema has at most \(countMax) \(what), and this one has \(count)"
        case .badJSON(let reason):
            "this is not a schema in JSON: \(reason); `kith schema STORE --format json` prints one to start from"
        }
    }
}
