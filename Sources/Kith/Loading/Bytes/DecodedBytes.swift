/// What a decoder makes of the bytes of another source. One thread at a time.
@safe final class DecodedBytes: ByteSource {
    private let decoder: any ByteDecoder
    private let source: any ByteSource
    /// Bytes of the source: those from `taken` to `count` are not decoded yet.
    private let input: Column<UInt8>
    private var (taken, count) = (0, 0)
    private var isSourceAtEnd: Bool

    private static let inputBytes = 1 << 18

    /// Decodes `head`, which was read from the source, and then what is left of the source.
    init(_ decoder: any ByteDecoder, of source: any ByteSource, behind head: TextChunk, isWhole: Bool) {
        self.decoder = decoder
        self.source = source
        input = Column(count: max(head.count, DecodedBytes.inputBytes))
        unsafe input.start.update(from: head.memory.start, count: head.count)
        count = head.count
        isSourceAtEnd = isWhole
    }

    var fileBytesRead: Int {
        // How many bytes of the file stand for those of another decoder, nobody knows.
        source is FileBytes ? source.fileBytesRead - (count - taken) : source.fileBytesRead
    }

    func read(into memory: UnsafeMutableRawBufferPointer) throws -> Int {
        var done = 0
        while done < memory.count {
            if taken == count, !isSourceAtEnd {
                let room = unsafe UnsafeMutableRawBufferPointer(start: input.start, count: input.count)
                count = unsafe try source.read(into: room)
                taken = 0
                isSourceAtEnd = count < room.count
            }
            let room = unsafe UnsafeMutableRawBufferPointer(rebasing: memory[done...])
            if taken < count {
                let bytes = unsafe UnsafeRawBufferPointer(start: input.start + taken, count: count - taken)
                let step = unsafe try decoder.decode(bytes, into: room)
                precondition(step.taken + step.given > 0, "a decoder neither takes nor gives")
                taken += step.taken
                done += step.given
            } else {
                let given = unsafe try decoder.finish(into: room)
                if given == 0 { break }
                done += given
            }
        }
        return done
    }
}
