import GraphTesting
import Kith
import Testing

@Suite("A generated graph")
struct GeneratedGraphTests {
    @Test("is the same for the same seed and another for another")
    func seeds() {
        for relation in GeneratedRelation.allCases {
            let one = GeneratedGraph(.social, relation, scale: 10, edgeFactor: 4, seed: 7)
            let same = GeneratedGraph(.social, relation, scale: 10, edgeFactor: 4, seed: 7)
            let other = GeneratedGraph(.social, relation, scale: 10, edgeFactor: 4, seed: 8)
            let indices = 0..<one.edgeCount
            #expect(indices.allSatisfy { one.edge(at: $0) == same.edge(at: $0) })
            #expect(indices.filter { one.edge(at: $0) == other.edge(at: $0) }.count < 20)
        }
    }

    @Test("of the R-MAT model has edges in the quadrants as often as its probabilities say, and no loops")
    func quadrants() {
        // Two levels: the labels are the paths through the quadrants, but for the shuffle, which is a bijection.
        let graph = GeneratedGraph(.rmat, scale: 2, edgeFactor: 50_000, seed: 3)
        var counts: [UInt64: Int] = [:]
        for index in 0..<graph.edgeCount {
            let edge = graph.edge(at: index)
            #expect(edge.source != edge.target)
            counts[edge.source << 2 | edge.target, default: 0] += 1
        }
        let shares = counts.values.map { Double($0) / Double(graph.edgeCount) }.sorted()
        let quadrants = [0.57, 0.19, 0.19, 0.05]
        var expected: [Double] = []
        for upper in 0..<4 {
            for lower in 0..<4 {
                let source = (upper >> 1) << 1 | lower >> 1
                let target = (upper & 1) << 1 | lower & 1
                if source != target { expected.append(quadrants[upper] * quadrants[lower] / (1 - 0.62 * 0.62)) }
            }
        }
        #expect(shares.count == 12)
        #expect(zip(shares, expected.sorted()).allSatisfy { abs($0 - $1) < 0.005 })
    }

    @Test("of the social model has communities, interests they share, and interactions along links within a year")
    func social() {
        let scale = 12
        let links = GeneratedGraph(.social, scale: scale, edgeFactor: 8, seed: 5)
        var pairs: Set<[UInt64]> = []
        var inside = 0
        for index in 0..<links.edgeCount {
            let edge = links.edge(at: index)
            #expect(edge.source != edge.target)
            if edge.source >> 6 == edge.target >> 6 { inside += 1 }
            pairs.insert([min(edge.source, edge.target), max(edge.source, edge.target)])
        }
        #expect((0.7...0.8).contains(Double(inside) / Double(links.edgeCount)))

        let interests = GeneratedGraph(.social, .interests, scale: scale, edgeFactor: 8, seed: 5)
        let own = (0..<interests.edgeCount).filter {
            interests.edge(at: $0).source >> 6 == interests.edge(at: $0).target >> 3
        }
        #expect((0.7...0.8).contains(Double(own.count) / Double(interests.edgeCount)))

        let interactions = GeneratedGraph(.social, .interactions, scale: scale, edgeFactor: 8, seed: 5)
        var times: [UInt32] = []
        for index in 0..<interactions.edgeCount {
            let edge = interactions.edge(at: index)
            #expect(pairs.contains([min(edge.source, edge.target), max(edge.source, edge.target)]))
            times.append(edge.time?.rawValue ?? 0)
        }
        #expect(times.allSatisfy { $0 <= 1_700_000_000 && $0 > 1_700_000_000 - 366 * 86_400 })
    }
}
