import Foundation
import GraphTesting
import Testing

@testable import Kith

@Suite("A temporary file")
struct TemporaryFileTests {
    /// A private folder as a process leaves it that was killed.
    private func makeStale(_ digits: String, in folder: TemporaryFolder) throws -> String {
        let name = ".kith-temporary-" + digits
        try FileManager.default.createDirectory(
            atPath: folder.file(name) + "/new/inside", withIntermediateDirectories: true)
        try Data("half".utf8).write(to: URL(fileURLWithPath: folder.file(name) + "/new/inside/file"))
        try Data("half".utf8).write(to: URL(fileURLWithPath: folder.file(name) + "/new-lock"))
        return name
    }

    /// What makes files in a folder: each of these removes what others left there.
    private static let makers: [(name: String, make: @Sendable (TemporaryFolder) throws -> Void)] = [
        ("a new store", { _ = try GraphStore(creating: $0.file("new.kith")) }),
        ("a load", { _ = try BulkLoader().load(into: $0.file("new.kith")) { sink in try sink.add(1, .follows, 2) } }),
        (
            "a load into a store",
            { _ = try BulkLoader().load(into: $0.file("s.kith")) { sink in try sink.add(1, .follows, 2) } }
        ),
        ("a backup", { try GraphStore(opening: $0.file("s.kith")).backup(to: $0.file("b.kith")) }),
        ("a compaction", { try GraphStore.compact($0.file("s.kith")) }),
        ("a reordering", { try GraphStore.reorder($0.file("s.kith")) }),
        (
            "an export",
            { folder in
                try GraphStore(opening: folder.file("s.kith")).read {
                    _ = try GraphExport(.tsv).write(.edges(.follows), of: $0, toFile: folder.file("e.tsv"))
                }
            }
        ),
        (
            "a folder of exports",
            { folder in
                try GraphStore(opening: folder.file("s.kith")).read {
                    _ = try GraphExport(.tsv).writeAll(of: $0, toFolder: folder.file("dump"))
                }
            }
        ),
    ]

    @Test(
        "is removed by whoever makes a file in the folder next, if its maker has ended, and only then", arguments: 0..<8
    )
    func stale(index: Int) throws {
        let (name, make) = TemporaryFileTests.makers[index]
        let folder = try TemporaryFolder()
        do { _ = try GraphStore(creating: folder.file("s.kith")) }
        _ = try makeStale("0123456789abcdef", in: folder)
        // A maker who lives: its lock is held by an open file that is not this call's.
        let living = try makeStale("00000000000000aa", in: folder)
        let held = open(folder.file(living), O_RDONLY | O_DIRECTORY)
        defer { close(held) }
        #expect(flock(held, LOCK_EX | LOCK_NB) == 0)
        // What only looks like one.
        let others = [".kith-temporary-0123456789ABCDEF", ".kith-temporary-12", ".kith-temporary-0123456789abcdeff"]
        for other in others {
            try FileManager.default.createDirectory(atPath: folder.file(other), withIntermediateDirectories: true)
        }
        let file = ".kith-temporary-ffffffffffffffff"
        try Data().write(to: URL(fileURLWithPath: folder.file(file)))
        let elsewhere = try TemporaryFolder()
        try Data("kept".utf8).write(to: URL(fileURLWithPath: elsewhere.file("kept")))
        let link = ".kith-temporary-eeeeeeeeeeeeeeee"
        try FileManager.default.createSymbolicLink(atPath: folder.file(link), withDestinationPath: elsewhere.path)

        try make(folder)
        #expect(try folder.names().filter { $0.hasPrefix(".") } == (others + [living, file, link]).sorted(), "\(name)")
        #expect(try elsewhere.names() == ["kept"])
        #expect(FileManager.default.fileExists(atPath: folder.file(living) + "/new/inside/file"))
    }

    @Test("is seen by nobody else, and gone when its making fails")
    func failing() throws {
        struct Failure: Error {}
        let folder = try TemporaryFolder()
        var seen: (names: [String], mode: Int?) = ([], nil)
        #expect(throws: Failure.self) {
            try TemporaryFile.making(folder.file("x")) { file in
                try Data("half".utf8).write(to: URL(fileURLWithPath: file.path))
                seen.names = try folder.names()
                let inside = folder.file(seen.names.first ?? "")
                seen.mode = try FileManager.default.attributesOfItem(atPath: inside)[.posixPermissions] as? Int
                throw Failure()
            }
        }
        #expect(seen.names.count == 1 && seen.mode == 0o700)
        let again = folder.path + "/../" + (folder.path as NSString).lastPathComponent + "/x"
        do {
            let file = try TemporaryFile(for: folder.file("x"))
            #expect(throws: GraphStoreError.self, "made by two at once") { try TemporaryFile.making(again) { _ in } }
            withExtendedLifetime(file) {}
        }
        #expect(try folder.names() == [])
        #expect(throws: (any Error).self) { try TemporaryFile.making(folder.file("none/x")) { _ in } }
    }

    @Test("is not taken away while many are made in one folder at once")
    func concurrent() async throws {
        let folder = try TemporaryFolder()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<8 {
                group.addTask {
                    for round in 0..<10 * Repetitions.of(1) {
                        try TemporaryFile.making(folder.file("\(number)-\(round)")) { file in
                            try Data("\(number)".utf8).write(to: URL(fileURLWithPath: file.path))
                            #expect(try String(contentsOfFile: file.path, encoding: .utf8) == "\(number)")
                            try file.takeName()
                        }
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(try folder.names().count == 8 * 10 * Repetitions.of(1))
        #expect(try folder.names().allSatisfy { !$0.hasPrefix(".") })
    }

    @Test("is not needed by an output that is gone on with, which is there when anything was written")
    func keptOutput() throws {
        let folder = try TemporaryFolder()
        let path = folder.file("out")
        func write(_ text: String) throws {
            let output = try OutputFile(
                at: path, access: .usual, protected: ProtectedFiles(), unfinished: .kept(appending: true))
            _ = Array(text.utf8).withUnsafeBytes { Glibc.write(output.descriptor, $0.baseAddress, $0.count) }
        }
        try write("")
        #expect(try folder.names() == [])
        try write("a")
        try write("")
        #expect(try String(contentsOfFile: path, encoding: .utf8) == "a")
    }
}
