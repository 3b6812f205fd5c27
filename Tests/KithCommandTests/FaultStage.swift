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
    /// What is beside the store before and after an undisturbed run.
    private var filesBefore: [String: Data] = [:]
    private var filesAfter: [String: Data] = [:]
    /// Every failure of every call that an undisturbed run makes.
    private(set) var calls: [FailingCall] = []

    private var work: String { folder.file("work") }
    private var store: String { work + "/s.kith" }

    /// Plays the scenario once and notes what comes of it.
    ///
    /// - Parameter input: what scenarios name as INPUT, and the store to begin with, `base.kith`.
    init(_ scenario: FaultScenario, _ input: TemporaryFolder) throws {
        self.scenario = scenario
        folder = try TemporaryFolder()
        self.input = input
        if let name = scenario.standardInput {
            try FileManager.default.copyItem(atPath: input.file(name), toPath: folder.file(name))
        }
        base = try Data(contentsOf: URL(fileURLWithPath: input.file("base.kith")))
        try clear()
        before = try content(store)
        filesBefore = try filesBeside()
        try clear()
        let log = folder.file("log")
        let outcome = try run(FailingCall.environment(of: nil, in: part, log: log))
        try #require(outcome.code == 0, "\(scenario.name): \(outcome.errors)")
        after = try content(store)
        filesAfter = try filesBeside()
        for product in scenario.products {
            try #require(FileManager.default.fileExists(atPath: work + "/" + product), "\(scenario.name)")
        }
        // A verb that reads may have nothing that fails in its pipe.
        calls = FailingCall.all(inLog: (try? String(contentsOfFile: log, encoding: .utf8)) ?? "")
        if before != after, scenario.part == "WORK" {
            try #require(calls.contains { ["pwrite", "write", "writev"].contains($0.name) }, "\(scenario.name)")
        }
    }

    /// Plays the scenario with a call that fails; what is wrong afterwards.
    func problems(with call: FailingCall) throws -> [String] {
        try clear()
        let outcome = try run(FailingCall.environment(of: call, in: part))
        if let signal = outcome.signal {
            return [signal == SIGALRM ? "it waits for ever" : "it is ended by signal \(signal): \(outcome.errors)"]
        }
        let said = Said(outcome, isJSON: scenario.format == "json")
        var problems = said.problems(with: call)
        let found = try content(store)
        if found != (said.hasChanged ? after : before) {
            let what = found == before ? "as it was" : found == after ? "what was asked for" : "something else"
            problems.append("the store is \(what)")
        }
        problems += try problemsBeside(said, hasUnlink: call.name != "unlink")
        return problems.map { "\($0) after exit code \(outcome.code): \(outcome.errors)" }
    }

    /// What is wrong with the files beside the store.
    ///
    /// - Parameter hasUnlink: whether names can be taken away; where not, some are left.
    private func problemsBeside(_ said: Said, hasUnlink: Bool) throws -> [String] {
        let files = try filesBeside()
        let expected = said.isDone ? filesAfter : filesBefore
        return Set(files.keys).union(expected.keys).sorted().compactMap { name in
            let (file, wanted) = (files[name], expected[name])
            if file == wanted || file != nil && wanted == nil && !hasUnlink { return nil }
            // A load cannot be taken back for the file of what it left out, and says so.
            if said.isDone, file == nil, said.outcome.errors.contains("/\(name)' cannot be written") { return nil }
            if scenario.keepsUnfinished, !said.isDone, let file, let whole = filesAfter[name], whole.starts(with: file)
            {
                return nil
            }
            let what = file == nil ? "missing" : wanted == nil ? "left" : "something else"
            return "'\(name)' is \(what)"
        }
    }

    /// What a run says of how it ended.
    private struct Said {
        let outcome: CommandOutcome
        let isJSON: Bool
        let lines: [Substring]
        let error: String?

        init(_ outcome: CommandOutcome, isJSON: Bool) {
            self.outcome = outcome
            self.isJSON = isJSON
            lines = outcome.errors.split(separator: "\n")
            let object = lines.last.flatMap { try? JSONSerialization.jsonObject(with: Data($0.utf8)) }
            error = (object as? [String: [String: String]])?["error"]?["code"]
        }

        /// Whether what was asked for is done.
        var isDone: Bool {
            outcome.code == 0 || (isJSON ? error == "done-except" : outcome.errors.contains(" is written"))
        }

        /// Whether the store is another than it was: of people who are forgotten bytes may be left.
        var hasChanged: Bool { isDone || error == "erasure-unfinished" }

        /// What is wrong with the error: one line, another of JSON, and a code that says what is at fault.
        func problems(with call: FailingCall) -> [String] {
            if outcome.code == 0 { return outcome.errors.isEmpty ? [] : ["it is done, and there is an error"] }
            var problems: [String] = []
            if lines.count != (isJSON ? 2 : 1) || isJSON != (error != nil) || !outcome.errors.hasPrefix("kith: ") {
                problems.append("the error is not one line" + (isJSON ? " and one of JSON" : ""))
            }
            // A lock that cannot be had may be somebody's.
            if outcome.code != 74, !(outcome.code == 75 && call.name == "fcntl") {
                problems.append("the exit code is not that of a failing disk")
            }
            if hasChanged, ["as it was", "nothing was changed"].contains(where: outcome.errors.contains) {
                problems.append("the error says that nothing was done")
            }
            return problems
        }
    }

    private var part: String { inPlace(scenario.part) }

    private func inPlace(_ text: String) -> String {
        text.replacingOccurrences(of: "WORK", with: work).replacingOccurrences(of: "INPUT", with: input.path)
    }

    private func run(_ environment: [String: String]) throws -> CommandOutcome {
        try kith(
            in: folder, arguments: scenario.arguments.map(inPlace) + ["--format", scenario.format],
            input: scenario.standardInput, environment: environment)
    }

    /// Makes the folder what it is at the beginning.
    private func clear() throws {
        if FileManager.default.fileExists(atPath: work) { try FileManager.default.removeItem(atPath: work) }
        try FileManager.default.createDirectory(atPath: work, withIntermediateDirectories: true)
        if scenario.hasStore { try base.write(to: URL(fileURLWithPath: store)) }
        for (name, copy) in scenario.copies {
            try FileManager.default.copyItem(atPath: input.file(name), toPath: work + "/" + copy)
        }
    }

    /// The files in the folder but for the store and lock files of stores; a store by what it holds.
    private func filesBeside() throws -> [String: Data] {
        var files: [String: Data] = [:]
        let names = Set(try FileManager.default.subpathsOfDirectory(atPath: work))
        for name in names where name != "s.kith" {
            if name.hasSuffix(".kith-lock"), names.contains(String(name.dropLast("-lock".count))) { continue }
            let path = work + "/" + name
            if name.hasSuffix(".kith"), let content = try content(path) {
                files[name] = Data(content.joined(separator: "\n").utf8)
            } else {
                files[name] = FileManager.default.contents(atPath: path).map(FaultStage.withoutTimes) ?? Data()
            }
        }
        return files
    }

    /// Lines of answers without the time that each took.
    private static func withoutTimes(_ data: Data) -> Data {
        let time = Data("\"milliseconds\": ".utf8)
        guard data.range(of: time) != nil else { return data }
        let lines = data.split(separator: 10, omittingEmptySubsequences: false).map { line in
            line.range(of: time).map { line[..<$0.upperBound] } ?? line
        }
        return Data(lines.joined(separator: [10]))
    }

    /// What a store holds, which is proved sound first; of a large one how much.
    private func content(_ path: String) throws -> Content {
        guard FileManager.default.fileExists(atPath: path) else { return nil }
        let store = try GraphStore(opening: path, options: .init(isReadOnly: true))
        let problems = try store.check().problems
        if !problems.isEmpty { return ["unsound: \(problems)"] }
        let version = try store.statistics().formatVersion
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
                Substring(snapshot.schema.json), "version \(version)",
            ]
        }
    }
}
