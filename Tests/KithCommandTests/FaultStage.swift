import Foundation
import GraphTesting
import Kith
import Testing

/// A folder in which a scenario is played again and again, each time from the same beginning.
///
/// What must be so after each run is decided by what the command says: exit code 0, or an error that says that what was
/// asked is done, stand for the state after an undisturbed run; any other for the state before.
final class FaultStage {
    /// What a store holds, in an order that does not depend on its ids; nil when there is none.
    private typealias Content = [Substring]?

    private let scenario: FaultScenario
    private let folder: TemporaryFolder
    private let input: TemporaryFolder
    private let base: Data
    private var before: Content = nil
    private var after: Content = nil
    /// What an undisturbed run makes beside the store.
    private var products: [String: Data] = [:]
    /// Every failure of every call that an undisturbed run makes.
    private(set) var calls: [FailingCall] = []

    private var work: String { folder.file("work") }
    private var store: String { work + "/s.kith" }

    /// Plays the scenario once and notes what comes of it.
    ///
    /// - Parameter input: `small.tsv`, `bad.tsv`, `large.tsv`, and the store to begin with, `base.kith`.
    init(_ scenario: FaultScenario, _ input: TemporaryFolder) throws {
        self.scenario = scenario
        folder = try TemporaryFolder()
        self.input = input
        base = try Data(contentsOf: URL(fileURLWithPath: input.file("base.kith")))
        try clear()
        before = try content(store)
        let log = folder.file("log")
        let outcome = try run(FailingCall.environment(of: nil, in: part, log: log))
        try #require(outcome.code == 0, "\(scenario.name): \(outcome.errors)")
        after = try content(store)
        products = try madeFiles()
        try #require(try scenario.products.allSatisfy { try exists($0) })
        // A verb that reads may have nothing that fails in its pipe.
        calls = FailingCall.all(inLog: (try? String(contentsOfFile: log, encoding: .utf8)) ?? "")
    }

    /// Plays the scenario with a call that fails; what is wrong afterwards.
    func problems(with call: FailingCall) throws -> [String] {
        try clear()
        let outcome = try run(FailingCall.environment(of: call, in: part))
        if let signal = outcome.signal {
            return [signal == SIGALRM ? "it waits for ever" : "it is ended by signal \(signal)"]
        }
        var problems: [String] = []
        let said = Said(outcome)
        if outcome.code != 0 { problems += said.problems(with: call) }
        let found = try content(store)
        if found != (said.isDone ? after : before) {
            let what = found == before ? "as it was" : found == after ? "what was asked for" : "something else"
            problems.append("the store is \(what)")
        }
        let files = try madeFiles()
        let expected = said.isDone || call.name == "unlink" && !files.isEmpty ? products : [:]
        for name in Set(files.keys).union(expected.keys).sorted() where files[name] != expected[name] {
            // Where names cannot be taken away any more, some are left.
            if call.name == "unlink", expected[name] == nil { continue }
            problems.append(
                files[name] == nil
                    ? "'\(name)' is missing"
                    : expected[name] == nil ? "'\(name)' is left" : "'\(name)' is something else")
        }
        return problems.map { $0 + " after exit code \(outcome.code): \(outcome.errors)" }
    }

    /// What a run says of how it ended.
    private struct Said {
        let outcome: CommandOutcome
        let lines: [Substring]
        let error: String?

        init(_ outcome: CommandOutcome) {
            self.outcome = outcome
            lines = outcome.errors.split(separator: "\n")
            let object = lines.last.flatMap { try? JSONSerialization.jsonObject(with: Data($0.utf8)) }
            error = (object as? [String: [String: String]])?["error"]?["code"]
        }

        /// Whether what was asked for is done.
        var isDone: Bool { outcome.code == 0 || error == "done-except" }

        /// What is wrong with the error: one line, another of JSON, and a code that says what is at fault.
        func problems(with call: FailingCall) -> [String] {
            var problems: [String] = []
            if error == nil || lines.count != 2 || !outcome.errors.hasPrefix("kith: ") {
                problems.append("the error is not one line and one of JSON")
            }
            // A lock that cannot be had may be somebody's.
            if outcome.code != 74, !(outcome.code == 75 && call.name == "fcntl") {
                problems.append("the exit code is not that of a failing disk")
            }
            return problems
        }
    }

    private var part: String { scenario.part ?? work }

    private func run(_ environment: [String: String]) throws -> CommandOutcome {
        let arguments = scenario.arguments.map {
            $0.replacingOccurrences(of: "WORK", with: work).replacingOccurrences(of: "INPUT", with: input.path)
        }
        return try kith(in: folder, arguments: arguments + ["--format", "json"], environment: environment)
    }

    /// Makes the folder what it is at the beginning.
    private func clear() throws {
        if FileManager.default.fileExists(atPath: work) { try FileManager.default.removeItem(atPath: work) }
        try FileManager.default.createDirectory(atPath: work, withIntermediateDirectories: true)
        if scenario.hasStore { try base.write(to: URL(fileURLWithPath: store)) }
    }

    private func exists(_ name: String) throws -> Bool { FileManager.default.fileExists(atPath: work + "/" + name) }

    /// The files in the folder but for the store and lock files; a store by what it holds.
    private func madeFiles() throws -> [String: Data] {
        var files: [String: Data] = [:]
        for name in try FileManager.default.subpathsOfDirectory(atPath: work) {
            if name == "s.kith" || scenario.products.contains(where: { name == $0 + "-lock" }) || name == "s.kith-lock"
            {
                continue
            }
            let path = work + "/" + name
            if name.hasSuffix(".kith"), let content = try content(path) {
                files[name] = Data(content.joined(separator: "\n").utf8)
            } else {
                files[name] = FileManager.default.contents(atPath: path) ?? Data()
            }
        }
        return files
    }

    /// What a store holds, which is proved sound first; of a large one how much.
    private func content(_ path: String) throws -> Content {
        guard FileManager.default.fileExists(atPath: path) else { return nil }
        let store = try GraphStore(opening: path, options: .init(isReadOnly: true))
        let problems = try store.check().problems
        if !problems.isEmpty { return ["unsound: \(problems)"] }
        return try store.read { snapshot in
            if scenario.isLarge {
                let (edges, nodes) = (try snapshot.edgeCount(of: .follows), try snapshot.nodeCount(of: .user))
                return ["\(edges) edges, \(nodes) nodes"]
            }
            var text = Data()
            let export = try GraphExport(.csv)
            _ = unsafe try export.edges(of: nil, in: snapshot) { unsafe text.append(Data($0)) }
            for kind in snapshot.schema.nodeKinds {
                _ = unsafe try export.nodes(of: kind, in: snapshot) { unsafe text.append(Data($0)) }
            }
            return String(decoding: text, as: UTF8.self).split(separator: "\n").sorted() + [
                Substring(snapshot.schema.json)
            ]
        }
    }
}
