/// What a proof of a file's structure found: see ``Environment/beginRead(proving:problemsMax:report:onPage:)``.
public struct StructureReport: Sendable, Hashable {
    /// One thing that is not as LMDB writes it.
    public struct Problem: Sendable, Hashable {
        /// The tree it is in: the name of a table, "table of tables", "free list" or "meta pages".
        public let tree: String
        /// What was expected and what was found.
        public let message: String
    }

    /// A table's keys, as LMDB compares them.
    public enum KeyForm: Sendable, Hashable {
        /// Byte strings.
        case bytes
        /// Integers, and the size of all keys there are; nil when there are none.
        case integers(bytes: Int?)
    }

    /// How much of a file is proved.
    public enum Scope: Sendable, Hashable {
        /// Every page.
        case file
        /// The table of tables, and these tables.
        case tables([String])
    }

    /// The first problems found, at most as many as asked for.
    public internal(set) var problems: [Problem] = []
    /// How many problems there are in all.
    public internal(set) var problemCount = 0
    /// How many pages were read.
    public internal(set) var pages = 0
    /// The tables of the file, by name, as far as they could be read.
    public internal(set) var tables: [String: KeyForm] = [:]

    /// Whether everything is as LMDB writes it.
    public var isSound: Bool { problemCount == 0 }

    /// A report of nothing.
    public init() {}

    /// - Throws: ``LMDBError/unsound(tree:problem:)`` when something is not as LMDB writes it.
    public func throwProblem() throws(LMDBError) {
        if let problem = problems.first { throw .unsound(tree: problem.tree, problem: problem.message) }
    }
}
