import FoundationEssentials
import Glibc
import LMDB
import OperatingSystem

/// Files in a store's folder whose names begin with the store's: backups by custom, and what a load or a copy makes now.
struct FilesBeside {
    private let path: String

    init(of path: String) {
        self.path = path
    }

    /// The names of the files that have one of the strings of `search`, or cannot be read.
    ///
    /// Lock files are left alone: LMDB writes no keys there, and closing one drops the locks of this process.
    /// - Complexity: O(bytes of the files).
    /// - Throws: ``GraphStoreError/doneExcept(done:reason:)`` where the folder cannot be listed.
    func holding(_ search: ByteSearch) throws -> [String] {
        let folder = TemporaryFile.folder(of: path)
        let name = path.lastIndex(of: "/").map { String(path[path.index(after: $0)...]) } ?? path
        let names: [String]
        do {
            names = try FileManager.default.contentsOfDirectory(atPath: folder)
        } catch {
            let refusal = Refusal(errno)
            throw GraphStoreError.doneExcept(
                done: "what was to be forgotten is overwritten in the store",
                reason: "the folder '\(folder)' cannot be looked through for other files that have it: \(refusal)")
        }
        let files = names.filter { $0 != name && $0.hasPrefix(name) && !$0.hasSuffix("-lock") }
        // What living makers have in the making, of whatever name.
        let made = names.filter(PrivateFolder.isName).map { $0 + "/" + PrivateFolder.fileName }
            .filter { FileManager.default.fileExists(atPath: folder + "/" + $0) }
        return (files + made).sorted().filter {
            do {
                return try search.occurs(inFileAt: folder + "/" + $0)
            } catch {
                return true
            }
        }
    }
}
