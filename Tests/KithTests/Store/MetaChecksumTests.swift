import Foundation
import GraphTesting
import LMDB
import Testing

@testable import Adjacency
@testable import Kith

/// Bytes that nothing else in a file says, and those of dictionaries, changed one by one under LMDB's own pages.
@Suite("A byte turned over in what a store says of itself")
struct MetaChecksumTests {
    private let folder: TemporaryFolder
    private let path: String
    private let store: GraphStore

    init() throws {
        folder = try TemporaryFolder()
        path = folder.file("small.kith")
        let follows = EdgeType(.follows, from: .user, to: .user)
        let schema = try Schema(nodeKinds: [.user], edgeTypes: [follows])
        store = try GraphStore(creating: path, schema: schema, options: .forTests)
        try store.write { graph in
            for number in 0..<9 as Range<UInt64> {
                try graph.add(NodeKey(number * number), .follows, try NodeKey("al\(number)"))
            }
        }
        // For the count of erasures.
        try store.forget("al3")
    }

    private func value<Key>(of key: Key, in table: Database<Key>) throws -> [UInt8] {
        try store.read { snapshot in
            try snapshot.transaction.value(forKey: key, in: table)?.withUnsafeBytes { Array($0) } ?? []
        }
    }

    private func put<Key>(_ value: [UInt8], forKey key: Key, in table: Database<Key>) throws {
        var transaction = try store.environment.beginWrite()
        try transaction.put(value.span.bytes, forKey: key, in: table)
        try transaction.commit()
    }

    @Test("is found by opening and by a check", arguments: ["uuid", "created", "schema", "erasures", "counters"])
    func values(name: String) throws {
        let (key, meta) = (Bytes(Array(name.utf8)), store.tables.meta)
        let value = try value(of: key, in: meta)
        for index in value.indices {
            var changed = value
            changed[index] ^= 1 << UInt8(index % 8)
            try put(changed, forKey: key, in: meta)
            #expect(throws: GraphStoreError.self) { try GraphStore(opening: path) }
            for report in [try GraphStore.check(path), try store.check()] {
                #expect(report.problems.contains { $0.kind == .checksum && $0.message.contains("'\(name)'") })
            }
        }
        try put(value, forKey: key, in: meta)
        #expect(try GraphStore.check(path).problems == [])
    }

    @Test("of the format version is refused, as another version or as damage")
    func version() throws {
        let (key, meta) = (Bytes(Array("format".utf8)), store.tables.meta)
        let value = try value(of: key, in: meta)
        for index in value.indices {
            for mask in 1...255 as ClosedRange<UInt8> {
                var changed = value
                changed[index] ^= mask
                try put(changed, forKey: key, in: meta)
                #expect(throws: GraphStoreError.self) { try GraphStore(opening: path).read { _ in } }
            }
        }
        try put(value, forKey: key, in: meta)
        #expect(try GraphStore.check(path).problems == [])
    }

    @Test("of counters is an error of whoever reads or writes next")
    func counters() throws {
        let (key, meta) = (Bytes(Array("counters".utf8)), store.tables.meta)
        var changed = try value(of: key, in: meta)
        // A next id that is greater: a check could not tell it from that of a store from which nodes were removed.
        changed[RequiredFeatures.byteCount] += 1
        try put(changed, forKey: key, in: meta)
        for use in [{ try store.read { _ in } }, { try store.write { _ in } }] as [() throws -> Void] {
            #expect {
                try use()
            } throws: { error in
                if case GraphStoreError.damaged(StoreMeta.tableName, nil, _) = error { true } else { false }
            }
        }
    }

    @Test("moved under another name is found")
    func names() throws {
        let meta = store.tables.meta
        let created = try value(of: Bytes(Array("created".utf8)), in: meta)
        try put(created, forKey: Bytes(Array("erasures".utf8)), in: meta)
        #expect(
            try GraphStore.check(path).problems.map(\.message) == ["the value of 'erasures' does not give its checksum"]
        )
    }

    @Test("of any block of a dictionary is found by a check")
    func dictionaries() throws {
        let dictionary = try store.tables.dictionary(.user)
        let id: UInt32 = 0
        let key = EncodedKey(key: 0)
        let string = EncodedKey(key: "al0")
        let places: [(read: () throws -> [UInt8], write: ([UInt8]) throws -> Void)] = [
            ({ try value(of: id, in: dictionary.keys) }, { try put($0, forKey: id, in: dictionary.keys) }),
            ({ try value(of: key, in: dictionary.ids) }, { try put($0, forKey: key, in: dictionary.ids) }),
            ({ try value(of: string, in: dictionary.ids) }, { try put($0, forKey: string, in: dictionary.ids) }),
        ]
        for (read, write) in places {
            let value = try read()
            for index in value.indices {
                for bit in 0..<8 as Range<UInt8> {
                    var changed = value
                    changed[index] ^= 1 << bit
                    try write(changed)
                    #expect(try !store.check().isSound)
                    // With the check byte of the changed bytes, the table of the other direction tells.
                    if index > 1 {
                        changed[1] = CRC32C.checkByte(of: changed.span.bytes)
                        try write(changed)
                        #expect(try !store.check().isSound)
                    }
                }
            }
            try write(value)
            #expect(try store.check().isSound)
        }
    }

    @Test("is told from the bytes of the checksum that the page of the format shows")
    func known() {
        let sealed = MetaChecksum.sealed([0x00, 0xF1, 0x53, 0x65, 0, 0, 0, 0], forKey: Bytes(Array("created".utf8)))
        #expect(sealed == [0x00, 0xF1, 0x53, 0x65, 0, 0, 0, 0, 0x5B, 0x9F, 0xC1, 0x4E])
    }
}
