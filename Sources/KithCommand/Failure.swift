import ArgumentParser
import Foundation
import Kith
import OperatingSystem

/// How errors leave the command: one line on standard error that says what to do, and an exit code of sysexits.
enum Failure {
    /// The exit codes that scripts rely on.
    enum Code: Int32 {
        case found = 1
        case usage = 64
        case badData = 65
        case noInput = 66
        case timeout = 70
        case cannotCreate = 73
        case ioError = 74
        case busy = 75
        case interrupted = 130
    }

    /// Prints the error, or the help that was asked for, and answers the exit code.
    ///
    /// - Parameter done: what the verb has done for good nevertheless.
    static func report(
        _ error: any Error, arguments: [String] = Array(CommandLine.arguments.dropFirst()),
        after done: String? = Accomplishment.current.noted
    ) -> Int32 {
        if let code = error as? ExitCode { return code.rawValue }
        // The library's word for it says no more than that.
        let error = error is CancellationError ? Interrupted() : error
        var (code, name, message): (Code, String, String)
        if let known = classify(error) {
            (code, name) = known
            message =
                (done == nil ? "\(error)" : (error as? GraphStoreError)?.withoutOutcome ?? "\(error)")
                + (suggestion(error).map { "; did you mean '\($0)'?" } ?? "")
        } else if Kith.exitCode(for: error) == .success {
            let text = Kith.isAboutRoot(arguments) ? Kith.manual : Kith.fullMessage(for: error)
            do {
                var writer = try LineWriter.standardOutput()
                try writer.write(text)
                try writer.finish()
                return 0
            } catch {
                return report(error, arguments: arguments)
            }
        } else if Kith.exitCode(for: error) == .validationFailure {
            (code, name, message) = (.usage, "usage", UsageError.message(Kith.message(for: error), arguments))
        } else {
            (code, name, message) = (.ioError, "input-output", (error as NSError).localizedDescription)
        }
        if let done {
            message = code == .interrupted ? "interrupted, but \(done)" : "\(done), but \(message)"
            (code, name) = (code == .interrupted ? code : .ioError, "done-except")
        }
        var text = "kith: \(message.printable)\n"
        if wantsJSON(arguments) {
            let json = JSON.object([("error", .object([("code", .string(name)), ("message", .string(message))]))]).text
            text += (Terminal.isTerminal(STDERR_FILENO) ? json.printableJSON : json) + "\n"
        }
        // At a terminal progress may stand in the line, and the echo of Ctrl-C.
        if code == .interrupted, Terminal.isTerminal(STDERR_FILENO) { text = "\r\u{1B}[K" + text }
        Terminal.say(text)
        return code.rawValue
    }

    private static func wantsJSON(_ arguments: [String]) -> Bool {
        arguments.contains("--format=json")
            || zip(arguments, arguments.dropFirst()).contains { $0 == ("--format", "json") }
    }

    /// What was meant by a name that the schema does not have.
    private static func suggestion(_ error: any Error) -> String? {
        switch error {
        case GraphStoreError.unknownEdgeType(let name, let known):
            nearestName(to: name.text, among: known.map(\.text))
        case GraphStoreError.unknownKind(let kind, let known):
            nearestName(to: kind.name, among: known.map(\.name))
        case GraphStoreError.unknownSetting(let key, let known):
            nearestName(to: key.description, among: known.map(\.description))
        default: nil
        }
    }

    /// The exit code of an error and its name in JSON; nil for errors of the argument parser and of the system.
    private static func classify(_ error: any Error) -> (Code, String)? {
        switch error {
        case let error as GraphStoreError: classify(error)
        case let error as LoadError:
            switch error {
            case .cannotRead: (.noInput, "cannot-read")
            case .readFailed: (.ioError, "input-output")
            case .badRow(let row), .badChange(let row, _): (.badData, row.error.code)
            case .tooManyRejects: (.badData, "too-many-rejects")
            case .noGoodRow: (.badData, "no-good-row")
            case .badHeader: (.badData, "bad-header")
            case .badFile: (.badData, "bad-file")
            case .otherFormat: (.badData, "other-format")
            case .badFolder: (.badData, "bad-folder")
            case .cannotWrite: (.ioError, "cannot-write")
            case .diskFull, .notEnoughRoom: (.ioError, "disk-full")
            case .notEnoughMemory: (.ioError, "memory-limit")
            case .cannotExport: (.badData, "cannot-export")
            }
        case is NodeKeyError: (.badData, "bad-key")
        case is ArgumentNotUTF8: (.badData, "not-utf8")
        case is TimestampError: (.badData, "bad-time")
        case is SchemaError: (.badData, "bad-schema")
        case is OutputError: (.ioError, "cannot-write")
        case is AddressSpace.TooSmall: (.ioError, "memory-limit")
        case is Worker.NotStarted: (.ioError, "no-thread")
        case is Interrupted: (.interrupted, "interrupted")
        case is TimedOut: (.timeout, "timeout")
        case is UnknownVerb, is UsageError: (.usage, "usage")
        case is UnknownKeys: (.noInput, "no-such-node")
        default: nil
        }
    }

    private static func classify(_ error: GraphStoreError) -> (Code, String) {
        switch error {
        case .noSuchStore: (.noInput, "no-such-store")
        case .noSuchFolder: (.noInput, "no-such-folder")
        case .noSuchNode: (.noInput, "no-such-node")
        case .storeExists: (.cannotCreate, "store-exists")
        case .notAStore: (.badData, "not-a-store")
        case .otherFormatVersion: (.badData, "other-format-version")
        case .olderFormatVersion: (.badData, "older-format-version")
        case .unknownFeatures: (.badData, "unknown-features")
        case .damaged: (.badData, "damaged")
        case .unknownEdgeType: (.usage, "unknown-edge-type")
        case .unknownKind: (.usage, "unknown-kind")
        case .edgeTypesDoNotFit: (.usage, "edge-types-do-not-fit")
        case .badRequest: (.usage, "bad-request")
        case .badTime: (.badData, "bad-time")
        case .notRead: (.usage, "bad-request")
        case .unknownSetting: (.badData, "unknown-setting")
        case .noSuchColumn: (.usage, "no-such-column")
        case .badWeight: (.badData, "bad-weight")
        case .badWeightSum: (.badData, "bad-weight-sum")
        case .selfLoop: (.badData, "self-loop")
        case .kindIsFull: (.badData, "kind-is-full")
        case .cannotOpen: (.ioError, "cannot-open")
        case .cannotReplace: (.ioError, "cannot-replace")
        case .outputIsInput: (.usage, "output-is-input")
        case .outputIsStore: (.usage, "output-is-store")
        case .busy: (.busy, "busy")
        case .erasureUnfinished(_, let cause): (classify(cause).0, "erasure-unfinished")
        case .replaced: (.busy, "replaced")
        case .diskFull: (.ioError, "disk-full")
        case .noThread: (.ioError, "no-thread")
        case .storage: (.ioError, "input-output")
        case .doneExcept: (.ioError, "done-except")
        }
    }
}

/// Standard output or a file of results could not be written.
struct OutputError: Error, CustomStringConvertible {
    let description: String

    init(description: String) { self.description = description }

    /// What the system says just now of writing to `name`.
    init(writing name: String) {
        description = "\(name) cannot be written: \(Refusal(errno))"
    }
}
