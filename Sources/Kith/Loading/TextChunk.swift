/// A piece of a file that starts and ends between records, to be parsed by one thread.
@safe final class TextChunk: @unchecked Sendable {
    private(set) var memory: Column<UInt8>
    /// How many bytes of the memory are text.
    var count = 0
    /// Where in the file the text starts, a byte order mark left out.
    var offset = 0
    /// How many records of the file stand before it, where the reader counts them: see ``RecordReader/recordCount(_:)``.
    var recordsBefore = 0

    init(capacity: Int) {
        memory = Column(count: capacity)
    }

    /// The text. It is here until the chunk is filled anew.
    var text: UnsafeBufferPointer<UInt8> { unsafe UnsafeBufferPointer(start: memory.start, count: count) }

    /// Makes the memory at least `capacity` bytes and keeps the text.
    func reserve(_ capacity: Int) {
        guard capacity > memory.count else { return }
        let larger = Column<UInt8>(count: capacity)
        unsafe larger.start.update(from: memory.start, count: count)
        memory = larger
    }

    /// Puts `bytes` in the place of the text.
    func set(_ bytes: [UInt8]) {
        reserve(bytes.count)
        unsafe bytes.withUnsafeBufferPointer { bytes in
            if let start = bytes.baseAddress { unsafe memory.start.update(from: start, count: bytes.count) }
        }
        count = bytes.count
    }

    /// Takes the last of the text off, from `end` on, and answers it.
    func cut(at end: Int) -> [UInt8] {
        let rest = unsafe Array(text[end...])
        count = end
        return rest
    }
}
