/// What sort of thing a node is: `user`, `topic`, `item`, or a kind of one's own, as the schema declares.
///
/// Kinds have separate keys and separate ids: user 7 and item 7 are different nodes.
public struct NodeKind: Hashable, Sendable, Codable, CustomStringConvertible, ExpressibleByStringLiteral {
    /// The kind's name as the schema writes it.
    public let name: String

    /// The kind of this name; whether a store has it is decided by its schema.
    public init(_ name: String) {
        self.name = name
    }

    /// A kind written in code.
    public init(stringLiteral value: String) {
        self.init(value)
    }

    /// Reads the name.
    public init(from decoder: any Decoder) throws {
        name = try decoder.singleValueContainer().decode(String.self)
    }

    /// Writes the name.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(name)
    }

    /// The name.
    public var description: String { name }

    /// People and accounts; every schema has this kind.
    public static let user = NodeKind("user")
    /// A tag, category or keyword.
    public static let topic = NodeKind("topic")
    /// A video, a post, a product.
    public static let item = NodeKind("item")
    /// What an account can have set: see ``Setting``.
    public static let setting = NodeKind("setting")
}
