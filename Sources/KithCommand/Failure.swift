import ArgumentParser
import Foundation
import Kith

/// How errors leave the command: one line on standard error that says what to do, and an exit code of sysexits.
enum Failure {
    /// The exit codes that scripts rely on.
    enum Code: Int32 {
        case found = 1
        case usage = 64
        case badData = 65
        case noInput = 66
        case cannotCreate = 73
        case ioError = 74
        case busy = 75
        case interrupted = 130
    }

    /// Prints the error and ends the process.
    static func exit(for error: any Error) -> Never {
        guard let (code, name) = classify(error) else {
            // The parser's own errors carry their help with them.
            Kith.exit(withError: error)
        }
        let message = "\(error)"
        FileHandle.standardError.write(Data("kith: \(message)\n".utf8))
        let arguments = CommandLine.arguments
        let wantsJSON =
            arguments.contains("--format=json")
            || zip(arguments, arguments.dropFirst()).contains { $0 == ("--format", "json") }
        if wantsJSON {
            let body = JSON.object([("error", .object([("code", .string(name)), ("message", .string(message))]))])
            FileHandle.standardError.write(Data((body.text + "\n").utf8))
        }
        Foundation.exit(code.rawValue)
    }

    /// The exit code of an error and its name in JSON; nil for errors of the argument parser.
    private static func classify(_ error: any Error) -> (Code, String)? {
        switch error {
        case let error as GraphStoreError: classify(error)
        case let error as LoadError:
            switch error {
            case .cannotRead: (.noInput, "cannot-read")
            case .badRow(let row): (.badData, row.error.code)
            case .badHeader: (.badData, "bad-header")
            case .cannotWrite: (.ioError, "cannot-write")
            case .diskFull, .notEnoughRoom: (.ioError, "disk-full")
            case .cancelled: (.interrupted, "interrupted")
            case .cannotExport: (.badData, "cannot-export")
            }
        case is NodeKeyError: (.badData, "bad-key")
        case is ArgumentNotUTF8: (.badData, "not-utf8")
        case is BadTime: (.badData, "bad-time")
        case is SchemaError: (.badData, "bad-schema")
        case is OutputError: (.ioError, "cannot-write")
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
        case .damaged: (.badData, "damaged")
        case .unknownEdgeType: (.usage, "unknown-edge-type")
        case .unknownKind: (.usage, "unknown-kind")
        case .edgeTypesDoNotFit: (.usage, "edge-types-do-not-fit")
        case .badRequest: (.usage, "bad-request")
        case .noSuchColumn: (.usage, "no-such-column")
        case .weightNotFinite: (.badData, "bad-weight")
        case .selfLoop: (.badData, "self-loop")
        case .kindIsFull: (.badData, "kind-is-full")
        case .cannotOpen: (.ioError, "cannot-open")
        case .busy: (.busy, "busy")
        case .diskFull: (.ioError, "disk-full")
        case .storage: (.ioError, "input-output")
        }
    }
}

/// Standard output or a file of results could not be written.
struct OutputError: Error, CustomStringConvertible {
    let description: String
}
