import CLMDB
import ProcessTesting
import Testing

@testable import LMDB

@Suite("A value that was looked up lately")
struct RecentValueTests {
    @Test("is that of the state that is read, whatever was written and read before", arguments: Repetitions.seeds(4))
    func equalsValue(seed: UInt64) throws {
        let folder = try Folder()
        let environment = try folder.open()
        let tables: [Database<UInt64>] = try ["a", "b"].map { try environment.openDatabase(named: $0, creating: true) }
        var state = seed &* 0x9E37_79B9_7F4A_7C15 | 1
        func random(_ end: UInt64) -> UInt64 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return (state >> 33) % end
        }
        // Keys as neighbour blocks have them; some share a slot with others.
        func key() -> UInt64 { (random(40) + (random(2) << 16)) << 32 | random(2) }
        for round in 0..<60 as Range<UInt64> {
            let older = try environment.beginRead()
            for table in tables { _ = try older.cursor(in: table).lookUpAgain(key()) }
            var writer = try environment.beginWrite()
            for _ in 0..<random(20) {
                let (key, table) = (key(), tables[Int(random(2))])
                if random(3) == 0 {
                    try writer.remove(key, in: table)
                } else {
                    let value = Array(repeating: UInt8(truncatingIfNeeded: round), count: Int(random(3_000)) + 1)
                    try writer.put(value.span.bytes, forKey: key, in: table)
                    #expect(bytes(try writer.value(forKey: key, in: table)) == value)
                }
            }
            try writer.commit()
            let newer = try environment.beginRead()
            for _ in 0..<60 {
                let (key, table) = (key(), tables[Int(random(2))])
                #expect(
                    bytes(try newer.cursor(in: table).lookUpAgain(key))
                        == bytes(try newer.value(forKey: key, in: table)))
                #expect(
                    bytes(try older.cursor(in: table).lookUpAgain(key))
                        == bytes(try older.value(forKey: key, in: table)))
            }
            // Many at once, up to where the visitor has enough.
            let keys = (0..<30).map { _ in key() }
            for table in tables {
                let enough = Int(random(40))
                var visited: [Int] = []
                let cursor = newer.cursor(in: table)
                try cursor.forEachPlace(keys.count) {
                    keys[$0]
                } _: { number, place in
                    visited.append(number)
                    let value = bytes(try newer.value(forKey: keys[number], in: table))
                    #expect(bytes(cursor.value(at: place)) == value)
                    return visited.count < max(enough, 1)
                }
                var present: [Int] = []
                for (number, key) in keys.enumerated() where try newer.value(forKey: key, in: table) != nil {
                    present.append(number)
                }
                #expect(visited == Array(present.prefix(max(enough, 1))))
            }
        }
    }

    @Test("is forgotten when the map may lie elsewhere")
    func forgotten() {
        let pool = CursorPool()
        pool.begin(mapGeneration: 0)
        let storage: UInt64 = 7
        withUnsafeBytes(of: storage) { bytes in
            let value = MDB_val(mv_size: 8, mv_data: UnsafeMutableRawPointer(mutating: bytes.baseAddress))
            pool.places.note(value, of: 3 << 32, in: 2, at: 9)
        }
        pool.begin(mapGeneration: 0)
        #expect(pool.places.value(of: 3 << 32, in: 2, at: 9)?.mv_size == 8)
        #expect(pool.places.value(of: 3 << 32, in: 3, at: 9) == nil)
        #expect(pool.places.value(of: 3 << 32, in: 2, at: 10) == nil)
        #expect(pool.places.value(of: 4 << 32, in: 2, at: 9) == nil)
        pool.begin(mapGeneration: 1)
        #expect(pool.places.value(of: 3 << 32, in: 2, at: 9) == nil)
    }
}
