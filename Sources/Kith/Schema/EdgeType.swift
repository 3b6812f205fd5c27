import Adjacency

/// One sort of edge: what it joins, what each edge carries, and what adding it twice means.
///
/// At most one edge of a type joins a given source and target. Both directions are always indexed.
public struct EdgeType: Hashable, Sendable {
    /// How an edge type is named in code, in commands and in the schema.
    public struct Name: Hashable, Sendable, Codable, CustomStringConvertible, ExpressibleByStringLiteral {
        /// The name as the schema writes it.
        public let text: String

        /// The edge type of this name; whether a store has it is decided by its schema.
        public init(_ text: String) {
            self.text = text
        }

        /// A name written in code.
        public init(stringLiteral value: String) {
            self.init(value)
        }

        /// Reads the name.
        public init(from decoder: any Decoder) throws {
            text = try decoder.singleValueContainer().decode(String.self)
        }

        /// Writes the name.
        public func encode(to encoder: any Encoder) throws {
            var container = encoder.singleValueContainer()
            try container.encode(text)
        }

        /// The name.
        public var description: String { text }
    }

    /// What an edge carries besides its two ends: nothing, a weight (`Float`), a ``Timestamp``, or both.
    public typealias Columns = EdgeColumns

    /// How exactly the weights of a type are kept.
    public enum Precision: String, Hashable, Sendable, CaseIterable {
        /// As a `Float`: 24 binary digits, whole numbers up to 16,777,216, and then some.
        case single
        /// As a `Double` within the range of a `Float`: 53 binary digits, whole numbers up to 9,007,199,254,740,992. For
        /// types without times: an edge has 64 bits for a weight and a time, and such a weight needs them all. One nearer to 0
        /// than 1.2e-38 is refused, unless a `Float` holds it; a sum as near to 0 is rounded to a `Float`.
        case double

        /// How near to 0 a weight may be that is not 0.
        var leastMagnitude: Float { self == .single ? .leastNonzeroMagnitude : .leastNormalMagnitude }
    }

    /// What adding an edge that is there already does.
    public enum Repetition: Hashable, Sendable {
        /// The new weight and time take the place of the old ones.
        case replace
        /// The weights add up, and what is stored fades: it is halved every `halfLifeSeconds` since the edge's time,
        /// evaluated when read. With no half-life the sum does not fade.
        case accumulate(halfLifeSeconds: Double?)
    }

    /// The name.
    public let name: Name
    /// The kind of the nodes edges start from.
    public let source: NodeKind
    /// The kind of the nodes edges point to.
    public let target: NodeKind
    /// Whether an edge joins its ends equally (friendship): one edge, the same from both sides.
    public let isSymmetric: Bool
    /// What each edge carries.
    public let columns: Columns
    /// How exactly weights are kept.
    public let precision: Precision
    /// What adding an edge twice does.
    public let repetition: Repetition
    /// Whether a node may be joined to itself.
    public let allowsSelfLoops: Bool

    /// An edge type; ``Schema`` checks that it makes sense.
    public init(
        _ name: Name, from source: NodeKind, to target: NodeKind, isSymmetric: Bool = false, columns: Columns = [],
        precision: Precision = .single, repetition: Repetition = .replace, allowsSelfLoops: Bool = false
    ) {
        self.name = name
        self.source = source
        self.target = target
        self.isSymmetric = isSymmetric
        self.columns = columns
        self.precision = precision
        self.repetition = repetition
        self.allowsSelfLoops = allowsSelfLoops
    }
}

extension EdgeType.Name {
    /// user -> user: the follow relation.
    public static let follows = Self("follows")
    /// user -- user: the friend relation, symmetric.
    public static let friends = Self("friends")
    /// user -> user: likes, comments, shares, messages; their decayed sum is the strength of a tie.
    public static let interacts = Self("interacts")
    /// user -> user: hides both people from each other's recommendations.
    public static let blocks = Self("blocks")
    /// user -> user: "not interested", never recommend again.
    public static let dismisses = Self("dismisses")
    /// user -> topic: declared or inferred interests.
    public static let interests = Self("interests")
    /// user -> item: seen.
    public static let views = Self("views")
    /// user -> item: clicked.
    public static let clicks = Self("clicks")
    /// user -> item: bought.
    public static let purchases = Self("purchases")
    /// item -> topic: what an item is about.
    public static let about = Self("about")
    /// user -> setting: see ``Setting``.
    public static let settings = Self("settings")
}
