import Foundation
import ProcessTesting
import Testing

@testable import LMDB

@Suite("A transaction")
struct TransactionTests {
    private struct Undo: Error {}

    @Test("that commits is seen by the next reader, and by none before")
    func commitIsSeen() throws {
        let folder = try Folder()
        let environment = try folder.open()
        let database: Database<UInt64> = try environment.openDatabase(named: "t", creating: true)
        let before = try environment.beginRead()
        try put([1, 2], 7, database, in: environment)
        #expect(bytes(try before.value(forKey: 7, in: database)) == nil)
        let after = try environment.beginRead()
        #expect(bytes(try after.value(forKey: 7, in: database)) == [1, 2])
    }

    @Test("that goes out of scope takes everything back")
    func abort() throws {
        let folder = try Folder()
        let environment = try folder.open()
        let database: Database<UInt64> = try environment.openDatabase(named: "t", creating: true)
        do {
            var transaction = try environment.beginWrite()
            try transaction.put([9].span.bytes, forKey: 1, in: database)
        }
        #expect(try environment.beginRead().entryCount(in: database) == 0)
    }

    @Test("inside another takes back its own changes only when it throws")
    func nested() throws {
        let folder = try Folder()
        let environment = try folder.open()
        let database: Database<UInt64> = try environment.openDatabase(named: "t", creating: true)
        var transaction = try environment.beginWrite()
        try transaction.put(([1] as [UInt8]).span.bytes, forKey: 1, in: database)
        do {
            try transaction.nested { child in
                try child.put(([2] as [UInt8]).span.bytes, forKey: 2, in: database)
                throw Undo()
            }
        } catch is Undo {}
        try transaction.nested { child in try child.put(([3] as [UInt8]).span.bytes, forKey: 3, in: database) }
        try transaction.commit()
        let reader = try environment.beginRead()
        #expect(bytes(try reader.value(forKey: 1, in: database)) == [1])
        #expect(bytes(try reader.value(forKey: 2, in: database)) == nil)
        #expect(bytes(try reader.value(forKey: 3, in: database)) == [3])
    }

    @Test("refuses to append out of order, and keys that are empty or longer than 511 bytes")
    func refusals() throws {
        let folder = try Folder()
        let environment = try folder.open()
        let numbers: Database<UInt64> = try environment.openDatabase(named: "n", creating: true)
        let texts: Database<Bytes> = try environment.openDatabase(named: "t", creating: true)
        var transaction = try environment.beginWrite()
        let value: [UInt8] = [1]
        try transaction.put(value.span.bytes, forKey: 5, in: numbers, mode: .append)
        #expect(throws: LMDBError.keyExists) {
            try transaction.put(value.span.bytes, forKey: 4, in: numbers, mode: .append)
        }
        for count in [0, 512] {
            #expect(throws: LMDBError.badValueSize) {
                try transaction.put(value.span.bytes, forKey: Bytes(Array(repeating: 1, count: count)), in: texts)
            }
        }
        try transaction.put(value.span.bytes, forKey: Bytes(Array(repeating: 1, count: 511)), in: texts)
        try transaction.commit()
    }

    @Test("to write, begun on the thread that has one, is refused and not waited for")
    func writeInsideWrite() throws {
        let folder = try Folder()
        let environment = try folder.open()
        let outer = try environment.beginWrite()
        #expect(throws: LMDBError.writeInsideWrite) { _ = try environment.beginWrite() }
        try outer.commit()
        try environment.beginWrite().commit()
    }

    @Test("reads keys in order, near and far, as a dictionary does")
    func randomOperations() throws {
        let folder = try Folder()
        let environment = try folder.open()
        let database: Database<UInt64> = try environment.openDatabase(named: "t", creating: true)
        var expected: [UInt64: [UInt8]] = [:]
        var generator = SystemRandomNumberGenerator()
        let seed = UInt64.random(in: 0...UInt64.max, using: &generator)
        var state = seed
        func next(_ limit: UInt64) -> UInt64 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return (state >> 33) % limit
        }
        for _ in 0..<Repetitions.of(20) {
            var transaction = try environment.beginWrite()
            for _ in 0..<200 {
                let key = next(300)
                if next(3) == 0 {
                    let removed = try transaction.remove(key, in: database)
                    #expect(removed == (expected.removeValue(forKey: key) != nil), "seed \(seed)")
                } else {
                    let value = (0..<next(100)).map { UInt8(truncatingIfNeeded: $0) }
                    try transaction.put(value.span.bytes, forKey: key, in: database)
                    expected[key] = value
                }
            }
            try transaction.commit()
            let reader = try environment.beginRead()
            var cursor = reader.cursor(in: database)
            var found: [(UInt64, [UInt8])] = []
            var entry = try cursor.first()
            while let current = entry {
                found.append((current.key, bytes(current.value) ?? []))
                entry = try cursor.next()
            }
            #expect(found.map(\.0) == expected.keys.sorted(), "seed \(seed)")
            #expect(found.allSatisfy { expected[$0.0] == $0.1 }, "seed \(seed)")
            for key in 0..<301 as Range<UInt64> {
                let after = try cursor.seek(atOrAfter: key)?.key
                #expect(after == expected.keys.filter { $0 >= key }.min(), "seed \(seed)")
                let before = try cursor.seek(atOrBefore: key)?.key
                #expect(before == expected.keys.filter { $0 <= key }.max(), "seed \(seed)")
                let value = bytes(try cursor.value(at: key))
                #expect(value == expected[key], "seed \(seed)")
            }
        }
    }
}

@Suite("A file")
struct FileTests {
    /// A sound file of some pages, closed.
    private func soundFile(in folder: Folder) throws -> Data {
        do {
            let environment = try folder.open()
            let database: Database<UInt64> = try environment.openDatabase(named: "t", creating: true)
            for key in 0..<50 as Range<UInt64> {
                try put(Array(repeating: 7, count: 1_000), key, database, in: environment)
            }
        }
        return try Data(contentsOf: URL(fileURLWithPath: folder.path + "/data"))
    }

    @Test("cut short anywhere is an error, never a crash")
    func truncated() throws {
        let folder = try Folder()
        let whole = try soundFile(in: folder)
        let url = URL(fileURLWithPath: folder.path + "/data")
        for count in [0, 1, 15, 16, 151, 152, 4_095, 4_096, 4_247, 4_248, 8_192, whole.count / 2, whole.count - 1] {
            try whole.prefix(count).write(to: url)
            #expect(throws: LMDBError.self, "\(count) bytes") { try folder.open() }
        }
        try whole.write(to: url)
        #expect(try folder.open().readers() == [])
    }

    @Test("with a damaged head is an error that says what is wrong with it")
    func damagedHead() throws {
        let folder = try Folder()
        let whole = try soundFile(in: folder)
        let damages: [(offset: Int, bytes: [UInt8], word: String)] = [
            (16, [0, 0, 0, 0], "no LMDB file"), (16, [0xBE, 0xEF, 0xC0, 0xDE], "byte order"),
            (20, [2, 0, 0, 0], "version 2"),
            (40, [0, 0, 0, 0], "pages of 0"), (40, [1, 16, 0, 0], "pages of 4097"), (4_096 + 16, [1], "no LMDB file"),
            (4_096 + 40, [0, 32, 0, 0], "page sizes"), (136, Array(repeating: 0x7F, count: 16), "page"),
        ]
        for damage in damages {
            var broken = whole
            broken.replaceSubrange(damage.offset..<damage.offset + damage.bytes.count, with: damage.bytes)
            try broken.write(to: URL(fileURLWithPath: folder.path + "/data"))
            let error = #expect(throws: LMDBError.self, "\(damage.word)") { try folder.open() }
            #expect(error?.description.contains(damage.word) == true, "\(String(describing: error))")
        }
    }

    @Test("that is a folder, or missing, is not opened")
    func noFile() throws {
        let folder = try Folder()
        try FileManager.default.createDirectory(atPath: folder.path + "/data", withIntermediateDirectories: true)
        #expect(throws: LMDBError.notAFile(path: folder.path + "/data")) { try folder.open() }
        #expect(throws: LMDBError.system(ENOENT)) {
            try Environment.open(at: folder.path + "/none", options: Environment.Options())
        }
    }
}
