import GraphTesting
import Kith

/// A small random graph of every sort of edge, in a store and in a reference.
struct RandomSocialGraph {
    let folder: TemporaryFolder
    let store: GraphStore
    var reference: ReferenceGraph

    static let users: UInt64 = 40
    static let moment: Timestamp = 1_700_000_000

    init(seed: UInt64, edges: Int = 700) throws {
        folder = try TemporaryFolder()
        let store = try GraphStore(creating: folder.file("people.kith"), options: .forTests)
        self.store = store
        var random = SplitMix64(seed: seed)
        var reference = ReferenceGraph(schema: .social)
        let names: [EdgeType.Name] = [
            .follows, .follows, .follows, .friends, .friends, .interacts, .interacts, .interests, .interests, .views,
            .views, .clicks, .about, .blocks, .dismisses,
        ]
        try store.write { graph in
            for user in 0..<RandomSocialGraph.users {
                try graph.addNode(NodeKey(user))
                reference.addNode(NodeKey(user), kind: .user)
            }
            for _ in 0..<edges {
                let type = Schema.social.edgeType(names.randomElement(using: &random)!)!
                func node(_ kind: NodeKind) -> NodeKey {
                    let count = kind == .user ? RandomSocialGraph.users : 12
                    // Skewed, so that there are hubs.
                    let draws = (0..<2).map { _ in UInt64.random(in: 0..<count, using: &random) }
                    return NodeKey(draws.min()!)
                }
                let (source, target) = (node(type.source), node(type.target))
                if type.source == type.target, source == target { continue }
                let weight = Double(Float.random(in: 0.25...4, using: &random))
                let time = RandomSocialGraph.moment.rawValue - UInt32.random(in: 0..<(90 * 86_400), using: &random)
                let (hasWeight, hasTime) = (type.columns.contains(.weight), type.columns.contains(.time))
                try graph.add(
                    source, type.name, target, weight: hasWeight ? weight : nil,
                    at: hasTime ? Timestamp(rawValue: time) : nil)
                reference.add(type, source, target, .init(weight: hasWeight ? weight : 1, time: hasTime ? time : 0))
            }
        }
        self.reference = reference
    }
}
