import Foundation
import Kith

/// What becomes of a damaged copy of a store.
///
/// | verdict | means |
/// |---|---|
/// | `refused` | the check found something, or the file cannot be opened; whatever could be opened crashed nobody |
/// | `harmless` | called sound, and so it is: same graph, every verb answers, 50 adds, sound after |
/// | `untold(...)` | called sound, and the graph is another, or a verb refuses: by bytes that nothing else says as well |
/// | `differs(...)` | the same, by other bytes |
/// | `slow` | the check took more than two seconds of processor time, and ten times as much as on the sound file |
struct Trial {
    private let bytes: Data
    private let path: String
    private let exported: [String]
    private let soundSeconds: Double
    private let untold: Set<Int>

    init(of store: String, in folder: String) throws {
        untold = try FlipPlan(of: store).untold
        bytes = try Data(contentsOf: URL(fileURLWithPath: store))
        path = folder + "/flipped.kith"
        try bytes.write(to: URL(fileURLWithPath: path))
        let begin = Trial.processorSeconds
        guard try GraphStore.check(path).isSound else { throw Unsound() }
        soundSeconds = Trial.processorSeconds - begin
        exported = try Trial.export(GraphStore(opening: path, options: .init(isReadOnly: true)))
    }

    struct Unsound: Error {}

    /// Whatever else the machine does, this is the process's own.
    private static var processorSeconds: Double { Double(clock()) / Double(CLOCKS_PER_SEC) }

    func verdict(on flips: [Flip]) throws -> String {
        var bytes = bytes
        for flip in flips { bytes[flip.offset] ^= flip.mask }
        for name in [path, path + "-lock", path + ".copy", path + ".copy-lock"] {
            try? FileManager.default.removeItem(atPath: name)
        }
        try bytes.write(to: URL(fileURLWithPath: path))
        let begin = Trial.processorSeconds
        let report = Result { try GraphStore.check(path) }
        let seconds = Trial.processorSeconds - begin
        let isSound = (try? report.get().isSound) ?? false
        var failures: [String] = []
        do {
            let store = try GraphStore(opening: path, options: .init(durability: .none, verification: .structure))
            failures = use(store)
            if isSound, failures.isEmpty, try !store.check().isSound { failures.append("unsound after adds") }
        } catch {
            failures.append("open: \(error)")
        }
        failures += rewrite()
        if seconds > max(2, 10 * soundSeconds) { return "slow" }
        if !isSound { return "refused" }
        guard let failure = failures.first else { return "harmless" }
        let isUntold = flips.contains { untold.contains($0.offset) }
        return "\(isUntold ? "untold" : "differs")(\(failure.prefix(200).filter { !$0.isNewline && $0 != "\t" }))"
    }

    // MARK: - Everything that can be asked

    private static func export(_ store: GraphStore) throws -> [String] {
        try store.read { snapshot in
            var lines: [String] = []
            let parts =
                snapshot.schema.nodeKinds.map(GraphExport.Part.nodes)
                + snapshot.schema.edgeTypes.map { GraphExport.Part.edges($0.name) }
            for part in parts {
                let text = Pieces()
                switch part {
                case .nodes(let kind): try GraphExport(.jsonl).nodes(of: kind, in: snapshot) { text.append($0) }
                case .edges(let type): try GraphExport(.jsonl).edges(of: type, in: snapshot) { text.append($0) }
                }
                lines.append("\(part): " + String(decoding: text.bytes, as: UTF8.self))
            }
            return lines
        }
    }

    private final class Pieces {
        var bytes: [UInt8] = []
        func append(_ piece: UnsafeRawBufferPointer) { bytes += piece }
    }

    /// Reads by everything that reads, then writes; answers what went wrong.
    private func use(_ store: GraphStore) -> [String] {
        var failures: [String] = []
        func attempt(_ what: String, _ body: () throws -> Void) {
            do { try body() } catch { failures.append("\(what): \(error)") }
        }
        attempt("export") { if try Trial.export(store) != exported { failures.append("another graph") } }
        attempt("stats") { _ = try store.statistics() }
        let users: [NodeKey] = ["user-1", "hub", "fan5", "person-3", 7, 400]
        for measure in Popularity.Measure.allCases {
            attempt("top \(measure)") { _ = try store.read { _ = try $0.top(by: Popularity(measure), via: .follows) } }
        }
        for type in [EdgeType.Name.follows, .friends, .interests, .interacts] {
            for direction in EdgeDirection.allCases {
                attempt("degrees \(type)") {
                    _ = try store.read { _ = try $0.degreeDistribution(of: type, direction: direction) }
                }
                for user in users where !(type == .interests && direction == .in) {
                    attempt("neighbors \(type)") {
                        try store.read { snapshot in
                            _ = try snapshot.degree(of: user, via: type, direction: direction)
                            _ = try snapshot.neighbors(of: user, via: type, direction: direction, limit: 1_000)
                            try snapshot.forEachNeighbor(of: user, via: type, direction: direction) { _, _, _ in }
                        }
                    }
                }
            }
        }
        let requests =
            Recommender.Method.allCases.filter { $0 != .walk }.map { Recommender($0) }
            + TwoHopScore.allCases.map { Recommender(.friendsOfFriends, via: [.follows], score: $0) }
            + [Recommender(.pageRank, via: [.follows], pageRank: PersonalizedPageRank(tolerance: 1e-4))]
        for recommender in requests {
            for user in users.prefix(1) {
                attempt("recommend \(recommender.by)") {
                    _ = try store.read { _ = try $0.recommend(RecommendationRequest([recommender]), for: user) }
                }
            }
        }
        attempt("recommend --all") {
            try store.recommendationsForAll(RecommendationRequest(limit: 3), threads: 2) { _ in }
        }
        attempt("why, path, common, edge, keys") {
            try store.read { snapshot in
                _ = try snapshot.why("person-3", for: "user-1")
                _ = try snapshot.shortestPath(from: "fan5", to: "fan6", via: .both(.follows))
                _ = try snapshot.commonNeighbors(
                    .init(of: "fan5", via: .out(.follows)), .init(of: "fan6", via: .out(.follows)))
                _ = try snapshot.edge(from: "fan5", .follows, to: "hub")
                _ = try snapshot.keys(startingWith: "fan", limit: 2_000)
            }
        }
        attempt("backup") { try store.backup(to: path + ".copy", compacting: true) }
        for number in 0..<50 as Range<UInt64> {
            attempt("add") {
                try store.write { graph in
                    try graph.add(try NodeKey("new\(number % 7)"), .follows, number % 3 == 0 ? "hub" : NodeKey(number))
                    try graph.add(NodeKey(number + 1), .friends, NodeKey(600 + number))
                    try graph.add("user-1", .interacts, try NodeKey("person-\(number)"), weight: 1)
                }
            }
        }
        attempt("remove") {
            try store.write { graph in
                try graph.remove("new0", .follows, "hub")
                try graph.removeNode("fan7")
                try graph.removeNode("person-3")
            }
        }
        attempt("load") {
            _ = try BulkLoader(threads: 1, memoryBytes: 1 << 26).load(into: path) { sink in
                for number in 0..<100 { try sink.add(try NodeKey("loaded\(number)"), .follows, "hub") }
            }
        }
        return failures
    }

    /// What makes the file anew, by itself.
    private func rewrite() -> [String] {
        var options = GraphStore.Options()
        options.durability = .none
        options.verification = .structure
        var failures: [String] = []
        for reorders in [false, true] {
            do {
                if reorders {
                    try GraphStore.reorder(path, by: BulkLoader(options: options, threads: 1, memoryBytes: 1 << 26))
                } else {
                    try GraphStore.compact(path, options: options)
                }
            } catch {
                failures.append("compact: \(error)")
            }
        }
        return failures
    }
}
