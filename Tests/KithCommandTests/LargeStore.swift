import Foundation
import GraphTesting

/// A store whose results are longer than a pipe holds, made once.
enum LargeStore {
    /// A folder with `large.kith`, with `large.tsv`, which is what the store holds, and `users`, a hundred of its
    /// users; not to be written to.
    static let folder: Result<TemporaryFolder, any Error> = Result {
        let folder = try TemporaryFolder()
        // What is static is never destroyed.
        atexit { if case .success(let folder) = LargeStore.folder { folder.remove() } }
        let generated = try kith(
            in: folder, "generate", "rmat", "--scale", "13", "--edge-factor", "16", "--output", "large.tsv")
        let loaded = try kith(in: folder, "load", "large.kith", "--edges", "follows=large.tsv")
        let rows = try String(contentsOfFile: folder.file("large.tsv"), encoding: .utf8).split(separator: "\n")
        let users = rows.prefix(100).compactMap { $0.split(separator: "\t").first }
        try write(users.joined(separator: "\n"), "users", in: folder)
        guard generated.code == 0, loaded.code == 0 else { throw CocoaError(.fileWriteUnknown) }
        return folder
    }

    /// A folder of the test's own with the store in it.
    static func copied() throws -> TemporaryFolder {
        let copy = try TemporaryFolder()
        for name in ["large.kith", "large.tsv", "users"] {
            try FileManager.default.copyItem(atPath: folder.get().file(name), toPath: copy.file(name))
        }
        return copy
    }
}
