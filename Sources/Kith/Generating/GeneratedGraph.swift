/// How a generated graph is shaped.
public enum GraphModel: String, Sendable, Hashable, CaseIterable {
    /// Recursive matrix: few nodes with very many edges. Chakrabarti, Zhan and Faloutsos, *SDM* 2004.
    case rmat
    /// Communities of about 64 that befriend mostly each other, of whom some are far more popular than others.
    case social
}

/// A seeded graph whose every edge is computed from its index: it streams, at any size, in any order, on any machine.
///
/// Edges may repeat. In the `rmat` model an edge may join a node to itself; in the `social` model none does.
public struct GeneratedGraph: Sendable {
    private let model: GraphModel
    private let scale: UInt64
    private let seed: UInt64
    /// How many edges there are, repeated ones included.
    public let edgeCount: UInt64

    /// A graph of 2^`scale` nodes and `edgeFactor` edges a node.
    ///
    /// - Parameter scale: 1 to 32.
    public init(_ model: GraphModel, scale: Int, edgeFactor: Int, seed: UInt64) {
        precondition((1...32).contains(scale) && edgeFactor > 0, "scale is 1 to 32 and the edge factor above 0")
        self.model = model
        self.scale = UInt64(scale)
        self.seed = GeneratedGraph.mix(seed)
        edgeCount = UInt64(edgeFactor) << UInt64(scale)
    }

    /// The edge with this index, which is below ``edgeCount``.
    public func edge(at index: UInt64) -> (source: UInt64, target: UInt64) {
        switch model {
        case .rmat: rmat(index)
        case .social: social(index)
        }
    }

    /// One quadrant a level: a = .57 upper left, b = c = .19, d = .05; then the labels are shuffled.
    private func rmat(_ index: UInt64) -> (source: UInt64, target: UInt64) {
        var (source, target): (UInt64, UInt64) = (0, 0)
        var bits: UInt64 = 0
        for level in 0..<scale {
            if level % 4 == 0 { bits = GeneratedGraph.mix(seed ^ GeneratedGraph.mix(index << 8 | level)) }
            let draw = Double(bits & 0xFFFF) / 65_536
            bits >>= 16
            source = source << 1 | (draw >= 0.76 ? 1 : 0)
            target = target << 1 | (draw >= 0.57 && draw < 0.76 || draw >= 0.95 ? 1 : 0)
        }
        return (shuffled(source), shuffled(target))
    }

    /// Three edges in four stay in the community; places in it are drawn with a square law, so low ones are popular.
    private func social(_ index: UInt64) -> (source: UInt64, target: UInt64) {
        let mask = (UInt64(1) << scale) - 1
        let communityBits = min(scale, 6)
        let communityMask = (UInt64(1) << communityBits) - 1
        let draw = GeneratedGraph.mix(seed ^ index)
        let source = GeneratedGraph.mix(draw) & mask
        let isInside = draw & 3 != 0
        let span = isInside ? communityMask : mask
        let fraction = Double((draw >> 16) & 0xFFFF_FFFF) / 4_294_967_296
        let place = UInt64(fraction * fraction * Double(span + 1))
        var target = isInside ? source & ~communityMask | place : place
        if target == source { target ^= 1 }
        return (source, target)
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
