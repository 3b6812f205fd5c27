import Foundation
import Kith
import Measuring

/// The other process: adds one edge at a time, each in a write of its own, until its standard input ends.
///
///     LiveLoad --add edges --into copy.kith --scale 20 --seed 1
///     ready                                  the first edge was added
///     {"begins":[…],"ends":[…],…}            when the input has ended: see ``AddTimes``
struct AddLoop {
    /// What it adds.
    enum Added: String {
        /// Edges between users that are there.
        case edges
        /// Edges from users that are there to new ones.
        case nodes
    }

    /// What it says when the first edge was added.
    static let ready = Data("ready\n".utf8)
    /// The arguments by which it is told what to do, beside `scale` and `pause`.
    static let arguments = ["add", "into", "seed"]
    /// New users have keys from here on; those of the graph and of the rows to load are below.
    private static let firstNewKey: UInt64 = 1 << 40

    private let added: Added
    private let path: String
    private let scale: Int
    private let seed: UInt64
    private let pauseMilliseconds: Int

    /// The loop that the arguments ask for; nil when they ask for none.
    init?(_ arguments: Arguments) {
        guard let name = arguments["add"] else { return nil }
        guard let added = Added(rawValue: name), let path = arguments["into"] else {
            fatalError("--add needs 'edges' or 'nodes', and --into a store")
        }
        self.added = added
        self.path = path
        scale = arguments.number("scale", unless: 20, in: 4...25)
        seed = UInt64(arguments.number("seed", unless: 1, in: 0...Int.max))
        pauseMilliseconds = arguments.number("pause", unless: 0, in: 0...10_000)
    }

    func run() throws {
        let store = try GraphStore(opening: path)
        let users = try store.graphUsers(scale: scale)
        var generator = SeededGenerator(seed: seed)
        var times = AddTimes()
        repeat {
            let (source, other) = users.randomPair(using: &generator)
            let target = added == .nodes ? AddLoop.firstNewKey + UInt64(times.newUsers) : other
            let begin = monotonicNanoseconds
            let isNew = try store.write { graph in try graph.add(NodeKey(source), .follows, NodeKey(target)) }
            times.append(begin, monotonicNanoseconds)
            if isNew { times.newEdges += 1 }
            if added == .nodes { times.newUsers += 1 }
            if times.begins.count == 1 { try FileHandle.standardOutput.write(contentsOf: AddLoop.ready) }
        } while !mustEnd()
        try FileHandle.standardOutput.write(contentsOf: JSONEncoder().encode(times))
    }

    /// Whether the input has ended by the time the next edge is due.
    private func mustEnd() -> Bool {
        var input = pollfd(fd: 0, events: Int16(POLLIN), revents: 0)
        return poll(&input, 1, Int32(pauseMilliseconds)) > 0
    }
}

/// When each `add` began and ended, in nanoseconds of the clock that all processes have in common, and what they added.
struct AddTimes: Codable {
    private(set) var begins: [Int] = []
    private(set) var ends: [Int] = []
    /// Edges that were not there.
    var newEdges = 0
    /// Users that were not there.
    var newUsers = 0

    mutating func append(_ begin: Int, _ end: Int) {
        begins.append(begin)
        ends.append(end)
    }

    /// How many milliseconds each took that was under way at some time from `begin` to `end`.
    func milliseconds(from begin: Int, to end: Int) -> Samples {
        let met = begins.indices.filter { begins[$0] < end && ends[$0] > begin }
        return Samples(met.map { Double(ends[$0] - begins[$0]) / 1e6 })
    }
}

/// The clock that all processes have in common, in nanoseconds.
var monotonicNanoseconds: Int {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return time.tv_sec * 1_000_000_000 + time.tv_nsec
}
