/// One step of a walk over the graph: along edges of one type or of several, each in a direction.
///
/// A node is reached once, however many of the types lead to it; its weight is then the sum of theirs.
public struct Hop: Hashable, Sendable, Codable {
    /// An edge type and the way it is walked.
    public struct Step: Hashable, Sendable, Codable {
        /// The edge type.
        public var type: EdgeType.Name
        /// Which way; of no matter where the type is symmetric.
        public var direction: EdgeDirection

        enum CodingKeys: String, CodingKey, CaseIterable {
            case type, direction
        }

        /// A type and a direction.
        public init(_ type: EdgeType.Name, _ direction: EdgeDirection = .out) {
            self.type = type
            self.direction = direction
        }

        /// Reads a step; outwards where no direction is given.
        public init(from decoder: any Decoder) throws {
            let container = try decoder.members(CodingKeys.self)
            self.init(
                try container.decode(EdgeType.Name.self, forKey: .type),
                try container.value(EdgeDirection.self, forKey: .direction) ?? .out)
        }
    }

    /// What is walked; all of it leads from one kind to one kind.
    public var steps: [Step]

    enum CodingKeys: String, CodingKey, CaseIterable {
        case steps
    }

    /// A hop along `steps`.
    public init(_ steps: [Step]) {
        self.steps = steps
    }

    /// Reads a hop.
    public init(from decoder: any Decoder) throws {
        self.init(try decoder.members(CodingKeys.self).decode([Step].self, forKey: .steps))
    }

    /// From source to target.
    public static func out(_ types: EdgeType.Name...) -> Hop { Hop(types.map { Step($0, .out) }) }
    /// From target to source.
    public static func `in`(_ types: EdgeType.Name...) -> Hop { Hop(types.map { Step($0, .in) }) }
    /// Both ways.
    public static func both(_ types: EdgeType.Name...) -> Hop {
        Hop(types.flatMap { [Step($0, .out), Step($0, .in)] })
    }

    /// The same edges, walked back.
    public var reversed: Hop { Hop(steps.map { Step($0.type, $0.direction.reversed) }) }
}
