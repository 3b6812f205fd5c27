/// Where the bytes of a file come from: the file itself, or a decoder that reads from another source.
protocol ByteSource: AnyObject {
    /// Fills the memory; fewer bytes are read at the end of the file alone.
    ///
    /// - Throws: ``RowError/unreadable(_:)``, ``LoadError``.
    func read(into memory: UnsafeMutableRawBufferPointer) throws -> Int

    /// How many bytes of the file stand for what was read so far.
    var fileBytesRead: Int { get }
}
