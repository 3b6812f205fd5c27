import Foundation

/// A process and its descendants, as proc(5) shows them to others.
///
/// A test that holds an input or an output of a program uses this to learn that the program has got that far: all threads
/// sleep. A thread that waits for the disk or for memory does not count as asleep (state D).
public struct ProcessTree {
    /// The sleep of each thread: how often it gave up the processor before.
    public typealias Sleep = [pid_t: Int]

    private let root: pid_t

    /// The process `root` and all that descend from it.
    public init(_ root: pid_t) { self.root = root }

    /// Waits until all threads sleep at the same time.
    ///
    /// Two looks find every thread asleep and none awake in between, so all slept at the end of the first look.
    /// Only an event from outside, or a timer, wakes one of them.
    ///
    /// - Throws: ``Hang`` when the root has ended, or after minutes.
    @discardableResult
    public func waitUntilAsleep() throws -> Sleep {
        try waitUntilAsleep { _ in true }
    }

    /// Waits until the threads that listen for signals have been awake since an earlier sleep, and all sleep again.
    ///
    /// Others may have been awake as well: what a terminal passes on comes late on a busy machine, and timers wake threads.
    ///
    /// - Throws: ``Hang`` when the root has ended, or after minutes.
    public func waitUntilSignalHeard(after earlier: Sleep) throws {
        _ = try waitUntilAsleep { now in
            let listening = earlier.keys.filter { thread in
                fields(ofFile: "/proc/\(thread)/status")["Name"] == "signals"
            }
            return !listening.isEmpty && listening.allSatisfy { now[$0] != earlier[$0] }
        }
    }

    private func waitUntilAsleep(_ isWanted: (Sleep) -> Bool) throws -> Sleep {
        var found: Sleep?
        try waitUntil("process \(root) sleeps") {
            guard FileManager.default.fileExists(atPath: "/proc/\(root)/task"), state(of: root) != "Z" else {
                throw Hang(description: "process \(root) has ended; it was expected to wait")
            }
            guard let first = sleep(), !first.isEmpty, isWanted(first), first == sleep() else { return false }
            found = first
            return true
        }
        return found ?? [:]
    }

    /// Whether all threads sleep now; false when the process has ended.
    public var isAsleep: Bool {
        guard let first = sleep(), !first.isEmpty, state(of: root) != "Z" else { return false }
        return first == sleep()
    }

    /// Each thread's count of switches, and nil when a thread is awake.
    private func sleep() -> Sleep? {
        var sleep: Sleep = [:]
        for process in processes() {
            for thread in numbers(in: "/proc/\(process)/task") {
                let status = fields(ofFile: "/proc/\(process)/task/\(thread)/status")
                // A process that has ended wakes its parent.
                guard let state = status["State"]?.first, "SZ".contains(state) else { return nil }
                sleep[thread] = ["voluntary_ctxt_switches", "nonvoluntary_ctxt_switches"].reduce(0) { sum, name in
                    sum + (status[name].flatMap { Int($0) } ?? 0)
                }
            }
        }
        return sleep
    }

    private func processes() -> [pid_t] {
        var (found, next) = ([root], 0)
        while next < found.count {
            let folder = "/proc/\(found[next])/task"
            for thread in numbers(in: folder) {
                let children = (try? String(contentsOfFile: "\(folder)/\(thread)/children", encoding: .utf8)) ?? ""
                found += children.split(separator: " ").compactMap { pid_t($0) }
            }
            next += 1
        }
        return found
    }

    private func state(of process: pid_t) -> Character? {
        fields(ofFile: "/proc/\(process)/status")["State"]?.first
    }

    private func numbers(in folder: String) -> [pid_t] {
        // A process that has just ended has no folder.
        ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).compactMap { pid_t($0) }
    }

    private func fields(ofFile path: String) -> [Substring: String] {
        let pairs = text(ofSystemFile: path).split(separator: "\n").compactMap { line -> (Substring, String)? in
            guard let colon = line.firstIndex(of: ":") else { return nil }
            return (line[..<colon], line[line.index(after: colon)...].trimmingCharacters(in: .whitespaces))
        }
        return Dictionary(pairs) { first, _ in first }
    }
}

/// The text of a file of /proc, all of it; empty when it cannot be read.
///
/// Such a file has no size, and gives a page of itself at a read: `String(contentsOfFile:)` takes the first for the whole.
public func text(ofSystemFile path: String) -> String {
    let file = open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { return "" }
    defer { close(file) }
    var bytes: [UInt8] = []
    var part = [UInt8](repeating: 0, count: 1 << 16)
    while true {
        let count = read(file, &part, part.count)
        if count <= 0 { return String(decoding: bytes, as: UTF8.self) }
        bytes += part[..<count]
    }
}
