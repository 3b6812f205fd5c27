import GraphTesting
import Kith
import ProcessTesting
import Testing

@Suite("The distribution of degrees")
struct DegreeDistributionTests {
    @Test("of random graphs is that of the slow graph, in both directions", arguments: Repetitions.seeds(8))
    func oracle(seed: UInt64) throws {
        let random = try RandomSocialGraph(seed: seed)
        for type in Schema.social.edgeTypes {
            for direction in EdgeDirection.allCases {
                let nodes = random.reference.nodes[direction == .out ? type.source : type.target] ?? []
                let degrees = nodes.map { node in
                    direction == .out
                        ? random.reference.neighbors(type.name, of: node).count
                        : random.reference.sources(type.name, of: node).count
                }.filter { $0 > 0 }.sorted()
                let found = try random.store.read {
                    try $0.degreeDistribution(of: type.name, direction: direction)
                }
                #expect(found.nodes == degrees.count)
                #expect(found.degreeMax == degrees.last ?? 0)
                #expect(found.nodesByDegree == Dictionary(degrees.map { ($0, 1) }, uniquingKeysWith: +))
                let total = degrees.reduce(0, +)
                #expect(found.mean == (degrees.isEmpty ? 0 : Double(total) / Double(degrees.count)))
                for share in [0.5, 0.9, 0.99, 1] where !degrees.isEmpty {
                    let expected = degrees.first { degree in
                        Double(degrees.filter { $0 <= degree }.count) >= share * Double(degrees.count)
                    }
                    #expect(found.percentile(share) == expected)
                }
            }
        }
    }

    @Test("counts a node whose list has many blocks once, and of no edges is nothing")
    func longLists() throws {
        let folder = try TemporaryFolder()
        let store = try GraphStore(creating: folder.file("people.kith"), options: .forTests)
        try store.write { graph in
            for number in 1...5_000 as ClosedRange<UInt64> { try graph.add(0, .follows, NodeKey(number)) }
        }
        let out = try store.read { try $0.degreeDistribution(of: .follows) }
        #expect(out.nodesByDegree == [5_000: 1])
        let inward = try store.read { try $0.degreeDistribution(of: .follows, direction: .in) }
        #expect(inward.nodesByDegree == [1: 5_000])
        #expect([0.5, 0.9, 0.99].map(inward.percentile) == [1, 1, 1])
        let none = try store.read { try $0.degreeDistribution(of: .friends) }
        #expect(none.nodes == 0 && none.degreeMax == 0 && none.mean == 0 && none.percentile(0.5) == 0)
        let statistics = try store.statistics()
        let follows = try #require(statistics.edges.first { $0.type == .follows })
        #expect(follows.bytes > 5_000 && follows.bytes < statistics.bytes)
        #expect(follows.bytesPerEdge == Double(follows.bytes) / 5_000)
        #expect(statistics.edges.first { $0.type == .friends }?.bytesPerEdge == nil)
        #expect(statistics.freeBytes == statistics.freePages * statistics.pageBytes)
    }
}
