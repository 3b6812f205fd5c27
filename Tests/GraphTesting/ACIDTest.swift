import Foundation
import Kith
import ProcessTesting

/// A store showed what no order of whole transactions can show.
public struct Anomaly: Error, CustomStringConvertible {
    /// The test, what was found and what was expected.
    public let description: String
}

/// The tests of atomicity, isolation and lost transactions of LDBC's benchmark of social networks, on stores.
///
/// Waudby, Steer, Karimov, Marton, Boncz and Szárnyas, *Towards testing ACID compliance in the LDBC Social Network
/// Benchmark*, TPCTC 2020; its names are kept. Each test has transactions that clients run side by side, looks at the
/// store meanwhile, and a look at the end. Properties of LDBC's persons are restated as degrees, lists and weights, and a
/// person's version is all three: they differ when a transaction is seen in part.
///
/// Each transaction notes itself in the list of `log`: looks and clients see in the store how far all clients are.
public enum ACIDTest: String, CaseIterable, Sendable {
    /// AC: all changes of transactions that committed are there.
    case atomicityCommit
    /// RB: no change of a transaction that gave up is there.
    case atomicityRollback
    /// G0: two lists grow in the same order.
    case dirtyWrite
    /// G1a: nobody reads what is taken back.
    case abortedRead
    /// G1b: nobody reads what a transaction changes again.
    case intermediateRead
    /// G1c: of two transactions at most one sees the change of the other.
    case circularInformationFlow
    /// IMP: a snapshot reads the same version of a person twice.
    case itemManyPreceders
    /// PMP: a snapshot finds the same persons twice.
    case predicateManyPreceders
    /// OTV: a version that was seen does not vanish.
    case observedTransactionVanishes
    /// FR: versions that change together are equal.
    case fracturedRead
    /// LU: no increment is lost.
    case lostUpdate
    /// WS: what holds for a pair still holds when transactions change either of the two.
    case writeSkew

    /// What a transaction gives up with.
    struct GivesUp: Error {}

    static let persons: [NodeKey] = ["person1", "person2", "person3", "person4"]
    static let pairs: [(NodeKey, NodeKey)] = (0..<10 as Range<UInt64>).map {
        (NodeKey(1_000 + $0), NodeKey(2_000 + $0))
    }
    static let log: NodeKey = "log"
    static let givenUp: NodeKey = "given up"
    /// What a pair begins with, and what is taken from one of it while the pair has as much.
    private static let (startLeft, startRight, taken) = (7, 8, 10)

    /// Puts in what the test begins with.
    func prepare(_ store: GraphStore) throws {
        try store.write { graph in
            try graph.addNode(ACIDTest.log)
            try graph.addNode(ACIDTest.givenUp)
            try graph.addNode("post", kind: "item")
            for person in ACIDTest.persons { try raiseVersion(of: person, in: &graph) }
            for (left, right) in ACIDTest.pairs {
                for number in 0..<ACIDTest.startLeft { try graph.add(left, .friends, NodeKey("coin\(number)")) }
                for number in 0..<ACIDTest.startRight { try graph.add(right, .friends, NodeKey("coin\(number)")) }
            }
        }
    }

    /// The changes of the transaction `name`, the `number`-th of its client.
    ///
    /// - Throws: ``GivesUp`` where the test wants that.
    func change(_ graph: inout GraphTransaction, _ name: NodeKey, _ number: Int, _ random: inout SplitMix64) throws {
        let (first, second) = (ACIDTest.persons[0], ACIDTest.persons[1])
        try graph.add(ACIDTest.log, .follows, name)
        switch self {
        case .atomicityCommit, .atomicityRollback:
            try graph.add(first, .friends, name)
            try raiseVersion(of: first, in: &graph)
            if self == .atomicityRollback, number.isMultiple(of: 2) { throw GivesUp() }
        case .dirtyWrite:
            for person in [first, second].shuffled(using: &random) {
                let position = try graph.degree(of: person, via: .friends)
                try graph.add(person, .friends, name, at: Timestamp(rawValue: UInt32(position)))
            }
        case .abortedRead:
            try raiseVersion(of: first, in: &graph)
            throw GivesUp()
        case .intermediateRead:
            for _ in 0..<2 { try raiseVersion(of: first, in: &graph) }
        case .circularInformationFlow:
            let (written, read) = Bool.random(using: &random) ? (first, second) : (second, first)
            let position = try graph.degree(of: written, via: .friends)
            try graph.add(written, .friends, name, at: Timestamp(rawValue: UInt32(position)))
            try graph.add(name, .interests, "seen", weight: Double(graph.degree(of: read, via: .friends)))
        case .itemManyPreceders: try raiseVersion(of: first, in: &graph)
        case .predicateManyPreceders: try graph.add(name, .views, "post")
        case .observedTransactionVanishes, .fracturedRead:
            for person in ACIDTest.persons { try raiseVersion(of: person, in: &graph) }
        case .lostUpdate:
            let count = try graph.degree(of: first, via: .friends)
            try graph.add(first, .friends, name)
            try graph.add(first, .interests, "friends", weight: Double(count + 1))
        case .writeSkew:
            let (left, right) = ACIDTest.pairs[Int.random(in: 0..<ACIDTest.pairs.count, using: &random)]
            let own = Bool.random(using: &random) ? left : right
            var sum = 0
            for person in [left, right] {
                sum += try graph.degree(of: person, via: .friends) - graph.degree(of: person, via: .dismisses)
            }
            guard sum >= ACIDTest.taken else { return }
            for coin in 0..<ACIDTest.taken { try graph.add(own, .dismisses, NodeKey("\(name)-\(coin)")) }
        }
    }

    /// Looks at the store while clients work.
    ///
    /// - Parameter progress: waits until transactions were committed that the snapshot before it does not show.
    /// - Throws: ``Anomaly``, what reading throws.
    func look(_ store: GraphStore, progress: () throws -> Void) throws {
        let first = ACIDTest.persons[0]
        switch self {
        case .atomicityCommit, .atomicityRollback:
            try store.read { snapshot in
                let friends = try snapshot.degree(of: first, via: .friends)
                try expect(try version(of: first, in: snapshot), friends + 1, "version and friends")
            }
        case .dirtyWrite: try store.read { try expectOneOrder($0) }
        case .abortedRead: try store.read { try expect(version(of: first, in: $0), 1, "version") }
        case .intermediateRead: try store.read { try expect(version(of: first, in: $0) % 2, 1, "version modulo 2") }
        case .circularInformationFlow: try progress()
        case .itemManyPreceders:
            try store.read { snapshot in
                let before = try version(of: first, in: snapshot)
                try progress()
                try expect(version(of: first, in: snapshot), before, "version")
            }
        case .predicateManyPreceders:
            try store.read { snapshot in
                let before = try list("post", .views, .in, snapshot).map(\.node)
                try progress()
                try expect(list("post", .views, .in, snapshot).map(\.node), before, "viewers")
            }
        case .observedTransactionVanishes:
            let before = try store.read { snapshot in try versions(in: snapshot).max() ?? 0 }
            let after = try store.read { snapshot in try versions(in: snapshot).min() ?? 0 }
            if after < before { throw Anomaly(description: "version \(before) was seen, and then \(after)") }
            try progress()
        case .fracturedRead:
            try store.read { snapshot in
                let before = try versions(in: snapshot)
                try expect(Set(before).count, 1, "different versions")
                try progress()
                try expect(versions(in: snapshot), before, "versions")
            }
        case .lostUpdate: try store.read { try expectNoUpdateLost($0) }
        case .writeSkew: try store.read { try expectPairs($0) }
        }
    }
}
