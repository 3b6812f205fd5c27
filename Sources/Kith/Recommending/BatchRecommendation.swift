import OperatingSystem
import Synchronization

/// The answer for one user of a batch.
public struct BatchAnswer: Sendable {
    /// Who.
    public let user: NodeKey
    /// Whom to suggest, or nil when the store has no such user.
    public let list: RecommendationList?
    /// How long it took.
    public let milliseconds: Double
}

extension GraphStore {
    /// Answers one request for many users, on several threads, in the order of the users.
    ///
    /// All answers are of one snapshot, which is kept until the last: what others write meanwhile makes the file grow. Memory
    /// does not grow with the number of users.
    /// - Parameters:
    ///   - users: asked for the next user until it answers nil; called by one thread at a time.
    ///   - threads: how many work at once, 1 to 1,024; the answers are the same whatever their number.
    ///   - isCancelled: asked for each user, by any thread; what was answered before is whole and in order.
    ///   - onAnswer: told of every answer, in order, by the calling thread.
    /// - Throws: as ``Snapshot/prepare(_:where:)``, what `users` and `onAnswer` throw, `CancellationError`, and
    ///   ``GraphStoreError/noThread(reason:)``.
    public func recommendations(
        _ request: RecommendationRequest, for users: @escaping @Sendable () throws -> NodeKey?, threads: Int,
        at moment: Timestamp? = nil, isCancelled: @escaping @Sendable () -> Bool = { false },
        _ onAnswer: (BatchAnswer) throws -> Void
    ) throws {
        try recommendations(
            request, for: users, sharing: SharedHops(forAll: false), threads: threads, at: moment,
            isCancelled: isCancelled, onAnswer)
    }

    private func recommendations(
        _ request: RecommendationRequest, for users: @escaping @Sendable () throws -> NodeKey?,
        sharing hops: SharedHops, threads: Int, at moment: Timestamp?, isCancelled: @escaping @Sendable () -> Bool,
        _ onAnswer: (BatchAnswer) throws -> Void
    ) throws {
        guard (1...GraphStore.threadsMax).contains(threads) else { throw GraphStore.badThreads(threads) }
        let moment = try read { snapshot in
            _ = try snapshot.prepare(request)
            return moment ?? snapshot.now
        }
        let source = BatchSource(users)
        let ordered = ReorderBuffer<[BatchAnswer]>(aheadMax: 4 * threads)
        let barrier = SnapshotBarrier(count: threads)
        let workers = try BackgroundThreads(threads) { _ in
            do {
                var isOver = false
                while !isOver {
                    try self.read(at: moment, isCancelled: isCancelled) { snapshot in
                        // All of them read the same state, or all of them begin again.
                        guard barrier.agree(on: snapshot.commit) else { return }
                        isOver = true
                        let prepared = try snapshot.prepare(request, sharing: hops)
                        var size = PartSize()
                        while true {
                            let begin = ContinuousClock.now
                            guard let part = try source.next(size.count), ordered.mayMake(part.number) else { break }
                            let answers = try part.users.map { user in
                                try snapshot.cancellation.ask()
                                return try snapshot.answer(prepared, for: user)
                            }
                            ordered.put(answers, part.number)
                            size.note(begin.duration(to: .now))
                            if part.users.isEmpty { break }
                        }
                    }
                }
            } catch {
                barrier.giveUp()
                ordered.stop()
                throw error
            }
        }
        var failure: (any Error)?
        do {
            // An empty part is the end.
            while let answers = ordered.take(), !answers.isEmpty {
                for answer in answers {
                    if isCancelled() { throw CancellationError() }
                    try onAnswer(answer)
                }
            }
        } catch {
            failure = error
        }
        ordered.stop()
        if let error = workers.join() { throw error }
        if let failure { throw failure }
        if isCancelled() { throw CancellationError() }
    }

    /// Answers one request for every node of its kind of users, in ascending id.
    ///
    /// - Throws: as ``recommendations(_:for:threads:at:isCancelled:_:)``.
    public func recommendationsForAll(
        _ request: RecommendationRequest, skipping skipped: Int = 0, threads: Int, at moment: Timestamp? = nil,
        isCancelled: @escaping @Sendable () -> Bool = { false }, _ onAnswer: (BatchAnswer) throws -> Void
    ) throws {
        guard skipped >= 0 else {
            throw GraphStoreError.badRequest("'skipping' needs to be 0 or more, found \(skipped)")
        }
        let ids = AllNodes(self, try read { try $0.prepare(request).users }, skipping: skipped)
        try recommendations(
            request, for: ids.next, sharing: SharedHops(forAll: skipped == 0), threads: threads, at: moment,
            isCancelled: isCancelled, onAnswer)
    }
}

extension Snapshot {
    fileprivate func answer(_ prepared: PreparedRequest, for user: NodeKey) throws -> BatchAnswer {
        let start = ContinuousClock.now
        var list: RecommendationList?
        do {
            list = try recommend(prepared, for: user)
        } catch GraphStoreError.noSuchNode(_, user) {
            list = nil
        }
        return BatchAnswer(user: user, list: list, milliseconds: start.duration(to: .now) / .milliseconds(1))
    }
}

/// Users in numbered parts, the last of them empty.
private final class BatchSource: Sendable {
    private struct State {
        var number = 0
        var isOver = false
    }

    private let state = Mutex(State())
    private let users: @Sendable () throws -> NodeKey?

    init(_ users: @escaping @Sendable () throws -> NodeKey?) {
        self.users = users
    }

    /// The next part, of at most so many users; nil when all were taken.
    func next(_ countMax: Int) throws -> (number: Int, users: [NodeKey])? {
        try state.withLock { state throws in
            if state.isOver { return nil }
            var part: [NodeKey] = []
            while part.count < countMax, let user = try users() { part.append(user) }
            state.isOver = part.isEmpty
            state.number += 1
            return (state.number - 1, part)
        }
    }
}

/// How many users a thread takes at once: as many as come and are answered in some milliseconds, so that handing over costs
/// nothing beside answering, and slow ones are still told of one by one, and few that were answered are lost at the end.
private struct PartSize {
    private(set) var count = 1
    private static let countMax = 64
    private static let shortest = Duration.milliseconds(5)
    private static let longest = Duration.milliseconds(20)

    /// Notes how long a part took, from asking for its users on.
    mutating func note(_ duration: Duration) {
        if duration < PartSize.shortest {
            count = min(PartSize.countMax, 2 * count)
        } else if duration > PartSize.longest {
            count = max(1, count / 2)
        }
    }
}

/// The keys of all nodes of a kind, in ascending id, a few at a time.
private final class AllNodes: Sendable {
    private struct State {
        var nextID: UInt32 = 0
        var skipped: Int
        var keys: ArraySlice<NodeKey> = []
    }

    private let store: GraphStore
    private let kind: NodeKind
    private let state: Mutex<State>
    private static let partSize: UInt32 = 4_096

    init(_ store: GraphStore, _ kind: NodeKind, skipping skipped: Int) {
        self.store = store
        self.kind = kind
        state = Mutex(State(skipped: skipped))
    }

    /// The next key, or nil when there is none.
    @Sendable func next() throws -> NodeKey? {
        try state.withLock { state throws in
            while state.keys.isEmpty {
                let isOver = try store.read { snapshot in
                    let dictionary = try snapshot.tables.dictionary(kind)
                    let end = UInt32(snapshot.counters.kinds[dictionary.index].nextID)
                    if state.nextID >= end { return true }
                    var keys: [NodeKey] = []
                    while state.nextID < end, keys.count < Int(AllNodes.partSize) {
                        let key = try dictionary.key(of: state.nextID, in: snapshot)
                        state.nextID += 1
                        guard let key else { continue }
                        if state.skipped > 0 {
                            state.skipped -= 1
                        } else {
                            keys.append(key)
                        }
                    }
                    state.keys = keys[...]
                    return false
                }
                if isOver { return nil }
            }
            return state.keys.popFirst()
        }
    }
}
