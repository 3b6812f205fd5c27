/// What ``GraphStore/check(problemsMax:onProgress:isCancelled:)`` found.
public struct IntegrityReport: Sendable, Hashable {
    /// One contradiction in a store.
    public struct Problem: Sendable, Hashable {
        /// Which invariant is broken.
        public enum Kind: String, Sendable, Hashable, CaseIterable, Codable {
            /// A block's bytes do not give its check byte.
            case checkByte = "check-byte"
            /// A value of the table `meta` does not give its checksum.
            case checksum
            /// A block's bytes are not what any list, or any entries of a dictionary, encode to.
            case blockForm = "block-form"
            /// Neighbours do not ascend from one block to the next.
            case neighborOrder = "neighbor-order"
            /// A block's key is not its first neighbour or, in a dictionary, its first entry.
            case blockKey = "block-key"
            /// A node's degree is not the number of its neighbours.
            case degree
            /// A node's blocks do not end with exactly one that says it is the last.
            case lastBlock = "last-block"
            /// A list names a node that does not exist, or belongs to one.
            case missingNode = "missing-node"
            /// An edge is stored in one direction only.
            case missingMirror = "missing-mirror"
            /// The two directions of an edge carry different values.
            case columns
            /// A weight is no finite number, or is not stored in the one form it has.
            case weight
            /// An edge joins a node to itself where the type does not allow it.
            case selfLoop = "self-loop"
            /// Keys and ids are not inverse to each other, or do not ascend from one block to the next.
            case dictionary
            /// A counter is not what is counted.
            case counter
            /// A table's keys do not ascend, or are no keys: the file itself is damaged.
            case tableOrder = "table-order"
            /// What the walk needs to know is damaged, and it could not go on.
            case unreadable
            /// A page of the file is not as LMDB writes it; nothing that the pages hold was looked at then.
            case structure
        }

        /// Which invariant is broken.
        public let kind: Kind
        /// In which table.
        public let table: String
        /// At which node, by its id.
        public let node: UInt32?
        /// What was expected and what was found.
        public let message: String

        /// A problem.
        public init(kind: Kind, table: String, node: UInt32?, message: String) {
            self.kind = kind
            self.table = table
            self.node = node
            self.message = message
        }
    }

    /// Pages of the file that were proved.
    public internal(set) var pages = 0
    /// Edges that were checked, in both directions.
    public internal(set) var edges = 0
    /// Neighbour blocks that were checked.
    public internal(set) var blocks = 0
    /// Nodes that were checked.
    public internal(set) var nodes = 0
    /// The first problems found, at most as many as asked for.
    public internal(set) var problems: [Problem] = []
    /// How many problems there are in all.
    public internal(set) var problemCount = 0

    /// Whether every invariant holds.
    public var isSound: Bool { problemCount == 0 }

    /// A report of nothing checked yet.
    init() {}
}
