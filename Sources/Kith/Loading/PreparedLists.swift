import LMDB

/// What becomes of the lists that a load adds to, part by part, found out before anything is written; see ``ListMerge``.
///
/// ```
/// entry   node, counted edges, edits, keys of the proof, flags (4 each), the proof (8)       then each key (8)
/// ```
final class PreparedLists {
    /// What is to become of a list, and what it must be for that.
    struct Entry {
        fileprivate(set) var node: UInt32 = 0
        fileprivate(set) var countedCount = 0
        fileprivate(set) var editCount = 0
        fileprivate(set) var isNew = false
        /// Whether it is of a new node, or has a new node.
        fileprivate(set) var hasNewNodes = false
        fileprivate(set) var proof: UInt64 = 0
        fileprivate(set) var proofKeys: [UInt64] = []
    }

    let edits: BlockEdits
    private let log: EntryLog
    /// How many lists each part has.
    private(set) var listCounts: [Int] = []

    private static let headBytes = 28
    private static let isNewFlag: UInt32 = 1
    private static let hasNewNodesFlag: UInt32 = 2

    /// No lists, spilled to files beside `path` when there are too many.
    init(beside path: String, memory: LoadMemory) {
        edits = BlockEdits(beside: path, memory: memory)
        log = EntryLog(beside: path, memory: memory)
    }

    var spilledBytes: Int { edits.spilledBytes + log.spilledBytes }

    /// Begins with the next part.
    func beginPart() {
        listCounts.append(0)
    }

    /// Notes the next list, whose edits have been noted.
    func note(_ state: ListState, hasNewNodes: Bool) throws {
        listCounts[listCounts.count - 1] += 1
        let flags = (state.isNew ? PreparedLists.isNewFlag : 0) | (hasNewNodes ? PreparedLists.hasNewNodesFlag : 0)
        let keys = state.proof.keys
        let words = [
            state.node, UInt32(state.countedCount), UInt32(state.editCount), UInt32(keys.count), flags,
        ]
        let entry = unsafe try log.append(PreparedLists.headBytes)
        for (place, word) in words.enumerated() {
            unsafe entry.storeBytes(of: word, toByteOffset: 4 * place, as: UInt32.self)
        }
        unsafe entry.storeBytes(of: state.proof.value, toByteOffset: 20, as: UInt64.self)
        for key in keys { unsafe try log.append(8).storeBytes(of: key, as: UInt64.self) }
    }

    /// Ends the noting.
    func finish() throws {
        try edits.finish()
        try log.finish()
    }

    /// Reads the lists from the first on.
    struct Reader {
        private var entries: EntryLog.Reader

        init(_ lists: PreparedLists) {
            entries = EntryLog.Reader(lists.log)
        }

        /// The next list; an empty one behind the last.
        mutating func next() throws -> Entry {
            var entry = Entry()
            guard let bytes = unsafe try entries.read(PreparedLists.headBytes) else { return entry }
            func word(_ place: Int) -> UInt32 {
                unsafe bytes.loadUnaligned(fromByteOffset: 4 * place, as: UInt32.self)
            }
            entry.node = word(0)
            entry.countedCount = Int(word(1))
            entry.editCount = Int(word(2))
            entry.isNew = word(4) & PreparedLists.isNewFlag != 0
            entry.hasNewNodes = word(4) & PreparedLists.hasNewNodesFlag != 0
            entry.proof = unsafe bytes.loadUnaligned(fromByteOffset: 20, as: UInt64.self)
            let keyCount = Int(word(3))
            for _ in 0..<keyCount {
                guard let key = unsafe try entries.read(8) else { break }
                entry.proofKeys.append(unsafe key.loadUnaligned(as: UInt64.self))
            }
            return entry
        }
    }
}
