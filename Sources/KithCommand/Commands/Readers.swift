import ArgumentParser
import Foundation
import Kith

/// `kith readers`
struct Readers: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "List who reads the store, and free the places of processes that died.",
        discussion: """
            A snapshot that is held keeps the file from using again what changed since: the higher "behind", the older \
            the state, in commits. A place without a transaction is kept for a process's next read. Places of dead \
            processes are freed by whoever opens the store; this verb alone leaves them, to be seen. Its own place is \
            not listed.

            Examples:
              kith readers people.kith
              kith readers people.kith --clear
            """)

    @OptionGroup var store: StoreArgument
    @Flag(help: "Free the places of processes that died; those that are left are listed.") var clear = false
    @OptionGroup var output: OutputOptions

    func run() throws {
        let store = try store.openToLookAfter(clearingDeadReaders: false)
        let cleared = clear ? try store.clearDeadReaders() : nil
        if let cleared, cleared > 0 {
            Accomplishment.current.note("the places of dead readers are freed")
        }
        let readers = try store.readers().filter { $0.process != Int(getpid()) }
        var members: [(String, JSON)] = [("readers", .array(readers.map(\.json)))]
        if let cleared { members.append(("cleared", .integer(cleared))) }
        try Report(
            json: .object(members), headings: ["process", "thread", "transaction", "behind", "alive"],
            rows: readers.map { reader in
                [
                    .integer(reader.process), .string(reader.threadName), reader.transactionNumber,
                    reader.commitsBehind.map { .integer($0) } ?? .null, .bool(reader.isAlive),
                ]
            }
        ).print(as: output.format)
    }
}

extension StoreReader {
    /// The thread as debuggers write it.
    fileprivate var threadName: String { "0x" + String(thread, radix: 16) }

    fileprivate var transactionNumber: JSON { transaction.map { .integer(Int(clamping: $0)) } ?? .null }

    /// The reader as `readers` and `stats` tell of it.
    var json: JSON {
        .object([
            ("process", .integer(process)), ("thread", .string(threadName)), ("transaction", transactionNumber),
            ("commitsBehind", commitsBehind.map { .integer($0) } ?? .null), ("alive", .bool(isAlive)),
        ])
    }
}
