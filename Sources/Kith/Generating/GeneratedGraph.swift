/// How a generated graph is shaped.
public enum GraphModel: String, Sendable, Hashable, CaseIterable {
    /// Recursive matrix: few nodes with very many edges. Chakrabarti, Zhan and Faloutsos, *SDM* 2004.
    case rmat
    /// Communities of about 64 that befriend mostly each other, share interests, and talk to a few of their friends often.
    case social
}

/// What the edges of a generated graph are.
public enum GeneratedRelation: String, Sendable, Hashable, CaseIterable {
    /// Who knows whom: friendships in the `social` model, follows in `rmat`.
    case links
    /// Users and topics, with a weight; `social` only. Three in four of a user's topics are those of the community.
    case interests
    /// Likes and messages along links, with a weight and a time; `social` only. Few links carry most of them.
    case interactions
}

/// An edge of a generated graph.
public struct GeneratedEdge: Sendable, Hashable {
    /// Where it starts: a user.
    public let source: UInt64
    /// Where it ends: a user; a topic in ``GeneratedRelation/interests``.
    public let target: UInt64
    /// Its weight, where the relation has one.
    public let weight: UInt32?
    /// Its time, where the relation has one.
    public let time: Timestamp?
}

/// A seeded graph whose every edge is computed from its index: it streams, at any size, in any order, on any machine.
///
/// Edges may repeat; none joins a node to itself.
public struct GeneratedGraph: Sendable {
    private let model: GraphModel
    private let relation: GeneratedRelation
    private let scale: UInt64
    private let seed: UInt64
    private let linkCount: UInt64
    /// How many edges there are, repeated ones included.
    public let edgeCount: UInt64

    /// Interactions happen in the year before this moment.
    public static let latest: Timestamp = 1_700_000_000
    private static let yearSeconds: UInt64 = 365 * 24 * 3_600
    /// Communities have 2^this many users, and share 2^``topicBits`` topics.
    private static let communityBits: UInt64 = 6
    private static let topicBits: UInt64 = 3

    /// A graph of 2^`scale` users and `edgeFactor` links a user; half as many interests, twice as many interactions.
    ///
    /// - Parameters:
    ///   - relation: what the edges are; the `rmat` model has links only, whatever is given.
    ///   - scale: 1 to 32; what is below or above is taken for these.
    ///   - edgeFactor: 1 to 2^24, likewise.
    public init(
        _ model: GraphModel, _ relation: GeneratedRelation = .links, scale: Int, edgeFactor: Int, seed: UInt64
    ) {
        let scale = min(max(1, scale), 32)
        let edgeFactor = min(max(1, edgeFactor), 1 << 24)
        let relation = model == .rmat ? .links : relation
        self.model = model
        self.relation = relation
        self.scale = UInt64(scale)
        self.seed = GeneratedGraph.mix(seed)
        linkCount = UInt64(edgeFactor) << UInt64(scale)
        edgeCount =
            switch relation {
            case .links: linkCount
            case .interests: (linkCount + 1) / 2
            case .interactions: 2 * linkCount
            }
    }

    /// The edge with this index, which is below ``edgeCount``.
    public func edge(at index: UInt64) -> GeneratedEdge {
        switch relation {
        case .links:
            let (source, target) = link(at: index)
            return GeneratedEdge(source: source, target: target, weight: nil, time: nil)
        case .interests: return interest(index)
        case .interactions: return interaction(index)
        }
    }

    private func link(at index: UInt64) -> (source: UInt64, target: UInt64) {
        switch model {
        case .rmat: rmat(index)
        case .social: social(index)
        }
    }

    /// One quadrant a level: a = .57 upper left, b = c = .19, d = .05; then the labels are shuffled. An edge that would join
    /// a node to itself is drawn again.
    private func rmat(_ index: UInt64) -> (source: UInt64, target: UInt64) {
        var (source, target): (UInt64, UInt64) = (0, 0)
        var attempt = GeneratedGraph.mix(index)
        while source == target {
            attempt = GeneratedGraph.mix(attempt)
            var bits: UInt64 = 0
            // 16 random bits a level, compared with the bounds of the quadrants: .57, .76 and .95 of 2^16.
            for level in 0..<scale {
                if level % 4 == 0 { bits = GeneratedGraph.mix(seed ^ GeneratedGraph.mix(attempt &+ level)) }
                let draw = bits & 0xFFFF
                bits >>= 16
                let isLower: UInt64 = draw >= 49_808 ? 1 : 0
                let isRight: UInt64 = (draw >= 37_356 ? 1 : 0) ^ isLower ^ (draw >= 62_260 ? 1 : 0)
                source = source << 1 | isLower
                target = target << 1 | isRight
            }
        }
        return (shuffled(source), shuffled(target))
    }

    /// Three edges in four stay in the community; places in it are drawn with a square law, so low ones are popular.
    private func social(_ index: UInt64) -> (source: UInt64, target: UInt64) {
        let mask = (UInt64(1) << scale) - 1
        let communityMask = (UInt64(1) << min(scale, GeneratedGraph.communityBits)) - 1
        let draw = GeneratedGraph.mix(seed ^ index)
        let source = GeneratedGraph.mix(draw) & mask
        let isInside = draw & 3 != 0
        let place = GeneratedGraph.skewed(draw, below: (isInside ? communityMask : mask) + 1)
        var target = isInside ? source & ~communityMask | place : place
        if target == source { target ^= 1 }
        return (source, target)
    }

    /// Homophily: topics are mostly those that the whole community likes.
    private func interest(_ index: UInt64) -> GeneratedEdge {
        let draw = GeneratedGraph.mix(seed ^ GeneratedGraph.mix(index ^ 0x1))
        let user = GeneratedGraph.mix(draw) & ((UInt64(1) << scale) - 1)
        let communities = UInt64(1) << (scale - min(scale, GeneratedGraph.communityBits))
        let community =
            draw & 3 != 0
            ? user >> min(scale, GeneratedGraph.communityBits) : GeneratedGraph.skewed(draw, below: communities)
        let topic =
            community << GeneratedGraph.topicBits
            | GeneratedGraph.skewed(GeneratedGraph.mix(draw ^ 7), below: 1 << GeneratedGraph.topicBits)
        return GeneratedEdge(source: user, target: topic, weight: 1 + UInt32(draw >> 60) % 5, time: nil)
    }

    /// Along links, of which those with low indices carry most.
    private func interaction(_ index: UInt64) -> GeneratedEdge {
        let draw = GeneratedGraph.mix(seed ^ GeneratedGraph.mix(index ^ 0x2))
        let (one, other) = link(at: GeneratedGraph.skewed(draw, below: linkCount))
        let isReply = draw & 1 == 1
        let ago = GeneratedGraph.skewed(GeneratedGraph.mix(draw ^ 9), below: GeneratedGraph.yearSeconds)
        return GeneratedEdge(
            source: isReply ? other : one, target: isReply ? one : other, weight: 1 + UInt32(draw >> 62),
            time: Timestamp(rawValue: GeneratedGraph.latest.rawValue - UInt32(ago)))
    }

    /// A number below `limit`, low ones more often: the square of a fraction drawn from the bits in the middle of `draw`.
    private static func skewed(_ draw: UInt64, below limit: UInt64) -> UInt64 {
        let fraction = Double((draw >> 16) & 0xFFFF_FFFF) / 4_294_967_296
        return UInt64(fraction * fraction * Double(limit))
    }

    /// A bijection of labels below 2^scale: odd multiplications and folds of the high half onto the low.
    private func shuffled(_ label: UInt64) -> UInt64 {
        let mask = (UInt64(1) << scale) - 1
        var label = label
        for round in 0..<3 as Range<UInt64> {
            label = (label &* 0x9E37_79B9_7F4A_7C15 &+ seed &+ round) & mask
            label ^= label >> (scale / 2 + 1)
        }
        return label
    }

    /// The finalizer of SplitMix64.
    private static func mix(_ value: UInt64) -> UInt64 {
        var mixed = value &+ 0x9E37_79B9_7F4A_7C15
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
