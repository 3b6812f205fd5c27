import LMDB

/// What lists are to become: blocks to put and keys of blocks to remove, in the order in which they were found out.
///
/// ```
/// entry   key (8), count of bytes (4), the block        no bytes: the key is removed
/// ```
final class BlockEdits {
    private let log: EntryLog
    /// How many there are.
    private(set) var count = 0

    private static let headBytes = 12

    /// No edits, spilled to a file beside `path` when there are too many.
    init(beside path: String, memory: LoadMemory) {
        log = EntryLog(beside: path, memory: memory)
    }

    var spilledBytes: Int { log.spilledBytes }

    /// Notes that `block` goes under `key`.
    func put(_ block: RawSpan, forKey key: UInt64) throws {
        let entry = unsafe try note(key, block.byteCount)
        unsafe block.withUnsafeBytes { bytes in
            guard let start = bytes.baseAddress else { return }
            unsafe (entry + BlockEdits.headBytes).copyMemory(from: start, byteCount: bytes.count)
        }
    }

    /// Notes that the block under `key` goes.
    func remove(_ key: UInt64) throws {
        _ = unsafe try note(key, 0)
    }

    private func note(_ key: UInt64, _ byteCount: Int) throws -> UnsafeMutableRawPointer {
        let entry = unsafe try log.append(BlockEdits.headBytes + byteCount)
        unsafe entry.storeBytes(of: key, as: UInt64.self)
        unsafe entry.storeBytes(of: UInt32(byteCount), toByteOffset: 8, as: UInt32.self)
        count += 1
        return unsafe entry
    }

    /// Ends the noting, for now: what there is can be made.
    func finish() throws {
        try log.finish()
    }

    /// Makes edits, from the first on.
    struct Reader {
        private var entries: EntryLog.Reader

        init(_ edits: BlockEdits) {
            entries = EntryLog.Reader(edits.log)
        }

        /// Makes the next `count`.
        mutating func make(_ count: Int, by editor: inout TableEditor<UInt64>) throws {
            for _ in 0..<count {
                guard let entry = try next() else { return }
                if entry.byteCount == 0 {
                    try editor.remove(entry.key)
                } else if let start = unsafe try entries.read(entry.byteCount) {
                    let bytes = unsafe UnsafeRawBufferPointer(start: start, count: entry.byteCount)
                    unsafe try editor.put(RawSpan(_unsafeBytes: bytes), forKey: entry.key)
                }
            }
        }

        /// Passes over the next `count`.
        mutating func skip(_ count: Int) throws {
            for _ in 0..<count {
                guard let entry = try next(), entry.byteCount > 0 else { continue }
                unsafe _ = try entries.read(entry.byteCount)
            }
        }

        private mutating func next() throws -> (key: UInt64, byteCount: Int)? {
            guard let head = unsafe try entries.read(BlockEdits.headBytes) else { return nil }
            return unsafe (
                head.loadUnaligned(as: UInt64.self),
                Int(head.loadUnaligned(fromByteOffset: 8, as: UInt32.self))
            )
        }
    }
}
