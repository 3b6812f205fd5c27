import Foundation
import Testing

@testable import LMDB

/// A file shorter than its head says: sound when LMDB left free pages unwritten, cut off when others are missing.
@Suite("A file that is shorter than its head says")
struct FreeListTests {
    private struct Random {
        var state: UInt64
        mutating func next(_ limit: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(state >> 33) % limit
        }
    }

    private func integer<Value: FixedWidthInteger>(_ data: Data, _ offset: Int, _: Value.Type) -> Value {
        (0..<Value.bitWidth / 8).reduce(0) { $0 | Value(data[offset + $1]) << Value(8 * $1) }
    }

    /// How many bytes the newer head says the file has.
    private func bytesByHead(_ data: Data) -> Int {
        let metas = [16, 4_096 + 16].map { offset in
            (transaction: integer(data, offset + 128, UInt64.self), last: integer(data, offset + 120, UInt64.self))
        }
        return Int((metas.max { $0.transaction < $1.transaction }?.last ?? 0) + 1) * 4_096
    }

    /// A file whose last pages were never written, and what is in it.
    private func shortFile(in folder: Folder) throws -> (data: Data, keys: Set<UInt64>)? {
        var random = Random(state: 11)
        for attempt in 0..<60 {
            let name = "short\(attempt)"
            var keys: Set<UInt64> = []
            for _ in 0..<40 {
                do {
                    let environment = try folder.open(name)
                    let database: Database<UInt64> = try environment.openDatabase(named: "t", creating: true)
                    var transaction = try environment.beginWrite()
                    for _ in 0..<random.next(60) {
                        let key = UInt64(random.next(80))
                        if random.next(2) == 0 {
                            try transaction.put(
                                [UInt8](repeating: 2, count: 1_500).span.bytes, forKey: key, in: database)
                            keys.insert(key)
                        } else {
                            try transaction.remove(key, in: database)
                            keys.remove(key)
                        }
                    }
                    try transaction.commit()
                }
                let data = try Data(contentsOf: URL(fileURLWithPath: folder.path + "/" + name))
                if data.count < bytesByHead(data) { return (data, keys) }
            }
        }
        return nil
    }

    @Test("is opened when the pages that are missing are free, and has lost nothing")
    func looseEnd() throws {
        let folder = try Folder()
        let (data, keys) = try #require(
            try shortFile(in: folder), "LMDB left no page unwritten: the test reaches nothing")
        try data.write(to: URL(fileURLWithPath: folder.path + "/copy"))
        let environment = try folder.open("copy")
        let database: Database<UInt64> = try environment.openDatabase(named: "t", creating: true)
        do {
            let transaction = try environment.beginRead()
            #expect(try transaction.entryCount(in: database) == keys.count)
            for key in keys { #expect(bytes(try transaction.value(forKey: key, in: database))?.count == 1_500) }
        }
        for key in 200..<400 as Range<UInt64> { try put([1], key, database, in: environment) }
        #expect(try environment.beginRead().entryCount(in: database) == keys.count + 200)
    }

    @Test(
        "is refused when a page that is missing is in use, or the list of free pages cannot be read; it never crashes")
    func cutOff() throws {
        let folder = try Folder()
        let (data, _) = try #require(try shortFile(in: folder))
        let url = URL(fileURLWithPath: folder.path + "/cut")
        var refused = 0
        for count in stride(from: data.count - 1, to: 8_192, by: -511) {
            try data.prefix(count).write(to: url)
            do {
                _ = try folder.open("cut")
            } catch LMDBError.truncatedFile {
                refused += 1
            }
            try FileManager.default.removeItem(at: url)
        }
        #expect(refused > 10)

        var random = Random(state: 12)
        for _ in 0..<3_000 {
            var damaged = data
            for _ in 0...random.next(6) {
                // Behind the heads, whose own checks come first.
                let page = 2 + random.next(data.count / 4_096 - 2)
                damaged[page * 4_096 + random.next(random.next(2) == 0 ? 64 : 4_096)] = UInt8(random.next(256))
            }
            let path = folder.path + "/damaged"
            try damaged.write(to: URL(fileURLWithPath: path))
            // Only the walk: opening what it lets pass would let LMDB trust the damage.
            do { try FileHead.validate(path) } catch LMDBError.truncatedFile {}
        }
    }
}
