import Foundation
import GraphTesting
import ProcessTesting
import Testing

/// Every call of the system fails once, in every verb that writes: nothing is lost, and the command says what is so.
///
/// A sample by default; `KITH_REPEAT=1000` plays every failure of every call, which takes half an hour.
@Suite("A call that fails", .enabled(if: FailingCall.isPossible, "the library of failing calls cannot be preloaded"))
struct FailingCallTests {
    /// What verbs read, and a small store to begin with; made once.
    private static let input: Result<TemporaryFolder, any Error> = Result {
        let folder = try TemporaryFolder()
        var random = SplitMix64(seed: 18)
        func rows(_ count: Int, _ end: Int) -> String {
            (0..<count).map { _ in
                let source = Int.random(in: 0..<end, using: &random)
                return "\(source)\t\((source + Int.random(in: 1..<end, using: &random)) % end)\n"
            }.joined()
        }
        // Node 0 has so many followers that its list takes several pages.
        let hub = (1...900).map { "\($0)\t0\n" }.joined()
        try write(rows(1_500, 900) + hub, "base.tsv", in: folder)
        try write("1\ttennis\t2\n2\ttennis\t1\n", "interests.tsv", in: folder)
        try write(rows(3_000, 2_000), "small.tsv", in: folder)
        try write("1\n17\n400\n", "keys", in: folder)
        try write("add follows new newer --at 1000\n", "script", in: folder)
        try write((0..<300).map { "\($0)\t\($0 + 1)\nno row\n" }.joined(), "bad.tsv", in: folder)
        if Repetitions.factor > 1 { try write(rows(450_000, 50_000), "large.tsv", in: folder) }
        let base = try kith(
            in: folder, "load", "base.kith", "--edges", "follows=base.tsv", "interests=interests.tsv", "--at", "1000")
        try #require(base.code == 0, "\(base.errors)")
        let other = try kith(in: folder, "load", "other.kith", "--edges", "follows=small.tsv", "--at", "1000")
        try #require(other.code == 0, "\(other.errors)")
        try OlderStore.copy(to: folder.file("older.kith"))
        let schema = try kith(in: folder, "schema", "base.kith", "--format", "json")
        try write(schema.output, "schema.json", in: folder)
        let changes = (0..<400).map { number in
            number % 3 == 0
                ? "{\"remove\": {\"kind\": \"user\", \"key\": \(number)}}\n"
                : "{\"add\": \"follows\", \"from\": \(number), \"to\": 1000, \"time\": 1000}\n"
        }
        try write(changes.joined(), "changes.jsonl", in: folder)
        try write(changes.joined(separator: "{}\n"), "bad.jsonl", in: folder)
        let dump = try kith(in: folder, "export", "base.kith", "--folder", "dump", "--gzip")
        try #require(dump.code == 0, "\(dump.errors)")
        return folder
    }

    @Test("leaves the old state or the new one, as the exit code says", arguments: FaultScenario.all)
    func everyCall(scenario: FaultScenario) throws {
        let countMax = Repetitions.of(2)
        if scenario.isLarge, Repetitions.factor == 1 { return }
        let stage = try FaultStage(scenario, FailingCallTests.input.get())
        var random = SplitMix64(seed: 6)
        for call in stage.calls.shuffled(using: &random).prefix(countMax) {
            let problems = try stage.problems(with: call)
            #expect(problems == [], "\(scenario.name), \(call)")
        }
    }
}
