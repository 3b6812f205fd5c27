import Foundation
import GraphTesting

/// A call of the system that fails in the built command: see `Tests/FailingCalls/include/failing_calls.h`.
struct FailingCall: Hashable, CustomStringConvertible {
    /// How it fails.
    enum Failure: Hashable {
        case error(Int32)
        /// Half of the bytes are written or read.
        case short
    }

    /// The kind of call, by its C name.
    let name: String
    /// Which call of the kind, from 1.
    let number: Int
    var isOnwards = false
    let failure: Failure

    var description: String {
        let how =
            switch failure {
            case .error(let code): String(cString: strerror(code))
            case .short: "half of the bytes"
            }
        return "\(name) \(number)\(isOnwards ? " and all later" : ""): \(how)"
    }

    /// What each kind of call may fail with on a real machine, and whether it then goes on failing.
    static func failures(of name: String) -> [(failure: Failure, isOnwards: Bool)] {
        let once = { (codes: [Int32]) in codes.map { (Failure.error($0), false) } }
        let both = { (codes: [Int32]) in once(codes) + codes.map { (Failure.error($0), true) } }
        let short = [(Failure.short, false)]
        return switch name {
        case "pwrite", "write": both([EIO, ENOSPC]) + once([EINTR]) + short
        case "writev": both([EIO, ENOSPC]) + short
        case "read", "pread": both([EIO]) + once([EINTR]) + short
        case "fdatasync", "fsync", "rename", "link", "mkdir", "ftruncate", "fallocate": both([EIO, ENOSPC])
        case "mmap": both([ENOMEM])
        case "open": both([EMFILE, EIO]) + once([ENOSPC])
        case "fcntl": both([EIO, ENOLCK])
        case "pthread_create": both([EAGAIN])
        default: both([EIO])
        }
    }

    /// The library that is preloaded, beside the built command.
    static func library() throws -> String {
        try builtCommand().deletingLastPathComponent().appendingPathComponent("libFailingCalls.so").path
    }

    /// Whether the library can be preloaded: not where the command is built with a sanitizer, whose own comes first.
    static let isPossible: Bool = {
        guard let folder = try? TemporaryFolder(), let environment = try? environment(of: nil, in: "/") else {
            return false
        }
        let outcome = try? kith(in: folder, arguments: ["--version"], environment: environment)
        return outcome?.code == 0 && outcome?.errors == ""
    }()

    /// The environment in which the command meets this failure on files whose path contains `part`, and is ended when it
    /// waits for ever.
    static func environment(
        of call: FailingCall?, in part: String, log: String? = nil
    ) throws -> [String: String] {
        var environment = ["LD_PRELOAD": try library(), "KITH_FAIL_PATH": part, "KITH_FAIL_SECONDS": "60"]
        environment["KITH_FAIL_LOG"] = log
        guard let call else { return environment }
        environment["KITH_FAIL_CALL"] = call.name
        environment["KITH_FAIL_AT"] = String(call.number)
        if call.isOnwards { environment["KITH_FAIL_ONWARDS"] = "1" }
        environment["KITH_FAIL_WITH"] =
            switch call.failure {
            case .error(let code): String(code)
            case .short: "short"
            }
        return environment
    }

    /// Every failure of every call that a run has made, as its log tells. Of very many calls of a kind the first and the
    /// last, and some between.
    static func all(inLog text: String) -> [FailingCall] {
        // A run of several processes has one count in each.
        var counts: [String: Int] = [:]
        for line in text.split(separator: "\n") {
            let words = line.split(separator: " ")
            counts[String(words[1])] = max(counts[String(words[1])] ?? 0, Int(words[2]) ?? 0)
        }
        return counts.sorted { $0.key < $1.key }.flatMap { name, count in
            numbers(upTo: count).flatMap { number in
                failures(of: name).map {
                    FailingCall(name: name, number: number, isOnwards: $0.isOnwards, failure: $0.failure)
                }
            }
        }
    }

    private static func numbers(upTo count: Int) -> [Int] {
        guard count > 60 else { return Array(1...count) }
        return Array(1...20) + Array(stride(from: 21, through: count - 20, by: max(1, count / 20)))
            + Array(count - 19...count)
    }
}
