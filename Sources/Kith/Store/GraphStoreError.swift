import Adjacency
import LMDB
import OperatingSystem

/// Why a store could not do what was asked: what was expected, what was found, what to do.
public indirect enum GraphStoreError: Error, Equatable, Sendable, CustomStringConvertible {
    /// There is no file at the path.
    case noSuchStore(path: String)
    /// A store, or a copy of one, would be made in a folder that is not there.
    case noSuchFolder(path: String)
    /// A store would be created where something is already.
    case storeExists(path: String)
    /// The file is no Kith store.
    case notAStore(path: String, reason: String)
    /// The file's format is of a version that this program does not know.
    case otherFormatVersion(path: String, found: UInt32, expected: UInt32)
    /// The file's format is of an older version, which is read and not written: see ``GraphStore/upgrade(isCancelled:)``.
    case olderFormatVersion(path: String, found: UInt32, written: UInt32)
    /// The file uses features of the format that this program does not know; it may be readable nevertheless.
    case unknownFeatures(path: String, FormatFeatures, isReadable: Bool)
    /// The schema has no edge type of this name.
    case unknownEdgeType(EdgeType.Name, known: [EdgeType.Name])
    /// The schema has no kind of this name.
    case unknownKind(NodeKind, known: [NodeKind])
    /// No node of the kind has the key.
    case noSuchNode(NodeKind, NodeKey)
    /// A weight that its type cannot store: not a finite number, too great or too small, or a whole number that would be
    /// rounded.
    case badWeight(EdgeType.Name, Double, EdgeType.Precision)
    /// The weights that were added to an edge have no sum that a weight can be.
    case badWeightSum(EdgeType.Name, NodeKey, NodeKey, WeightSumError)
    /// A weight or a time for a type of edge that has none.
    case noSuchColumn(EdgeType.Name, column: String)
    /// An edge from a node to itself, which the type does not allow.
    case selfLoop(EdgeType.Name, NodeKey)
    /// Edge types that do not fit the question, say hops that do not meet in one kind.
    case edgeTypesDoNotFit(String)
    /// A request with an option outside its range.
    case badRequest(String)
    /// A request has a time that is none.
    case badTime(member: String, TimestampError)
    /// A request gives what its method, or its formula, does not read.
    case notRead(String, by: String, readers: [String])
    /// What an account sets is near a setting that is known, and is none.
    case unknownSetting(NodeKey, known: [NodeKey])
    /// All 2^32 - 1 ids of a kind are given.
    case kindIsFull(NodeKind)
    /// The bytes of the store contradict each other.
    case damaged(table: String, node: UInt32?, reason: String)
    /// The file is there and cannot be opened, or cannot be opened in this way.
    case cannotOpen(path: String, reason: String)
    /// The file is there, and this process cannot put another like it in its place.
    case cannotReplace(path: String, reason: String)
    /// An output would be written over something that is read or changed, or over its lock file.
    case outputIsInput(output: String, input: String)
    /// An output would be written over a store, or over the lock file of one.
    case outputIsStore(output: String)
    /// Another process, or this thread, has what is needed.
    case busy(path: String, reason: String)
    /// The system would not start a thread; nothing was changed.
    case noThread(reason: String)
    /// Nodes are removed, and bytes of them may be in the file still.
    case erasureUnfinished(nodes: Int, cause: GraphStoreError)
    /// Another file is in the place of the one that is open, or none is.
    case replaced(path: String)
    /// There is no room on the disk; nothing was changed.
    case diskFull(path: String)
    /// What was asked for is done and stays done, and then something failed: do not do it again.
    case doneExcept(done: String, reason: String)
    /// What LMDB or the system said of the file at the path.
    case storage(path: String, LMDBError)

    /// One line: expected, found, what to do.
    public var description: String {
        switch self {
        case .noSuchStore(let path):
            "there is no store at '\(path)'; create one with `kith create` or `kith load`"
        case .noSuchFolder(let path):
            "the folder of '\(path)' is missing; make it first, or choose another"
        case .storeExists(let path):
            "'\(path)' exists already, and a new store never overwrites; choose another name or remove it first"
        case .notAStore(let path, let reason):
            "'\(path)' is not a Kith store: \(reason)"
        case .otherFormatVersion(let path, let found, let expected):
            "'\(path)' has format version \(found), and this program reads versions up to \(expected); "
                + (found > expected
                    ? "use a newer kith" : "export it with the program that wrote it and load it anew")
        case .olderFormatVersion(let path, let found, let written):
            "'\(path)' has format version \(found), and this program writes version \(written) only; nothing was "
                + "changed: run `kith upgrade` when all programs that use the store know version \(written)"
        case .unknownFeatures(let path, let features, let isReadable):
            "'\(path)' uses features of its format that this program does not know "
                + "(\(features.numbers.map(String.init).joined(separator: ", "))), and can "
                + (isReadable ? "be read by it, but not written to" : "neither be read nor written to by it")
                + "; use a newer kith"
        case .unknownEdgeType(let name, let known):
            "the schema has no edge type '\(name)'; it has \(known.map(\.text).joined(separator: ", "))"
        case .unknownKind(let kind, let known):
            "the schema has no node kind '\(kind)'; it has \(known.map(\.name).joined(separator: ", "))"
        case .noSuchNode(let kind, let key):
            "there is no \(kind) '\(key)' in the store; check the spelling of the key"
        case .badWeight(let type, let weight, _) where !weight.isFinite:
            "a weight of '\(type)' must be a finite number, and this one is \(weight)"
        case .badWeight(let type, let weight, let precision)
        where weight.magnitude < 1 || weight.magnitude > Double(Float.greatestFiniteMagnitude):
            "a weight of '\(type)' is 0, or from \(precision.leastMagnitude) to \(Float.greatestFiniteMagnitude) either "
                + "side of it, and this one is \(weight); scale the weights"
        case .badWeight(let type, let weight, _):
            "a weight of '\(type)' is stored as a 32-bit float, which does not hold \(weight): above 16777216 it holds only "
                + "some whole numbers; scale the weights, or give the type \"precision\": \"double\""
        case .badWeightSum(let type, let source, let target, let error):
            "the weights of '\(type)' from '\(source)' to '\(target)' add up to \(error); give weights in a larger unit, "
                + "say in thousands"
        case .noSuchColumn(let type, let column):
            "edges of type '\(type)' have no \(column); leave it out or give the type a \"\(column)\" column"
        case .selfLoop(let type, let key):
            "'\(type)' does not join a node to itself, and both ends are '\(key)'"
        case .edgeTypesDoNotFit(let reason), .badRequest(let reason):
            reason
        case .badTime(let member, let error):
            "\(member): \(error)"
        case .notRead(let member, let reader, let readers):
            "'\(member)' is not read by \(reader); leave it out, or ask one that reads it: "
                + readers.joined(separator: ", ")
        case .unknownSetting(let key, let known):
            "an account has no setting '\(key)'; there are \(known.map(\.description).joined(separator: ", "))"
        case .kindIsFull(let kind):
            "all 4,294,967,295 ids of kind '\(kind)' are in use; `kith compact --reorder` frees those of removed nodes"
        case .damaged(let table, let node, let reason):
            "the store is damaged in '\(table)'\(node.map { " at node id \($0)" } ?? ""): \(reason); run `kith check`, "
                + "then restore a backup or export what can be read"
        case .cannotOpen(let path, let reason):
            "'\(path)' cannot be opened: \(reason)"
        case .cannotReplace(let path, let reason):
            "'\(path)' cannot be replaced: \(reason)"
        case .outputIsInput(let output, let input):
            "the output '\(output)' is "
                + (output == input ? "what this reads or changes" : "'\(input)', which this reads or changes")
                + "; nothing was written: name another file for the output"
        case .outputIsStore(let output):
            "the output '\(output)' is a store, or the lock file of one, and an output never replaces one; name another "
                + "file, or remove the store first"
        case .busy(let path, let reason):
            "'\(path)' is busy: \(reason)"
        case .noThread(let reason):
            reason
        case .erasureUnfinished(let nodes, let cause):
            "\(nodes == 1 ? "1 node is" : "\(nodes) nodes are") removed, but bytes of what is forgotten may be in the file "
                + "still; forget the same keys again to finish: "
                + cause.withoutOutcome
        case .replaced(let path):
            "'\(path)' leads to another file than the one that is open, or to none; nothing was written to the old one; open "
                + "the store anew, or let it follow"
        case .diskFull(let path):
            "there is no room left on the disk of '\(path)'; nothing was changed; make room and try again"
        case .doneExcept(let done, let reason):
            "\(done), but \(reason)"
        case .storage(let path, .system(let code)):
            "'\(path)' cannot be read or written: \(Refusal(code))"
        case .storage(let path, let error):
            "'\(path)': \(error)"
        }
    }
}

extension GraphStoreError {
    /// The description without a word about what was changed: to stand behind what is done already.
    package var withoutOutcome: String {
        if case .diskFull(let path) = self {
            "there is no room left on the disk of '\(path)'; make room first"
        } else {
            description
        }
    }

    /// A file is whole and has its name, and its folder could not be brought to the disk.
    static func nameMayBeLost(_ path: String, _ refusal: Refusal) -> GraphStoreError {
        .doneExcept(
            done: "'\(path)' is written and has its name",
            reason:
                "its folder could not be brought to the disk (\(refusal)), and a crash of the machine may take the name "
                + "away; see to the disk, then run `sync`")
    }

    /// A thread that was not started.
    init(_ error: Worker.NotStarted) {
        self = .noThread(reason: "\(error)")
    }

    /// The block's error with the place where it was met.
    static func damaged(_ table: AdjacencyTable, _ node: UInt32, _ error: BlockError) -> GraphStoreError {
        .damaged(table: table.name, node: node, reason: "\(error)")
    }
}

extension AdjacencyTable {
    /// An edge whose ends are not both nodes.
    func namesNoNode(_ node: UInt32, _ neighbor: UInt32) -> GraphStoreError {
        .damaged(table: name, node: node, reason: "the edge to node id \(neighbor) joins ids of which one is no node")
    }
}
