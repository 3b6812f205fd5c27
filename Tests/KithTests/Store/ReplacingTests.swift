import Foundation
import GraphTesting
import Kith
import ProcessTesting
import Testing

/// What `GraphStore.replace` keeps of the old file, and what it refuses.
@Suite("A store that takes the place of another", .timeLimit(.minutes(10)))
struct ReplacingTests {
    private func make(_ path: String, edges: Int) throws {
        let store = try GraphStore(creating: path, options: .forTests)
        try store.write { graph in
            for edge in 0..<UInt64(edges) { try graph.add(NodeKey(edge), .follows, NodeKey(edge + 1)) }
        }
    }

    private func edges(_ path: String) throws -> Int {
        try GraphStore(opening: path).read { try $0.edgeCount(of: .follows) }
    }

    @Test("gets its owner, group, permissions and symbolic link, and leaves one file and no lock file of its own")
    func keeps() throws {
        let folder = try TemporaryFolder()
        let (target, link, new) = (folder.file("v1.kith"), folder.file("people.kith"), folder.file("new.kith"))
        try make(target, edges: 3)
        try make(new, edges: 5)
        chmod(target, 0o640)
        if getuid() == 0 { try #require(chown(target, 65_534, 65_533) == 0) }
        try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: "v1.kith")
        try GraphStore.replace(at: link, with: new)
        #expect(try FileManager.default.destinationOfSymbolicLink(atPath: link) == "v1.kith")
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted() == ["people.kith", "v1.kith"])
        #expect(try edges(link) == 5)
        for name in [target, target + "-lock"] {
            var status = stat()
            try #require(stat(name, &status) == 0)
            #expect(status.st_mode & 0o777 == 0o640)
            if getuid() == 0 { #expect(status.st_uid == 65_534 && status.st_gid == 65_533) }
        }
    }

    @Test("is refused while it is open, damaged, a link, missing or the store itself, and the store is as it was")
    func refused() throws {
        let folder = try TemporaryFolder()
        let (path, new) = (folder.file("people.kith"), folder.file("new.kith"))
        try make(path, edges: 3)
        try make(new, edges: 5)
        do {
            let open = try GraphStore(opening: new)
            #expect { try GraphStore.replace(at: path, with: new) } throws: { error in
                if case GraphStoreError.busy = error { true } else { false }
            }
            #expect(try open.read { try $0.edgeCount(of: .follows) } == 5)
        }
        #expect(throws: GraphStoreError.noSuchStore(path: new + "2")) {
            try GraphStore.replace(at: path, with: new + "2")
        }
        #expect(throws: GraphStoreError.noSuchStore(path: path + "2")) {
            try GraphStore.replace(at: path + "2", with: new)
        }
        #expect { try GraphStore.replace(at: path, with: path) } throws: { error in
            if case GraphStoreError.badRequest = error { true } else { false }
        }
        try FileManager.default.createSymbolicLink(atPath: new + "3", withDestinationPath: new)
        #expect { try GraphStore.replace(at: path, with: new + "3") } throws: { error in
            if case GraphStoreError.notAStore(new + "3", _) = error { true } else { false }
        }
        #expect(throws: CancellationError.self) {
            try GraphStore.replace(at: path, with: new, isCancelled: { true })
        }
        try Data("no store".utf8).write(to: URL(fileURLWithPath: new))
        #expect { try GraphStore.replace(at: path, with: new) } throws: { error in
            if case GraphStoreError.notAStore(new, _) = error { true } else { false }
        }
        let store = try GraphStore(opening: path)
        #expect(throws: (any Error).self) {
            try store.write { _ in try GraphStore.replace(at: path, with: new) }
        }
        #expect(try store.read { try $0.edgeCount(of: .follows) } == 3)
        #expect(try store.check().isSound)
    }

    @Test("is not the place of a file that never was a store")
    func otherFile() throws {
        let folder = try TemporaryFolder()
        let path = folder.file("follows.tsv")
        let text = Data("1\t2\n".utf8)
        try text.write(to: URL(fileURLWithPath: path))
        let new = folder.file("new.kith")
        _ = try GraphStore(creating: new, options: .forTests)
        let error = #expect(throws: GraphStoreError.self) { try GraphStore.replace(at: path, with: new) }
        guard case .notAStore(path, _) = error else {
            Issue.record("\(String(describing: error)) does not name '\(path)'")
            return
        }
        #expect(FileManager.default.contents(atPath: path) == text)
        #expect(FileManager.default.fileExists(atPath: new))
    }

    @Test("takes that of one that cannot be opened any more")
    func damaged() throws {
        let folder = try TemporaryFolder()
        let (path, new) = (folder.file("people.kith"), folder.file("new.kith"))
        for ruin in [Data("not LMDB's".utf8) + Data(count: 8_192), Data()] {
            try make(new, edges: 5)
            try make(path, edges: 1)
            try ruin.write(to: URL(fileURLWithPath: path))
            chmod(path, 0o600)
            try GraphStore.replace(at: path, with: new)
            #expect(try edges(path) == 5)
            for name in [path, path + "-lock"] { try FileManager.default.removeItem(atPath: name) }
        }
    }

    @Test(
        "must be on the store's file system",
        .enabled(if: FileManager.default.fileExists(atPath: "/dev/shm"), "needs a second file system"))
    func otherFileSystem() throws {
        let folder = try TemporaryFolder()
        let path = folder.file("people.kith")
        try make(path, edges: 3)
        let new = "/dev/shm/kith-test-\(UUID().uuidString).kith"
        defer { for name in [new, new + "-lock"] { unlink(name) } }
        try make(new, edges: 5)
        #expect { try GraphStore.replace(at: path, with: new) } throws: { error in
            if case GraphStoreError.cannotOpen = error { true } else { false }
        }
        #expect(try edges(path) == 3)
        #expect(try edges(new) == 5)
    }

    @Test("loses nothing that a writer of another process was told is durable", arguments: ["follow", "stop"])
    func underWriter(mode: String) throws {
        let folder = try TemporaryFolder()
        let path = folder.file("people.kith")
        try make(path, edges: 0)
        let process = try Process.builtProgram("CrashingWriter", [path, "1", mode])
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        var said = LineReader(output.fileHandleForReading)
        var acknowledged: UInt64 = 0
        let rounds = mode == "follow" ? Repetitions.of(10) : 1
        var files: [String] = []
        for round in 0..<rounds {
            // At least one commit to this file.
            acknowledged = try #require(said.next().flatMap { UInt64($0) })
            acknowledged = try #require(said.next().flatMap { UInt64($0) })
            files.append(folder.file("old\(round).kith"))
            let new = folder.file("new.kith")
            // Commit numbers of both parities.
            do {
                let store = try GraphStore(creating: new)
                for _ in 0..<round { try store.write { graph in _ = try graph.add("a", .follows, "b") } }
            }
            try GraphStore.replace(at: path, with: new, keeping: files[round])
        }
        if mode == "follow" {
            for _ in 0..<3 { acknowledged = try #require(said.next().flatMap { UInt64($0) }) }
            kill(process.processIdentifier, SIGKILL)
        }
        while let line = said.next() {
            if let number = UInt64(line) {
                acknowledged = number
            } else {
                #expect(mode == "stop" && line == "replaced")
            }
        }
        process.waitUntilExit()
        var found = Set<UInt64>()
        for file in files + [path] {
            let store = try GraphStore(opening: file)
            #expect(try store.check().isSound)
            try store.read { snapshot in
                guard try snapshot.contains(0) else { return }
                try snapshot.forEachNeighbor(of: 0, via: .friends) { id, _, _ in
                    if let number = try snapshot.key(of: id).flatMap({ UInt64($0.description) }) {
                        found.insert(number)
                    }
                }
            }
        }
        #expect(acknowledged > 0)
        #expect((1...acknowledged).allSatisfy(found.contains))
        #expect(try mode == "follow" || edges(path) == 0)
    }
}

/// Lines of a pipe, one at a time.
struct LineReader {
    private let handle: FileHandle
    private var bytes: [UInt8] = []

    init(_ handle: FileHandle) { self.handle = handle }

    /// The next whole line; nil at the end.
    mutating func next() -> String? {
        while true {
            if let end = bytes.firstIndex(of: UInt8(ascii: "\n")) {
                defer { bytes.removeFirst(end + 1) }
                return String(decoding: bytes[..<end], as: UTF8.self)
            }
            let more = handle.availableData
            if more.isEmpty { return nil }
            bytes.append(contentsOf: more)
        }
    }
}

extension GraphStore {
    /// Replaces a store and keeps the old file under another name.
    fileprivate static func replace(at path: String, with new: String, keeping old: String) throws {
        guard link(path, old) == 0 else { throw CocoaError(.fileWriteUnknown) }
        try replace(at: path, with: new)
    }
}
