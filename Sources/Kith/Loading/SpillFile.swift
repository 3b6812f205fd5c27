import Glibc
import LMDB
import OperatingSystem

/// Memory's extension on the disk: a file without a name, beside the store, that is gone when the process is.
@safe final class SpillFile: @unchecked Sendable {
    private let descriptor: Int32
    private let path: String
    private var written = 0
    private let buffer = Column<UInt8>(count: 1 << 20)
    private var buffered = 0

    /// A new file in the folder of `path`.
    ///
    /// - Throws: ``LoadError/cannotWrite(path:reason:)``.
    init(beside path: String) throws(LoadError) {
        let folder = TemporaryFile.folder(of: path)
        do throws(LMDBError) {
            descriptor = try TemporaryFile.unnamed(beside: path)
        } catch .diskFull {
            throw .diskFull(folder: folder)
        } catch {
            throw .cannotWrite(path: folder, reason: "\(error)")
        }
        self.path = folder
    }

    deinit {
        close(descriptor)
    }

    /// How many bytes were appended.
    var byteCount: Int { written + buffered }

    /// Appends `bytes`. One thread at a time.
    ///
    /// - Throws: ``LoadError/diskFull(folder:)``, ``LoadError/cannotWrite(path:reason:)``.
    @unsafe
    func append(_ bytes: UnsafeRawBufferPointer) throws(LoadError) {
        var done = 0
        while done < bytes.count {
            if buffered == buffer.count { try flush() }
            let size = min(bytes.count - done, buffer.count - buffered)
            unsafe UnsafeMutableRawPointer(buffer.start + buffered).copyMemory(
                from: bytes.baseAddress! + done, byteCount: size)
            buffered += size
            done += size
        }
    }

    /// Hands everything appended to the system; before anything is read.
    func flush() throws(LoadError) {
        var done = 0
        while done < buffered {
            let count = unsafe pwrite(descriptor, buffer.start + done, buffered - done, off_t(written + done))
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw failure(count == 0 ? EIO : errno) }
            done += count
        }
        written += buffered
        buffered = 0
    }

    /// Reads what was appended at `offset`. Any thread.
    @unsafe
    func read(_ bytes: UnsafeMutableRawBufferPointer, at offset: Int) throws(LoadError) {
        let count = unsafe preadWhole(descriptor, bytes, offset)
        guard count == bytes.count else { throw failure(count < 0 ? errno : EIO) }
    }

    private func failure(_ code: Int32) -> LoadError {
        code == ENOSPC
            ? .diskFull(folder: path)
            : .cannotWrite(path: path, reason: "\(Refusal(code))")
    }
}
