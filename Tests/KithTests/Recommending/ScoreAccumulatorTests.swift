import CVectors
import GraphTesting
import ProcessTesting
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
            // Nothing, something or everything is gone over and not noted.
            if round % 3 > 0 { accumulator.expect(Int.random(in: 0...limit / 8, using: &random)) }
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
                var ascending: [UInt32] = []
                accumulator.drain(from: least) { node, score, isAscending in
                    if isAscending { ascending.append(node) }
                    found.append((node, score))
                    return least
                }
                expected = expected.filter { $0.value >= least }
                // What is said of those that ascend: they come first, and all others are greater.
                #expect(ascending == Array(expected.keys.sorted().prefix(ascending.count)))
                #expect(found.prefix(ascending.count).map(\.node) == ascending)
            case 2: accumulator.clear()
            default:
                accumulator.drain { node, score, _ in
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

    @Test("are what a dictionary says, each node once, and zero afterwards", arguments: Repetitions.seeds(10))
    func equalsDictionary(seed: UInt64) {
        check([1, 20] as [UInt8], seed: 300 + seed)
        check([1] as [UInt16], seed: seed)
        check([1] as [UInt32], seed: 100 + seed)
        check([0.25, 1.5, 1e-9, 3], seed: 200 + seed)
    }

    @Test("that are sets are visited below the end of each, and zero afterwards", arguments: 1...6)
    func sets(members: Int) {
        var random = SplitMix64(seed: UInt64(members))
        let accumulator = ScoreAccumulator<UInt8>(capacity: 1_000)
        for round in 0..<30 {
            accumulator.begin(below: 1_000)
            accumulator.expect(round % 3 * 50)
            var expected: [UInt32: UInt8] = [:]
            for bit in 0..<members {
                let group = (0..<1_000).filter { _ in Int.random(in: 0..<3, using: &random) == 0 }.map(UInt32.init)
                group.withUnsafeBufferPointer { accumulator.add(1 << UInt8(bit), to: $0) }
                for node in group { expected[node, default: 0] += 1 << UInt8(bit) }
            }
            accumulator.exclude(17)
            expected[17] = nil
            var ends = [0] + (1..<1 << members).map { _ in UInt32.random(in: 0...1_000, using: &random) }
            // From the first visit on, one of the sets is no longer wanted.
            let gone = UInt8.random(in: 1..<1 << UInt8(members), using: &random)
            var found: [UInt32: UInt8] = [:]
            let isScanned = round % 3 == 2
            ends.withUnsafeMutableBufferPointer { ends in
                let ends = ends
                accumulator.drainSets(below: ends) { node, set in
                    #expect(node < ends[Int(set)])
                    #expect(found.updateValue(set, forKey: node) == nil)
                    guard isScanned else { return false }
                    ends[Int(gone)] = 0
                    return true
                }
            }
            if isScanned {
                let first = found.keys.min()
                expected = expected.filter { $0.key < ends[Int($0.value)] || $0.key == first }
                found = found.filter { $0.value != gone || $0.key == first }
                #expect(found == expected)
            } else {
                #expect(found == expected.filter { $0.key < ends[Int($0.value)] })
            }
            #expect((0..<1_000).allSatisfy { accumulator.score(of: $0) == 0 })
        }
    }

    @Test("are counted among those with the smallest ids")
    func amongFirst() {
        func check<Count: CountScore>(_ type: Count.Type) {
            let accumulator = ScoreAccumulator<Count>(capacity: 10_000)
            accumulator.begin(below: 10_000)
            for node in 0..<20 as Range<UInt32> { accumulator.add(Count(node * 10 + 5), to: node * 200) }
            accumulator.add(.max, to: 9_999)
            #expect(accumulator.hasAmongFirst(20, reaching: 5))
            #expect(!accumulator.hasAmongFirst(21, reaching: 5))
            #expect(accumulator.hasAmongFirst(10, reaching: 105))
            #expect(!accumulator.hasAmongFirst(10, reaching: 106))
            let reached = accumulator.reachedAmongFirst(10, from: 7)
            #expect(reached <= 105 && reached + reached / 8 + 1 > 105)
            accumulator.clear()
        }
        check(UInt8.self)
        check(UInt16.self)
        check(UInt32.self)
    }

    @Test("are as great as can be, and found, in every width")
    func greatest() {
        func check<Count: CountScore>(_ type: Count.Type) {
            let accumulator = ScoreAccumulator<Count>(capacity: 300)
            accumulator.begin(below: 300)
            accumulator.expect(150)
            accumulator.add(.max, to: 7)
            accumulator.add(.max - 1, to: 64)
            accumulator.add(.max, to: 299)
            var found: [UInt32] = []
            accumulator.drain(from: .max) { node, _, _ in
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

    @Test("are found and made zero alike with vector instructions and without", arguments: Repetitions.seeds(20))
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

    @Test("that are sets are found alike with vector instructions and without", arguments: Repetitions.seeds(20))
    func plainSets(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        let members = Int.random(in: 1...6, using: &random)
        let scores = (0..<64 * 20).map { _ in
            Int.random(in: 0..<3, using: &random) == 0 ? UInt8.random(in: 0..<1 << UInt8(members), using: &random) : 0
        }
        var wanted = Array(repeating: UInt8(0), count: Int(SCORES_SETS))
        for set in 1..<1 << members where Int.random(in: 0..<4, using: &random) == 0 { wanted[set] = .max }
        func clear(
            _ scores: UnsafeMutablePointer<UInt8>?, _ start: Int, _ end: Int, _: UInt8,
            _ found: UnsafeMutablePointer<UInt64>?
        ) -> Int {
            clear_until_set_u8(scores, start, end, wanted, Int32(members), found)
        }
        func plain(
            _ scores: UnsafeMutablePointer<UInt8>?, _ start: Int, _ end: Int, _: UInt8,
            _ found: UnsafeMutablePointer<UInt64>?
        ) -> Int {
            clear_until_set_u8_plain(scores, start, end, wanted, Int32(members), found)
        }
        for way in [clear, plain] {
            let (places, left) = cleared(scores, least: 1, by: way)
            #expect(places == scores.indices.filter { wanted[Int(scores[$0])] != 0 })
            #expect(left.allSatisfy { $0 == 0 })
        }
    }

    @Test("are counted alike with vector instructions and without", arguments: Repetitions.seeds(20))
    func plainCounting(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        func check<Count: CountScore>(_ plain: (UnsafePointer<Count>?, Int, Count) -> Int) {
            let scores = (0..<Count.lineCount * 20).map { _ in Count.random(in: 0 ... .max, using: &random) }
            for least in [1, scores.randomElement(using: &random)!, .max] {
                let expected = scores.count { $0 >= least }
                scores.withUnsafeBufferPointer { scores in
                    #expect(Count.count(scores.baseAddress!, to: scores.count, reaching: least) == expected)
                    #expect(plain(scores.baseAddress, scores.count, least) == expected)
                }
            }
        }
        check(count_reaching_u8_plain)
        check(count_reaching_u16_plain)
        check(count_reaching_u32_plain)
    }

    @Test("divided by norms are found alike with vector instructions and without", arguments: Repetitions.seeds(20))
    func plainQuotients(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        let count = Double.lineCount * Int.random(in: 1...40, using: &random)
        // Few different ones, so that many are equal; some have neither a score nor a norm.
        let scores = (0..<count).map { _ in Double(Int.random(in: -6...6, using: &random)) }.map { max($0, 0) }
        let norms = scores.map { $0 > 0 ? [0.25, 0.5, 2].randomElement(using: &random)! : 0 }
        for least in [0, 3, 8, 100] {
            for way in [clear_until_quotient, clear_until_quotient_plain] {
                let (places, left) = cleared(scores, least: Double(least)) {
                    way($0, norms, $1, $2, $3, $4)
                }
                #expect(places == scores.indices.filter { scores[$0] > 0 && scores[$0] >= Double(least) * norms[$0] })
                #expect(left.allSatisfy { $0 == 0 })
            }
        }
        for wanted in [1, 10, Int(SCORES_LANES)] {
            let reached = quotient_reached(scores, norms, count, Int32(wanted))
            #expect(reached == quotient_reached_plain(scores, norms, count, Int32(wanted)))
            #expect(reached == 0 || scores.indices.count { scores[$0] / norms[$0] >= reached } >= wanted)
            // Exact where each lane has one place, and for the best of all.
            let best = zip(scores, norms).map { $0 > 0 ? $0 / $1 : 0 }.sorted(by: >)
            guard wanted == 1 || count <= Int(SCORES_LANES) else { continue }
            #expect(reached == (wanted <= count ? best[wanted - 1] : 0))
        }
    }

    @Test("and divided by norms are all visited that may be among the best", arguments: Repetitions.seeds(20))
    func norms(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        // The last line of scores reaches behind the last node, or does not.
        let limit = [500, 504].randomElement(using: &random)!
        let accumulator = ScoreAccumulator<Double>(capacity: limit)
        accumulator.begin(below: limit)
        let norms =
            (0..<limit).map { _ in Double.random(in: 0.1...4, using: &random) }
            + Array(repeating: .infinity, count: 504 - limit)
        var expected: [UInt32: Double] = [:]
        for group in groups(limit, &random) {
            let shares = group.map { _ in Double.random(in: 0.5...2, using: &random) }
            group.withUnsafeBufferPointer { accumulator.add(0.7, times: shares, to: $0) }
            for (node, share) in zip(group, shares) { expected[node, default: 0] += 0.7 * share }
        }
        let quotients = Array(expected.map { $0.value / norms[Int($0.key)] }.sorted(by: >).prefix(10))
        var best: [Double] = []
        var visited = 0
        norms.withUnsafeBufferPointer { norms in
            let reached = accumulator.quotientReached(by: 10, norms: norms)
            #expect(reached <= (quotients.count == 10 ? quotients[9] : 0))
            // Two hundred are in more than ten lanes.
            if expected.count >= 200 { #expect(reached > 0) }
            #expect(accumulator.quotientReached(by: Int(SCORES_LANES), norms: norms) == 0)
            accumulator.drain(norms: norms, from: seed % 2 == 0 ? reached : 0) { node, score in
                visited += 1
                best.append(score / norms[Int(node)])
                best = Array(best.sorted(by: >).prefix(10))
                return best.count == 10 ? best[9] : 0
            }
        }
        #expect(best == quotients)
        // Of 500 at random about twelve reach what ten in 64 lanes reach; without it the bar has to rise first.
        if seed % 2 == 0 { #expect(visited <= 30) }
        #expect((0..<UInt32(limit)).allSatisfy { accumulator.score(of: $0) == 0 })
    }
}
