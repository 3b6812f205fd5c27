import CZlib
import FoundationEssentials
import Glibc
import OperatingSystem

/// A file that is written piece by piece and has its name when it is whole and on the disk; compressed when the name ends
/// with `.gz`. One thread at a time.
///
/// What is no regular file, such as a pipe or a terminal, is written to as it is: no half of it could be left. zlib writes
/// what is not to be compressed as it is.
@safe final class ExportedFile {
    private let path: String
    private let file: gzFile

    private init(_ path: String, _ file: gzFile) {
        self.path = path
        unsafe self.file = unsafe file
    }

    /// Makes the file at `path`, or puts it in place of the one that is there, when `fill` has written all of it.
    ///
    /// - Throws: ``LoadError/cannotWrite(path:reason:)``, ``GraphStoreError/busy(path:reason:)``, what `fill` throws; the
    ///   file at `path` is as it was then.
    static func make<Result>(at path: String, _ fill: (ExportedFile) throws -> Result) throws -> Result {
        let named = destination(of: path)
        var status = stat()
        guard unsafe stat(named, &status) == 0 else {
            guard errno == ENOENT else { throw failure(path) }
            return try makeAnew(path, named, fill)
        }
        guard status.st_mode & S_IFMT != S_IFDIR else {
            throw LoadError.cannotWrite(path: path, reason: "it is a folder; name a file in it")
        }
        guard unsafe access(named, W_OK) == 0 else { throw failure(path) }
        if status.st_mode & S_IFMT == S_IFREG { return try makeAnew(path, named, fill) }
        return try write(path, to: named, flags: O_WRONLY, fill).result
    }

    /// Where a name leads that may be a link.
    static func destination(of path: String) -> String {
        guard let resolved = unsafe realpath(path, nil) else { return path }
        defer { unsafe free(resolved) }
        return unsafe String(cString: resolved)
    }

    private static func makeAnew<Result>(
        _ path: String, _ named: String, _ fill: (ExportedFile) throws -> Result
    ) throws -> Result {
        try UnfinishedFile.making(named) { temporary in
            let (result, descriptor) = try write(path, to: temporary, flags: O_WRONLY | O_CREAT | O_EXCL, fill)
            guard fsync(descriptor.value) == 0, unsafe rename(temporary, named) == 0 else { throw failure(path) }
            try UnfinishedFile.syncFolder(of: named)
            return result
        }
    }

    /// Writes all of it to the file `name`, which is still open then.
    private static func write<Result>(
        _ path: String, to name: String, flags: Int32, _ fill: (ExportedFile) throws -> Result
    ) throws -> (result: Result, descriptor: Descriptor) {
        let descriptor = Descriptor(unsafe open(name, flags | O_CLOEXEC, 0o666))
        guard descriptor.value >= 0 else { throw failure(path) }
        // T: transparent, not compressed.
        guard let opened = unsafe gzdopen(dup(descriptor.value), path.hasSuffix(".gz") ? "wb" : "wbT") else {
            throw failure(path)
        }
        let file = unsafe ExportedFile(path, opened)
        let result: Result
        do {
            unsafe gzbuffer(opened, bufferBytes)
            result = try fill(file)
        } catch {
            unsafe gzclose(opened)
            throw error
        }
        guard unsafe gzclose(opened) == Z_OK else { throw failure(path) }
        return (result, descriptor)
    }

    private static let bufferBytes: UInt32 = 1 << 18

    /// Writes the next piece.
    ///
    /// - Throws: ``LoadError/cannotWrite(path:reason:)``.
    func write(_ bytes: UnsafeRawBufferPointer) throws {
        guard bytes.count > 0 else { return }
        guard unsafe Int(gzwrite(file, bytes.baseAddress, UInt32(bytes.count))) == bytes.count else {
            throw ExportedFile.failure(path)
        }
    }

    /// Why the system would not.
    private static func failure(_ path: String) -> LoadError {
        let reason = errno == ENOENT ? "its folder is missing" : "\(Refusal(errno))"
        return .cannotWrite(path: path, reason: reason)
    }

    /// An open file, closed when nobody has it any more.
    private final class Descriptor {
        let value: Int32

        init(_ value: Int32) { self.value = value }

        deinit { close(value) }
    }
}
