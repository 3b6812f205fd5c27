import FoundationEssentials

/// One change of a graph, as a line of a ``ChangeFile`` says it.
enum Change {
    case addEdge(EdgeType.Name, NodeKey, NodeKey, weight: Double?, time: Timestamp?)
    case removeEdge(EdgeType.Name, NodeKey, NodeKey)
    case addNode(NodeKind, NodeKey)
    case removeNode(NodeKind, NodeKey)
}

extension GraphTransaction {
    /// Makes a change, and counts what came of it.
    ///
    /// - Throws: ``RowError/refused(code:reason:)`` when the change itself makes no sense, and nothing is changed then; other
    ///   errors as ``add(_:_:_:weight:at:)`` and its siblings.
    mutating func apply(_ change: Change, counting report: inout ChangeFile.Report) throws {
        do {
            switch change {
            case .addEdge(let type, let source, let target, let weight, let time):
                if try add(source, type, target, weight: weight, at: time) {
                    report.added += 1
                } else {
                    report.updated += 1
                }
            case .removeEdge(let type, let source, let target):
                if try remove(source, type, target) { report.removed += 1 } else { report.missing += 1 }
            case .addNode(let kind, let key):
                if try addNode(key, kind: kind) { report.nodesAdded += 1 } else { report.nodesKnown += 1 }
            case .removeNode(let kind, let key):
                if try removeNode(key, kind: kind) { report.nodesRemoved += 1 } else { report.nodesMissing += 1 }
            }
        } catch let error as GraphStoreError {
            throw error.ofRow ?? error
        }
    }
}

extension GraphStoreError {
    /// The error of a row that asks for what cannot be; nil where it is the store that refuses, or is damaged.
    fileprivate var ofRow: RowError? {
        let code: String? =
            switch self {
            case .unknownEdgeType: "unknown-edge-type"
            case .unknownKind: "unknown-kind"
            case .noSuchColumn: "no-such-column"
            case .badWeight: "bad-weight"
            case .badWeightSum: "bad-weight-sum"
            case .selfLoop: "self-loop"
            case .unknownSetting: "unknown-setting"
            default: nil
            }
        return code.map { .refused(code: $0, reason: "\(self)") }
    }
}

/// A change as JSON: an edge to be added or removed, by the name of its type, or a node, by its kind and its key.
/// ```
/// {"add": "follows", "from": "a", "to": "b", "weight": 2, "time": 1700000000}
/// {"remove": "follows", "from": "a", "to": "b"}
/// {"add": {"kind": "topic", "key": "tea"}}
/// {"remove": {"kind": "user", "key": "a"}}
/// ```
/// Members of other names, and members twice, are refused.
extension Change: Decodable {
    private enum Member: String, CodingKey, CaseIterable {
        case add, remove, from, to, weight, time
    }

    private enum NodeMember: String, CodingKey, CaseIterable {
        case kind, key
    }

    /// The change that a line of JSON says.
    ///
    /// - Throws: ``RowError/badChange(_:)`` with the member that is wrong, and why.
    init(json line: some Sequence<UInt8>) throws(RowError) {
        do {
            self = try StrictJSON.decode(Change.self, from: line)
        } catch let error as RowError {
            throw error
        } catch let error as DecodingError {
            let place = error.place.isEmpty ? "" : "'\(error.place)': "
            throw .badChange(place + error.reason)
        } catch {
            throw .badChange("\(error)")
        }
    }

    init(from decoder: any Decoder) throws {
        let members = try decoder.members(Member.self, nested: [("add", NodeMember.allCases.map(\.stringValue))])
        let isAdded = members.contains(.add)
        guard isAdded != members.contains(.remove) else {
            throw RowError.badChange("it needs one of \"add\" and \"remove\", and has \(isAdded ? "both" : "neither")")
        }
        let verb: Member = isAdded ? .add : .remove
        guard let name = try? members.decode(String.self, forKey: verb) else {
            let node = try members.superDecoder(forKey: verb).members(NodeMember.self)
            if let other = [Member.from, .to, .weight, .time].first(where: { members.contains($0) }) {
                throw RowError.badChange(
                    "a node has no \"\(other.stringValue)\"; an edge is \"\(verb.stringValue)\": \"follows\" and so on")
            }
            let kind = NodeKind(try node.decode(String.self, forKey: .kind))
            let key = try node.decode(NodeKey.self, forKey: .key)
            self = isAdded ? .addNode(kind, key) : .removeNode(kind, key)
            return
        }
        let source = try members.decode(NodeKey.self, forKey: .from)
        let target = try members.decode(NodeKey.self, forKey: .to)
        let type = EdgeType.Name(name)
        guard isAdded else {
            if let other = [Member.weight, .time].first(where: { members.contains($0) }) {
                throw RowError.badChange("an edge that is removed has no \"\(other.stringValue)\"")
            }
            self = .removeEdge(type, source, target)
            return
        }
        let weight = try Change.weight(in: members)
        self = .addEdge(
            type, source, target, weight: weight, time: try members.decodeIfPresent(Timestamp.self, forKey: .time))
    }

    /// The weight of an edge, when it has one.
    private static func weight(in members: KeyedDecodingContainer<Member>) throws -> Double? {
        guard let weight = try members.decodeIfPresent(Double.self, forKey: .weight) else { return nil }
        // A count is stored exactly or not at all: see EdgeSum. Below 2^53 no whole number is rounded.
        if weight.magnitude >= 0x1p53, let number = try? members.decode(Decimal.self, forKey: .weight),
            isAnotherWhole(number, than: weight)
        {
            throw RowError.badChange(
                "'weight': \(number) is a whole number that is rounded even in double precision; scale the weights")
        }
        return weight
    }

    /// Whether `number` is a whole number, and is not meant by the text of the `Double` that was read from it: neither by
    /// all of its digits nor by the fewest that no other `Double` has.
    private static func isAnotherWhole(_ number: Decimal, than weight: Double) -> Bool {
        if "\(number)".contains(".") { return false }
        let digits = UInt128(exactly: weight.magnitude).map { (weight < 0 ? "-" : "") + "\($0)" }
        return number != Decimal(string: "\(weight)") && number != digits.flatMap { Decimal(string: $0) }
    }
}
