import GraphTesting
import Testing

@testable import Kith

@Suite("Scores added up")
struct ScoreAccumulatorTests {
    /// Groups of distinct nodes, few or many, so that nodes are noted throughout, up to some point, or not at all.
    private func groups(_ limit: Int, _ random: inout SplitMix64) -> [[UInt32]] {
        let reach = [limit / 40 + 1, limit / 4, limit].randomElement(using: &random)!
        return (0..<Int.random(in: 0...12, using: &random)).map { _ in
            (0..<reach).filter { _ in Int.random(in: 0..<3, using: &random) == 0 }.map(UInt32.init)
        }
    }

    private func check<Score: PathScore>(_ amounts: [Score], seed: UInt64) {
        var random = SplitMix64(seed: seed)
        let accumulator = ScoreAccumulator<Score>(capacity: 1_003)
        let order = AscendingNodes()
        for round in 0..<40 {
            let limit = Int.random(in: 1...1_003, using: &random)
            accumulator.begin(below: limit)
            if round % 5 == 0 { accumulator.expect(limit) }
            var expected: [UInt32: Score] = [:]
            for group in groups(limit, &random) {
                let amount = amounts.randomElement(using: &random)!
                group.withUnsafeBufferPointer { accumulator.add(amount, to: $0) }
                for node in group { expected[node] = (expected[node] ?? .zero).adding(amount) }
            }
            for node in (0..<UInt32(limit)).shuffled(using: &random).prefix(5) {
                accumulator.exclude(node)
                expected[node] = nil
            }
            accumulator.exclude(UInt32(limit))
            #expect(expected.allSatisfy { accumulator.score(of: $0.key) == $0.value })
            var found: [(node: UInt32, score: Score)] = []
            switch round % 4 {
            case 0:
                accumulator.drainAscending(by: order) { found.append(($0, $1)) }
                #expect(found.map(\.node) == expected.keys.sorted())
            case 1:
                let least = expected.values.randomElement(using: &random) ?? .least
                accumulator.drain(from: least) { node, score in
                    found.append((node, score))
                    return least
                }
                expected = expected.filter { $0.value >= least }
            case 2: accumulator.clear()
            default:
                accumulator.drain { node, score in
                    found.append((node, score))
                    return .least
                }
            }
            if round % 4 == 2 { expected = [:] }
            #expect(Dictionary(found.map { ($0.node, $0.score) }, uniquingKeysWith: { one, _ in one }) == expected)
            #expect(found.count == expected.count)
            #expect((0..<UInt32(limit)).allSatisfy { accumulator.score(of: $0) == .zero })
        }
    }

    @Test("are what a dictionary says, each node once, and zero afterwards", arguments: 0..<10 as Range<UInt64>)
    func equalsDictionary(seed: UInt64) {
        check([1] as [UInt16], seed: seed)
        check([1] as [UInt32], seed: 100 + seed)
        check([0.25, 1.5, 1e-9, 3], seed: 200 + seed)
    }

    @Test("and divided by norms are all visited that may be among the best", arguments: 0..<20 as Range<UInt64>)
    func norms(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        let limit = 500
        let accumulator = ScoreAccumulator<Double>(capacity: limit)
        accumulator.begin(below: limit)
        let norms = (0..<limit).map { _ in Double.random(in: 0.1...4, using: &random) }
        var expected: [UInt32: Double] = [:]
        for group in groups(limit, &random) {
            let shares = group.map { _ in Double.random(in: 0.5...2, using: &random) }
            group.withUnsafeBufferPointer { accumulator.add(0.7, times: shares, to: $0) }
            for (node, share) in zip(group, shares) { expected[node, default: 0] += 0.7 * share }
        }
        var best: [Double] = []
        norms.withUnsafeBufferPointer { norms in
            accumulator.drain(norms: norms.baseAddress!) { node, score in
                best.append(score / norms[Int(node)])
                best = Array(best.sorted(by: >).prefix(10))
                return best.count == 10 ? best[9] : 0
            }
        }
        #expect(best == Array(expected.map { $0.value / norms[Int($0.key)] }.sorted(by: >).prefix(10)))
        #expect((0..<UInt32(limit)).allSatisfy { accumulator.score(of: $0) == 0 })
    }
}
