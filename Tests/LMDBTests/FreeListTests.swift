import CLMDB
import Foundation
import ProcessTesting
import Synchronization
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
        for attempt in 0..<Repetitions.of(60) {
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
    }

    /// A file of which most pages are free, so many by one transaction that its list has overflow pages.
    private struct EmptiedFile {
        let path: String
        /// The pages that are free, as LMDB says.
        let free: Set<UInt64>
        let head: MetaPage
        private let file: FileHandle

        init(in folder: Folder) throws {
            path = folder.path + "/emptied"
            do {
                let environment = try Folder.open(path)
                let database: Database<UInt64> = try environment.openDatabase(named: "t", creating: true)
                var transaction = try environment.beginWrite()
                for key in 0..<2_000 as Range<UInt64> {
                    try transaction.put([UInt8](repeating: 2, count: 3_000).span.bytes, forKey: key, in: database)
                }
                try transaction.commit()
                transaction = try environment.beginWrite()
                for key in 10..<2_000 as Range<UInt64> { try transaction.remove(key, in: database) }
                try transaction.commit()
                for key in 0..<10 as Range<UInt64> { try put([3], key * 150, database, in: environment) }
                let reader = try environment.beginRead()
                free = try EmptiedFile.freePages(of: reader)
                let freeBytes = try reader.freeBytes()
                #expect(freeBytes == free.count * 4_096 && free.count > 1_900)
            }
            file = try FileHandle(forUpdating: URL(fileURLWithPath: path))
            head = try MetaPage.latest(of: file.fileDescriptor, path)
        }

        /// By a cursor of LMDB's over table 0, number by number.
        private static func freePages(of transaction: borrowing ReadTransaction) throws -> Set<UInt64> {
            var cursor: OpaquePointer?
            try #require(mdb_cursor_open(transaction.handle, 0, &cursor) == 0)
            defer { mdb_cursor_close(cursor) }
            var pages: Set<UInt64> = []
            var (key, list) = (MDB_val(), MDB_val())
            while mdb_cursor_get(cursor, &key, &list, MDB_NEXT) == 0 {
                let count = list.mv_data.loadUnaligned(as: Int.self)
                for index in 1..<count + 1 {
                    pages.insert(list.mv_data.loadUnaligned(fromByteOffset: 8 * index, as: UInt64.self))
                }
            }
            return pages
        }

        /// What the walk says.
        func areFree(_ pages: Range<UInt64>) -> Bool {
            FreeList.covers(
                pages, root: head.free.root, of: file.fileDescriptor, pageBytes: 4_096, pageCount: head.lastPage + 1)
        }

        func write(_ byte: UInt8, at place: Int) throws {
            try file.seek(toOffset: UInt64(place))
            try file.write(contentsOf: Data([byte]))
        }
    }

    @Test("is looked up in a list of any length, as LMDB itself reads it")
    func longList() throws {
        let folder = try Folder()
        let emptied = try EmptiedFile(in: folder)
        let used = (2...emptied.head.lastPage).filter { !emptied.free.contains($0) }
        var random = Random(state: 13)
        var counts = [0, 0]
        for number in 0..<Repetitions.of(400) {
            // Every other one begins a little before a page that is used.
            let start =
                number % 2 == 0
                ? UInt64(2 + random.next(Int(emptied.head.lastPage) - 2))
                : max(2, used[random.next(used.count)] - UInt64(random.next(3)))
            let pages = start..<min(start + UInt64(1 + random.next(20)), emptied.head.lastPage + 1)
            let areFree = pages.allSatisfy { emptied.free.contains($0) }
            #expect(emptied.areFree(pages) == areFree, "\(pages)")
            counts[areFree ? 1 : 0] += 1
        }
        #expect(counts.allSatisfy { $0 > 10 })
        for page in used { #expect(!emptied.areFree(page..<page + 1), "\(page)") }
    }

    @Test("has a list that is damaged: nothing crashes, and no end is missed")
    func damagedLongList() throws {
        let folder = try Folder()
        let emptied = try EmptiedFile(in: folder)
        let data = try Data(contentsOf: URL(fileURLWithPath: emptied.path))
        let used = (2...emptied.head.lastPage).filter { !emptied.free.contains($0) }
        let wanted = try #require(emptied.free.first { emptied.free.isSuperset(of: $0..<$0 + 20) })
        var random = Random(state: 14)
        var refused = 0
        for _ in 0..<Repetitions.of(5_000) {
            let places = (0...random.next(6)).map { _ in
                // Often where the headers of pages and nodes are.
                Int(used[random.next(used.count)]) * 4_096 + random.next(random.next(2) == 0 ? 64 : 4_096)
            }
            for place in places {
                let byte = random.next(2) == 0 ? [0, 1, 0x7F, 0xFF][random.next(4)] : UInt8(random.next(256))
                try emptied.write(byte, at: place)
            }
            if !emptied.areFree(wanted..<wanted + 20) { refused += 1 }
            for place in places { try emptied.write(data[place], at: place) }
        }
        #expect(refused > 50)
        #expect(emptied.areFree(wanted..<wanted + 20))
    }

    /// Whether the walk finds pages missing; other findings are thrown.
    private func isRefused(_ path: String) throws -> Bool {
        do {
            try MetaPage.validate(path)
            return false
        } catch LMDBError.truncatedFile {
            return true
        }
    }

    @Test("and damaged besides is refused or accepted, and never crashes who looks")
    func damaged() throws {
        let folder = try Folder()
        let data = try #require(try shortFile(in: folder)).data
        let path = folder.path + "/damaged"
        try data.write(to: URL(fileURLWithPath: path))
        let file = try FileHandle(forUpdating: URL(fileURLWithPath: path))
        var random = Random(state: 12)
        var refused = 0
        for _ in 0..<Repetitions.of(5_000) {
            // Behind the heads, whose own checks come first.
            let places = (0...random.next(6)).map { _ in
                (2 + random.next(data.count / 4_096 - 2)) * 4_096 + random.next(random.next(2) == 0 ? 64 : 4_096)
            }
            for place in places {
                try file.seek(toOffset: UInt64(place))
                try file.write(contentsOf: Data([UInt8(random.next(256))]))
            }
            // Only the walk: opening what it lets pass would let LMDB trust the damage.
            if try isRefused(path) { refused += 1 }
            for place in places {
                try file.seek(toOffset: UInt64(place))
                try file.write(contentsOf: Data([data[place]]))
            }
        }
        #expect(refused > 20)
        try MetaPage.validate(path)
    }

    @Test("only because another process writes to it just now is not taken for one that was cut off")
    func whileWritten() async throws {
        let folder = try Folder()
        let path = folder.path + "/data"
        do { _ = try folder.open() }
        let isOver = Atomic(false)
        let reader = OwnThread {
            var (count, changes, bytes) = (0, 0, off_t(0))
            // No longer than it takes: a thread that looks on without end takes a core from all other tests.
            while !isOver.load(ordering: .relaxed), changes < 500 {
                try MetaPage.validate(path)
                count += 1
                var status = stat()
                stat(path, &status)
                if status.st_size != bytes { changes += 1 }
                bytes = status.st_size
            }
            return count
        }
        await #expect(processExitsWith: .success) { [path = path as String] in
            let environment = try Folder.open(path) { $0.durability = .none }
            let database: Database<UInt64> = try environment.openDatabase(named: "t", creating: true)
            for key in 0..<20_000 as Range<UInt64> {
                try put([UInt8](repeating: 1, count: 3_000), key, database, in: environment)
            }
            exit(0)
        }
        isOver.store(true, ordering: .relaxed)
        #expect(try reader.value() > 100)
    }
}
