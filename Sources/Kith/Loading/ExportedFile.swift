import CZlib
import Glibc

/// A file of an export, written piece by piece; compressed when its name ends with `.gz`. One thread at a time.
///
/// zlib writes what is not to be compressed as it is.
@safe final class ExportedFile {
    private let path: String
    private let file: gzFile
    private static let bufferBytes: UInt32 = 1 << 18

    private init(_ path: String, _ file: gzFile) {
        self.path = path
        unsafe self.file = unsafe file
    }

    /// Makes the file at `path`, or puts it in place of the one that is there, when `fill` has written all of it.
    ///
    /// - Throws: what ``OutputFile`` throws, what `fill` throws; the file at `path` is as it was then.
    static func make<Result>(
        at path: String, access: OutputFile.Access, protected: ProtectedFiles, _ fill: (ExportedFile) throws -> Result
    ) throws -> Result {
        let output = try OutputFile(at: path, access: access, protected: protected)
        // T: transparent, not compressed.
        guard let opened = unsafe gzdopen(dup(output.descriptor), path.hasSuffix(".gz") ? "wb" : "wbT") else {
            throw OutputFile.failure(path)
        }
        let result: Result
        do {
            unsafe gzbuffer(opened, bufferBytes)
            result = try fill(unsafe ExportedFile(path, opened))
        } catch {
            unsafe gzclose(opened)
            throw error
        }
        guard unsafe gzclose(opened) == Z_OK else { throw OutputFile.failure(path) }
        try output.finish()
        return result
    }

    /// Writes the next piece.
    ///
    /// - Throws: ``LoadError/cannotWrite(path:reason:)``.
    func write(_ bytes: UnsafeRawBufferPointer) throws {
        guard bytes.count > 0 else { return }
        guard unsafe Int(gzwrite(file, bytes.baseAddress, UInt32(bytes.count))) == bytes.count else {
            throw OutputFile.failure(path)
        }
    }
}
