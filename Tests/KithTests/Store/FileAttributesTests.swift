import CLinux
import Foundation
import GraphTesting
import Testing

@testable import Kith

/// What replaces a store, or is a copy of it, is what the store was: the target of a link, with its mode, owner, group, access
/// list and extended attributes.
@Suite("A store that is written anew")
struct FileAttributesTests {
    static let isRoot = getuid() == 0
    /// A disk, and memory where the machine has a file system of it.
    static let disks = [NSTemporaryDirectory()] + (access("/dev/shm", W_OK) == 0 ? ["/dev/shm"] : [])

    enum Verb: String, CaseIterable {
        case compact, reorder, backup

        /// Runs it on a store; answers where its outcome is.
        func run(_ path: String, in folder: TemporaryFolder) throws -> String {
            switch self {
            case .compact: try GraphStore.compact(path)
            case .reorder: try GraphStore.reorder(path)
            case .backup:
                try GraphStore(opening: path).backup(to: folder.file("copy.kith"))
                return folder.file("copy.kith")
            }
            return path
        }
    }

    private func status(_ path: String) throws -> stat {
        var status = stat()
        try #require(lstat(path, &status) == 0)
        return status
    }

    private func filled(_ path: String) throws {
        let store = try GraphStore(creating: path)
        try store.write { graph in for target in 2..<50 as Range<UInt64> { try graph.add(1, .follows, NodeKey(target)) }
        }
    }

    @Test(
        "keeps its mode, and what a symbolic link leads to is replaced, not the link", arguments: Verb.allCases, disks)
    func modeAndLink(verb: Verb, disk: String) throws {
        let (folder, elsewhere) = (try TemporaryFolder(in: disk), try TemporaryFolder(in: disk))
        let target = elsewhere.file("target.kith")
        try filled(target)
        try FileManager.default.createSymbolicLink(atPath: folder.file("link.kith"), withDestinationPath: target)
        try FileManager.default.createSymbolicLink(atPath: folder.file("second.kith"), withDestinationPath: "link.kith")
        for mode in [0o600, 0o640, 0o644, 0o666] as [mode_t] {
            chmod(target, mode)
            let before = try status(target).st_ino
            let path = try verb.run(folder.file("second.kith"), in: folder)
            #expect(try status(folder.file("link.kith")).st_mode & S_IFMT == S_IFLNK)
            #expect(try status(folder.file("second.kith")).st_mode & S_IFMT == S_IFLNK)
            #expect(try (status(target).st_ino == before) == (verb == .backup))
            #expect(try status(verb == .backup ? path : target).st_mode & 0o777 == mode)
            #expect(try GraphStore(opening: path).read { try $0.edgeCount(of: .follows) } == 48)
            if verb == .backup { try FileManager.default.removeItem(atPath: path) }
        }
        #expect(try (folder.names() + elsewhere.names()).allSatisfy { !$0.hasPrefix(".") })
    }

    @Test(
        "keeps its owner and group when root does it",
        .enabled(if: isRoot, "needs root, who may give files away"), arguments: Verb.allCases, disks)
    func owner(verb: Verb, disk: String) throws {
        let folder = try TemporaryFolder(in: disk)
        let path = folder.file("s.kith")
        try filled(path)
        try #require(chown(path, 12_345, 12_346) == 0)
        chmod(path, 0o640)
        let made = try status(try verb.run(path, in: folder))
        #expect(made.st_uid == 12_345 && made.st_gid == 12_346 && made.st_mode & 0o777 == 0o640)
    }

    @Test(
        "keeps its access list, without which its mode would mean more, and the attributes of users",
        arguments: Verb.allCases, disks)
    func extended(verb: Verb, disk: String) throws {
        let folder = try TemporaryFolder(in: disk)
        let path = folder.file("s.kith")
        try filled(path)
        /// Version 2; user rw, user 1234 r, group none, mask r, others none.
        let list: [UInt8] =
            [2, 0, 0, 0]
            + [
                (1, 6, UInt32.max), (2, 4, 1_234), (4, 0, UInt32.max), (16, 4, UInt32.max), (32, 0, UInt32.max),
            ].flatMap { tag, permissions, id -> [UInt8] in
                [UInt8(tag), 0, UInt8(permissions), 0] + withUnsafeBytes(of: id.littleEndian) { Array($0) }
            }
        let hasLists = ExtendedAttribute.set("system.posix_acl_access", list, path)
        let hasUsers = ExtendedAttribute.set("user.note", [1, 2, 3], path)
        try #require(hasLists || hasUsers, "the file system has no extended attributes")
        let made = try verb.run(path, in: folder)
        if hasLists { #expect(ExtendedAttribute.get("system.posix_acl_access", made) == list) }
        if hasUsers { #expect(ExtendedAttribute.get("user.note", made) == [1, 2, 3]) }
        #expect(try status(made).st_mode & 0o777 == (hasLists ? 0o640 : 0o600))
    }

    @Test("has no access list of its folder's when it had none", arguments: [Verb.compact, .reorder])
    func inherited(verb: Verb) throws {
        let folder = try TemporaryFolder()
        let path = folder.file("s.kith")
        try filled(path)
        chmod(path, 0o660)
        let list: [UInt8] =
            [2, 0, 0, 0]
            + [
                (1, 7, UInt32.max), (2, 7, 1_234), (4, 7, UInt32.max), (16, 7, UInt32.max), (32, 7, UInt32.max),
            ].flatMap { tag, permissions, id -> [UInt8] in
                [UInt8(tag), 0, UInt8(permissions), 0] + withUnsafeBytes(of: id.littleEndian) { Array($0) }
            }
        try #require(ExtendedAttribute.set("system.posix_acl_default", list, folder.path), "no access lists here")
        let made = try verb.run(path, in: folder)
        #expect(ExtendedAttribute.get("system.posix_acl_access", made) == nil)
        #expect(try status(made).st_mode & 0o777 == 0o660)
    }

    @Test("that is one of several hard links leaves the others with what was", arguments: [Verb.compact, .reorder])
    func hardLinks(verb: Verb) throws {
        let folder = try TemporaryFolder()
        let path = folder.file("s.kith")
        try filled(path)
        try FileManager.default.linkItem(atPath: path, toPath: folder.file("other.kith"))
        let before = try Data(contentsOf: URL(fileURLWithPath: path))
        _ = try verb.run(path, in: folder)
        #expect(try Data(contentsOf: URL(fileURLWithPath: folder.file("other.kith"))) == before)
        #expect(try GraphStore(opening: path).read { try $0.edgeCount(of: .follows) } == 48)
    }
}

/// Extended attributes of files.
enum ExtendedAttribute {
    static func set(_ name: String, _ value: [UInt8], _ path: String) -> Bool {
        setxattr(path, name, value, value.count, 0) == 0
    }

    static func get(_ name: String, _ path: String) -> [UInt8]? {
        var value = [UInt8](repeating: 0, count: 1_024)
        let count = getxattr(path, name, &value, value.count)
        return count < 0 ? nil : Array(value[..<count])
    }
}
