import CVectors
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
            if round % 6 == 4 { accumulator.noteAll() }
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
            let isAscending = accumulator.drainsAscending
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
                #expect(!isAscending || found.map(\.node) == expected.keys.sorted())
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
        check([1, 20] as [UInt8], seed: 300 + seed)
        check([1] as [UInt16], seed: seed)
        check([1] as [UInt32], seed: 100 + seed)
        check([0.25, 1.5, 1e-9, 3], seed: 200 + seed)
    }

    @Test("that all are noted are visited below the end of each score, and zero afterwards")
    func noted() {
        var random = SplitMix64(seed: 6)
        let accumulator = ScoreAccumulator<UInt8>(capacity: 1_000)
        for _ in 0..<20 {
            accumulator.begin(below: 1_000)
            accumulator.noteAll()
            var expected: [UInt32: UInt8] = [:]
            for bit in 0..<6 {
                let group = (0..<1_000).filter { _ in Int.random(in: 0..<3, using: &random) == 0 }.map(UInt32.init)
                group.withUnsafeBufferPointer { accumulator.add(1 << UInt8(bit), to: $0) }
                for node in group { expected[node, default: 0] += 1 << UInt8(bit) }
            }
            accumulator.exclude(17)
            expected[17] = nil
            var ends = [0] + (1..<256).map { _ in UInt32.random(in: 0...1_000, using: &random) }
            expected = expected.filter { $0.key < ends[Int($0.value)] }
            var found: [UInt32: UInt8] = [:]
            ends.withUnsafeMutableBufferPointer { ends in
                accumulator.drainNoted(below: ends) { #expect(found.updateValue($1, forKey: $0) == nil) }
            }
            #expect(found == expected)
            #expect((0..<1_000).allSatisfy { accumulator.score(of: $0) == 0 })
        }
    }

    @Test("are as great as can be, and found, in every width")
    func greatest() {
        func check<Count: CountScore>(_ type: Count.Type) {
            let accumulator = ScoreAccumulator<Count>(capacity: 300)
            accumulator.begin(below: 300)
            accumulator.expect(300)
            accumulator.add(.max, to: 7)
            accumulator.add(.max - 1, to: 64)
            accumulator.add(.max, to: 299)
            var found: [UInt32] = []
            accumulator.drain(from: .max) { node, _ in
                found.append(node)
                return .max
            }
            #expect(found == [7, 299])
            #expect((0..<300).allSatisfy { accumulator.score(of: $0) == 0 })
        }
        check(UInt8.self)
        check(UInt16.self)
        check(UInt32.self)
    }

    private typealias Clearing<Score> = (UnsafeMutablePointer<Score>?, Int, Int, Score, UnsafeMutablePointer<UInt64>?)
        -> Int

    /// What one way of clearing finds and leaves, the caller making zero the lines that were found.
    private func cleared<Score: PathScore>(
        _ scores: [Score], least: Score, by clear: Clearing<Score>
    ) -> (places: [Int], left: [Score]) {
        var (scores, places, start) = (scores, [Int](), 0)
        scores.withUnsafeMutableBufferPointer { scores in
            while true {
                var found: UInt64 = 0
                start = clear(scores.baseAddress, start, scores.count, least, &found)
                if start == scores.count { break }
                places += (0..<64).filter { found >> $0 & 1 == 1 }.map { start + $0 }
                for place in start..<start + Score.lineCount { scores[place] = .zero }
                start += Score.lineCount
            }
        }
        return (places, scores)
    }

    @Test("are found and made zero alike with vector instructions and without", arguments: 0..<20 as Range<UInt64>)
    func plainClearing(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        func check<Score: PathScore>(
            _ range: [Score], by clear: @escaping Clearing<Score>, and plain: @escaping Clearing<Score>
        ) {
            let scores = (0..<Score.lineCount * 20).map { _ in
                Int.random(in: 0..<3, using: &random) == 0 ? range.randomElement(using: &random)! : .zero
            }
            let least = range.randomElement(using: &random)!
            for way in [clear, plain] {
                let (places, left) = cleared(scores, least: least, by: way)
                #expect(places == scores.indices.filter { scores[$0] >= least })
                #expect(left.allSatisfy { $0 == .zero })
            }
        }
        check([1, 2, 127, 128, 129, 255], by: clear_until_u8, and: clear_until_u8_plain)
        check([1, 2, 255, 256, 32_767, 32_768, 65_535], by: clear_until_u16, and: clear_until_u16_plain)
        check([1, 65_536, 1 << 31, .max], by: clear_until_u32, and: clear_until_u32_plain)
        check([.leastNonzeroMagnitude, 0.5, 1e300, .infinity], by: clear_until_double, and: clear_until_double_plain)
    }

    @Test("and divided by norms are all visited that may be among the best", arguments: 0..<20 as Range<UInt64>)
    func norms(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        // The last line of scores reaches behind the norms, or does not.
        let limit = [500, 504].randomElement(using: &random)!
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
            accumulator.drain(norms: norms) { node, score in
                best.append(score / norms[Int(node)])
                best = Array(best.sorted(by: >).prefix(10))
                return best.count == 10 ? best[9] : 0
            }
        }
        #expect(best == Array(expected.map { $0.value / norms[Int($0.key)] }.sorted(by: >).prefix(10)))
        #expect((0..<UInt32(limit)).allSatisfy { accumulator.score(of: $0) == 0 })
    }
}
