import Kith

/// What looks read, and what must hold when all clients are done.
extension ACIDTest {
    /// Throws an anomaly unless a value is what it must be.
    func expect<Value: Equatable>(_ found: Value, _ expected: Value, _ what: String) throws {
        if found != expected { throw Anomaly(description: "\(self): \(what): \(found), expected \(expected)") }
    }

    /// Raises a person's version by one.
    func raiseVersion(of person: NodeKey, in graph: inout GraphTransaction) throws {
        let version = try graph.degree(of: person, via: .follows)
        try graph.add(person, .follows, NodeKey("version\(version)"))
        try graph.add(person, .interests, "version", weight: Double(version + 1))
    }

    /// A person's version, which a degree, a list and a weight agree on.
    func version(of person: NodeKey, in snapshot: borrowing Snapshot) throws -> Int {
        let degree = try snapshot.degree(of: person, via: .follows)
        try expect(list(person, .follows, .out, snapshot).count, degree, "length of the list of '\(person)'")
        let weight = try snapshot.edge(from: person, .interests, to: "version")?.weight
        try expect(weight, Double(degree), "weight of '\(person)'")
        return degree
    }

    /// The versions of all persons.
    func versions(in snapshot: borrowing Snapshot) throws -> [Int] {
        var versions: [Int] = []
        for person in ACIDTest.persons { versions.append(try version(of: person, in: snapshot)) }
        return versions
    }

    /// The neighbours of a node with the times of their edges.
    func list(
        _ node: NodeKey, _ type: EdgeType.Name, _ direction: EdgeDirection, _ snapshot: borrowing Snapshot
    ) throws -> [(node: NodeID, time: UInt32)] {
        var list: [(NodeID, UInt32)] = []
        try snapshot.forEachNeighbor(of: node, via: type, direction: direction) { node, _, time in
            list.append((node, time.rawValue))
        }
        return list
    }

    /// The names of transactions in the list of a node.
    private func names(_ node: NodeKey, _ type: EdgeType.Name, _ snapshot: borrowing Snapshot) throws -> [NodeKey] {
        var names: [NodeKey] = []
        for (id, _) in try list(node, type, .out, snapshot) {
            if let key = try snapshot.key(of: id) { names.append(key) }
        }
        return names
    }

    /// The transactions that wrote to the first two persons, each list in the order of its positions.
    private func histories(_ snapshot: borrowing Snapshot) throws -> [[NodeID]] {
        var histories: [[NodeID]] = []
        for person in ACIDTest.persons.prefix(2) {
            let list = try list(person, .friends, .out, snapshot).sorted { $0.time < $1.time }
            try expect(list.map(\.time), Array(0..<UInt32(list.count)), "positions of '\(person)'")
            histories.append(list.map(\.node))
        }
        return histories
    }

    func expectOneOrder(_ snapshot: borrowing Snapshot) throws {
        let histories = try histories(snapshot)
        try expect(histories[0], histories[1], "order of changes")
    }

    func expectNoUpdateLost(_ snapshot: borrowing Snapshot) throws {
        let count = try snapshot.degree(of: ACIDTest.persons[0], via: .friends)
        guard count > 0 else { return }
        let weight = try snapshot.edge(from: ACIDTest.persons[0], .interests, to: "friends")?.weight
        try expect(weight, Double(count), "friends counted")
    }

    func expectPairs(_ snapshot: borrowing Snapshot) throws {
        for (left, right) in ACIDTest.pairs {
            var sum = 0
            for person in [left, right] {
                sum += try snapshot.degree(of: person, via: .friends) - snapshot.degree(of: person, via: .dismisses)
            }
            if sum <= 0 {
                throw Anomaly(description: "\(self): '\(left)' and '\(right)' have \(sum), expected more than 0")
            }
        }
    }

    /// Looks at the store when all clients have ended: `count` transactions committed or gave up.
    ///
    /// - Throws: ``Anomaly``, what reading throws.
    public func verify(_ store: GraphStore, count: Int) throws {
        try store.read { snapshot in
            let first = ACIDTest.persons[0]
            let ended = try snapshot.degree(of: ACIDTest.log, via: .follows)
            let givenUp = try names(ACIDTest.givenUp, .follows, snapshot)
            try expect(ended, count, "transactions")
            let committed = ended - givenUp.count
            for name in givenUp {
                try expect(snapshot.degree(of: name, via: .friends), 0, "friends of '\(name)', which gave up")
            }
            switch self {
            case .atomicityCommit, .atomicityRollback:
                try expect(snapshot.degree(of: first, via: .friends), committed, "friends")
                try expect(version(of: first, in: snapshot), committed + 1, "version")
                try expect(givenUp.isEmpty, self == .atomicityCommit, "no transaction gave up")
            case .dirtyWrite:
                try expectOneOrder(snapshot)
                try expect(histories(snapshot)[0].count, committed, "changes")
            case .abortedRead:
                try expect(version(of: first, in: snapshot), 1, "version")
                try expect(givenUp.count, count, "transactions that gave up")
            case .intermediateRead: try expect(version(of: first, in: snapshot), 1 + 2 * committed, "version")
            case .circularInformationFlow: try expectNoCircle(snapshot, committed: committed)
            case .itemManyPreceders: try expect(version(of: first, in: snapshot), 1 + committed, "version")
            case .predicateManyPreceders:
                try expect(list("post", .views, .in, snapshot).count, committed, "viewers")
            case .observedTransactionVanishes, .fracturedRead:
                let expected = ACIDTest.persons.map { _ in 1 + committed }
                try expect(versions(in: snapshot), expected, "versions")
            case .lostUpdate:
                try expectNoUpdateLost(snapshot)
                try expect(snapshot.degree(of: first, via: .friends), committed, "friends")
            case .writeSkew: try expectPairs(snapshot)
            }
        }
    }

    /// No two transactions saw each other's change: both wrote to one list and noted the length of the other.
    private func expectNoCircle(_ snapshot: borrowing Snapshot, committed: Int) throws {
        let histories = try histories(snapshot)
        try expect(histories[0].count + histories[1].count, committed, "changes")
        // How much of the other list each transaction saw, in the order of its own list.
        var seen: [[Int]] = []
        for history in histories {
            var lengths: [Int] = []
            for id in history {
                guard let name = try snapshot.key(of: id) else { throw Anomaly(description: "node \(id) has no key") }
                lengths.append(Int(try snapshot.edge(from: name, .interests, to: "seen")?.weight ?? -1))
            }
            seen.append(lengths)
        }
        for (own, length) in seen[0].enumerated() {
            try expect((0...histories[1].count).contains(length), true, "length seen")
            // It saw the first `length` of the other list; none of these saw it.
            for other in 0..<length where seen[1][other] > own {
                throw Anomaly(description: "\(self): transactions \(own) and \(other) of the two lists saw each other")
            }
        }
    }
}
