import Foundation
import Testing

@testable import LMDB

@Suite("What a file does not use")
struct OverwritingTests {
    private let folder: Folder
    private var path: String { folder.path + "/data" }

    init() throws {
        folder = try Folder()
    }

    private func data() throws -> Data { try Data(contentsOf: URL(fileURLWithPath: path)) }

    private func overwrite(_ environment: Environment, searching search: ByteSearch = ByteSearch([])) throws
        -> Environment.Overwriting
    {
        let writer = try environment.beginWrite()
        let pages = try environment.usedPages(under: writer, isWanted: { _, _ in false })
        return try environment.overwrite(outside: pages, under: writer, searching: search)
    }

    @Test("is overwritten, and what it uses is not: random tables with short and long values")
    func randomTables() throws {
        for seed in 0..<20 as Range<UInt64> {
            var random = SystemRandomNumberGenerator()
            let name = "table \(seed)"
            let folder = try Folder()
            let environment = try folder.open()
            let database: Database<UInt64> = try environment.openDatabase(named: name, creating: true)
            var expected: [UInt64: [UInt8]] = [:]
            for round in 0..<UInt8.random(in: 2...12, using: &random) {
                var transaction = try environment.beginWrite()
                for _ in 0..<Int.random(in: 0...60, using: &random) {
                    let key = UInt64.random(in: 0..<100, using: &random)
                    if Int.random(in: 0..<3, using: &random) == 0 {
                        try transaction.remove(key, in: database)
                        expected[key] = nil
                    } else {
                        let length = [3, 300, 1_900, 5_000, 20_000].randomElement(using: &random)!
                        let value = [UInt8](repeating: 0x41 + round, count: length)
                        try transaction.put(value.span.bytes, forKey: key, in: database)
                        expected[key] = value
                    }
                }
                // The state before the latest is in use, too.
                try transaction.put(([round] as [UInt8]).span.bytes, forKey: 1_000, in: database)
                expected[1_000] = [round]
                try transaction.commit()
            }
            let path = folder.path + "/data"
            let before = try Data(contentsOf: URL(fileURLWithPath: path)).count { $0 != 0 }
            let overwriting = try overwrite(environment)
            let after = try Data(contentsOf: URL(fileURLWithPath: path)).count { $0 != 0 }
            #expect(overwriting.bytesOverwritten == before - after)
            #expect(try overwrite(environment).bytesOverwritten == 0)
            let reader = try environment.beginRead()
            #expect(try reader.entryCount(in: database) == expected.count)
            for (key, value) in expected { #expect(bytes(try reader.value(forKey: key, in: database)) == value) }
        }
    }

    @Test("is overwritten behind the last page, too, and holes of the file stay holes")
    func behindTheEnd() throws {
        let environment = try folder.open()
        let database: Database<UInt64> = try environment.openDatabase(named: "t", creating: true)
        try put([1], 1, database, in: environment)
        let file = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
        let end = try file.seekToEnd()
        try file.truncate(atOffset: end + 4 << 20)
        try file.seek(toOffset: end + 2 << 20)
        try file.write(contentsOf: Data("left over".utf8))
        try file.close()
        #expect(try overwrite(environment).bytesOverwritten >= 8)
        #expect(try data().range(of: Data("left over".utf8)) == nil)
        var status = stat()
        #expect(stat(path, &status) == 0 && status.st_blocks * 512 < 1 << 20)
    }

    @Test("is overwritten while it is free, and stays so when the memory of pages is cleared")
    func pageBuffers() throws {
        let environment = try folder.open()
        let database: Database<UInt64> = try environment.openDatabase(named: "t", creating: true)
        let secret = Array("evangeline".utf8)
        func writeOn() throws {
            for key in 0..<300 as Range<UInt64> {
                try put([UInt8(truncatingIfNeeded: key)], key * 7 % 100, database, in: environment)
            }
        }
        func leaveSecrets() throws {
            var transaction = try environment.beginWrite()
            for key in 1_000..<2_000 as Range<UInt64> {
                try transaction.put((secret + secret).span.bytes, forKey: key, in: database)
            }
            try transaction.commit()
            transaction = try environment.beginWrite()
            for key in 1_000..<2_000 as Range<UInt64> { try transaction.remove(key, in: database) }
            try transaction.commit()
            try put([0], 0, database, in: environment)
            #expect(try data().range(of: Data(secret)) != nil)
            _ = try overwrite(environment)
            #expect(try data().range(of: Data(secret)) == nil)
        }
        try leaveSecrets()
        try writeOn()
        // This is what LMDB does by itself: the memory of a page that is written holds what was there before.
        #expect(try data().range(of: Data(secret)) != nil)
        try leaveSecrets()
        try environment.clearPageBuffers()
        try writeOn()
        #expect(try data().range(of: Data(secret)) == nil)
    }

    @Test("is searched for many strings at once, which are found wherever they are: against a slow search")
    func search() throws {
        var random = SystemRandomNumberGenerator()
        func word(_ length: Int) -> [UInt8] { (0..<length).map { _ in UInt8.random(in: 97...99, using: &random) } }
        for _ in 0..<200 {
            let bytes = word(Int.random(in: 0...400, using: &random))
            let strings = Set(
                (0..<Int.random(in: 0...6, using: &random)).map { _ in word(Int.random(in: 2...6, using: &random)) })
            var expected: [Range<Int>] = []
            for offset in bytes.indices {
                for string in strings where bytes[offset...].starts(with: string) {
                    expected.append(offset..<offset + string.count)
                }
            }
            var found: [Range<Int>] = []
            bytes.withUnsafeBytes { bytes in ByteSearch(strings).forEachOccurrence(in: bytes) { found.append($0) } }
            let order = { (left: Range<Int>, right: Range<Int>) in
                (left.lowerBound, left.upperBound) < (right.lowerBound, right.upperBound)
            }
            #expect(found.sorted(by: order) == expected.sorted(by: order))
        }
    }

    @Test("is searched across pages and pieces of the file")
    func searchOfFiles() throws {
        for offset in [0, 4_090, 4_096, 262_140, 262_144, 600_000 - 10] {
            var bytes = Data(count: 600_000)
            bytes.replaceSubrange(offset..<offset + 10, with: "evangeline".utf8)
            try bytes.write(to: URL(fileURLWithPath: path))
            #expect(try ByteSearch([Array("evangeline".utf8)]).occurs(inFileAt: path), "\(offset)")
            #expect(try !ByteSearch([Array("evangelina".utf8)]).occurs(inFileAt: path))
        }
    }
}
