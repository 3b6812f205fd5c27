import Adjacency
import GraphTesting
import ProcessTesting
import Testing

@testable import Kith

@Suite("A block of a dictionary")
struct DictionaryBlockTests {
    /// Random entries of a block of `id>key`.
    private func keyEntries(_ mix: KeyMix, _ count: Int, _ random: inout SplitMix64) -> [PlainEntry] {
        let keys = random.ascendingKeys(mix, count).shuffled(using: &random)
        return zip(random.ascendingIDs(count), keys).map { PlainEntry(id: $0, key: $1) }
    }

    /// Random entries of a block of `key>id`: of one form.
    private func idEntries(_ mix: KeyMix, _ count: Int, _ random: inout SplitMix64) -> [PlainEntry] {
        let ids = random.ascendingIDs(count).shuffled(using: &random)
        return zip(ids, random.ascendingKeys(mix, count)).map { PlainEntry(id: $0, key: $1) }
    }

    private static let counts = [1, 2, 3, 15, 16, 17, 31, 32, 33, 64, 65, 100, 2_000]

    @Test("of keys gives back its entries, all of them and each by its id", arguments: KeyMix.allCases, counts)
    func keyRoundTrip(mix: KeyMix, count: Int) throws {
        for seed in 0..<Repetitions.of(2) {
            var random = SplitMix64(seed: UInt64(seed))
            var plain = keyEntries(mix, count, &random)
            plain = Array(plain.prefix(KeyBlock.fittingCount(DictionaryEntries(plain))))
            let bytes = KeyBlock.bytes(of: DictionaryEntries(plain))
            let decoded = try KeyBlock.plain(bytes)
            #expect(decoded == plain)
            #expect(bytes.count + 4 <= KeyBlock.entryBytesMax)
            #expect(KeyBlock.isValid(bytes, keyBytes: 4))
            let byID = Dictionary(uniqueKeysWithValues: plain.map { ($0.id, $0.key) })
            for id in Set(plain.flatMap { [$0.id, $0.id &- 1, $0.id &+ 1] }) {
                let found = try KeyBlock.key(of: id, in: bytes.span.bytes)
                #expect(found == byID[id])
            }
        }
    }

    @Test(
        "of ids gives back its entries, all of them and each by its key",
        arguments: [.smallIntegers, .sparseIntegers, .strings, .longStrings] as [KeyMix], counts)
    func idRoundTrip(mix: KeyMix, count: Int) throws {
        for seed in 0..<Repetitions.of(2) {
            var random = SplitMix64(seed: UInt64(seed))
            var plain = idEntries(mix, count, &random)
            plain = Array(plain.prefix(IDBlock.fittingCount(DictionaryEntries(plain))))
            let bytes = IDBlock.bytes(of: DictionaryEntries(plain))
            let keyBytes = plain[0].key.encoded.count
            let decoded = try IDBlock.plain(bytes)
            #expect(decoded == plain)
            #expect(bytes.count + keyBytes <= IDBlock.entryBytesMax)
            #expect(IDBlock.isValid(bytes, keyBytes: keyBytes))
            let byKey = Dictionary(uniqueKeysWithValues: plain.map { ($0.key, $0.id) })
            for key in plain.map(\.key) + random.ascendingKeys(mix, 200) {
                let found = try id(of: key, in: bytes)
                #expect(found == byKey[key])
            }
        }
    }

    private func id(of key: NodeKey, in bytes: [UInt8]) throws -> UInt32? {
        if let integer = key.integer { return try IDBlock.id(of: integer, in: bytes.span.bytes) }
        let utf8 = Array(key.description.utf8)
        return try IDBlock.id(of: utf8.span.bytes, in: bytes.span.bytes)
    }

    @Test("of no block takes all that fits: what an extent says is what is written")
    func extents() throws {
        for mix in KeyMix.allCases {
            var random = SplitMix64(seed: 5)
            let keyed = DictionaryEntries(keyEntries(mix, 2_000, &random))
            let fitting = KeyBlock.fittingCount(keyed)
            var writer = DictionaryBlockWriter()
            KeyBlock.encode(KeyBlock.Extent(0..<fitting + 1, of: keyed), from: 0, of: keyed, into: &writer)
            #expect(writer.bytes.count + 4 > KeyBlock.entryBytesMax)
            guard mix != .mixed else { continue }
            let plain = idEntries(mix, 2_000, &random)
            let entries = DictionaryEntries(plain)
            let tooMany = IDBlock.Extent(0..<IDBlock.fittingCount(entries) + 1, of: entries)
            IDBlock.encode(tooMany, from: 0, of: entries, into: &writer)
            #expect(writer.bytes.count + plain[0].key.encoded.count > IDBlock.entryBytesMax)
        }
    }

    @Test("of keys that is extended is the one its entries encode to", arguments: KeyMix.allCases)
    func extending(mix: KeyMix) throws {
        var random = SplitMix64(seed: 21)
        var extended = 0
        for round in 0..<Repetitions.of(75) {
            let count = [1, 2, 7, 60, 700][round % 5]
            var plain = keyEntries(mix, count + 1, &random)
            plain = Array(plain.prefix(KeyBlock.fittingCount(DictionaryEntries(plain)) + 1))
            guard plain.count > 1 else { continue }
            let last = plain.removeLast()
            let bytes = KeyBlock.bytes(of: DictionaryEntries(plain))
            var writer = DictionaryBlockWriter()
            if try KeyBlock.extend(bytes.span.bytes, by: last.key, id: last.id, into: &writer) {
                extended += 1
                #expect(writer.bytes == KeyBlock.bytes(of: DictionaryEntries(plain + [last])))
                #expect(KeyBlock.isValid(writer.bytes, keyBytes: 4))
            }
        }
        // Long strings are so few in a block that the width of their ends always grows.
        #expect(mix == .longStrings || extended > 1, "\(extended) were extended")
    }

    @Test("has known bytes")
    func knownBytes() throws {
        let keys = KeyBlock.bytes(
            of: DictionaryEntries([
                PlainEntry(id: 300, key: 7), PlainEntry(id: 301, key: 10), PlainEntry(id: 302, key: 5),
            ]))
        // form, check, count; ids from 300 without a hole; keys from 5, 3 bits each: 2, 5, 0
        #expect(keys == [0, keys[1], 3, 0xAC, 0x02, 0, 5, 3, 0b00_101_010, 0])
        let texts = KeyBlock.bytes(
            of: DictionaryEntries([PlainEntry(id: 4, key: "bob"), PlainEntry(id: 7, key: 256)]))
        // ids from 4, gaps less 1 of 2 bits: 2; ends from 4, 2 bits each: 0, 3; then the keys
        #expect(
            texts == [1, texts[1], 2, 4, 2, 0b10, 4, 2, 0b1100, 9, 0x62, 0x6F, 0x62, 2, 1, 0])
        let integers = IDBlock.bytes(
            of: DictionaryEntries([
                PlainEntry(id: 9, key: 100), PlainEntry(id: 8, key: 101), PlainEntry(id: 11, key: 104),
            ]))
        // keys from 100, gaps less 1 of 2 bits: 0, 2; ids from 8, 2 bits each: 1, 0, 3
        #expect(integers == [0, integers[1], 3, 100, 2, 0b1000, 8, 2, 0b11_00_01])
        let strings = IDBlock.bytes(
            of: DictionaryEntries([PlainEntry(id: 1, key: "alice"), PlainEntry(id: 0, key: "alicia")]))
        // ids from 0, 1 bit each: 1, 0; "alice" whole; "alicia" shares 4 bytes and has 2 more
        #expect(
            strings == [1, strings[1], 2, 0, 1, 0b01, 5, 0x61, 0x6C, 0x69, 0x63, 0x65, 4, 2, 0x69, 0x61])
        for bytes in [keys, texts, integers, strings] {
            #expect(bytes[1] == CRC32C.checkByte(of: bytes.span.bytes))
        }
    }

    /// Reads the bytes in every way there is; a load outside them, or a trap, would end the process.
    private func readEverything(_ bytes: [UInt8], _ random: inout SplitMix64) -> Int {
        var read = 0
        var entries = DictionaryEntries()
        if (try? KeyBlock.decode(bytes.span.bytes, into: &entries)) != nil {
            read += 1
            #expect(zip(entries.ids, entries.ids.dropFirst()).allSatisfy { $0 < $1 })
            _ = KeyBlock.bytes(of: entries)
        }
        for id in entries.ids.prefix(40) + [0, random.next32(), .max] {
            _ = try? KeyBlock.key(of: id, in: bytes.span.bytes)
        }
        var writer = DictionaryBlockWriter()
        _ = try? KeyBlock.extend(bytes.span.bytes, by: 5, id: random.next32(), into: &writer)
        if let last = entries.ids.last, last < .max {
            for key in [5, "a"] as [NodeKey] {
                _ = try? KeyBlock.extend(bytes.span.bytes, by: key, id: last + 1, into: &writer)
            }
        }
        entries.removeAll()
        if (try? IDBlock.decode(bytes.span.bytes, into: &entries)) != nil {
            read += 1
            _ = IDBlock.bytes(of: entries)
        }
        for index in 0..<min(entries.count, 40) {
            if let key = try? entries.key(at: index) { _ = try? id(of: key, in: bytes) }
        }
        for mix in KeyMix.allCases { _ = try? id(of: random.key(mix), in: bytes) }
        _ = KeyBlock.isValid(bytes, keyBytes: 4)
        _ = IDBlock.isValid(bytes, keyBytes: 4)
        return read
    }

    @Test("read from random bytes gives entries or an error")
    func randomBytes() {
        var random = SplitMix64(seed: 11)
        var read = 0
        for round in 0..<Repetitions.of(2_000) {
            let count = Int.random(in: 0...[12, 40, 300][round % 3], using: &random)
            var bytes = (0..<count).map { _ in UInt8.random(in: 0...255, using: &random) }
            // Heads that are right, and small numbers, lead further in.
            if count > 0 { bytes[0] &= 1 }
            if count > 2, Bool.random(using: &random) { bytes[2] = UInt8.random(in: 1...5, using: &random) }
            for place in bytes.indices.dropFirst(2) where Bool.random(using: &random) { bytes[place] &= 0x0F }
            read += readEverything(bytes, &random)
        }
        #expect(read > 2, "the bytes lead nowhere: \(read) blocks")
    }

    @Test("with bytes changed, cut or added gives entries or an error", arguments: KeyMix.allCases)
    func changedBytes(mix: KeyMix) {
        var random = SplitMix64(seed: 12)
        var read = 0
        for round in 0..<24 {
            let count = [1, 2, 17, 40, 100, 700][round % 6]
            var plain = keyEntries(mix, count, &random)
            plain = Array(plain.prefix(KeyBlock.fittingCount(DictionaryEntries(plain))))
            var blocks = [KeyBlock.bytes(of: DictionaryEntries(plain))]
            if mix != .mixed {
                plain = idEntries(mix, count, &random)
                plain = Array(plain.prefix(IDBlock.fittingCount(DictionaryEntries(plain))))
                blocks.append(IDBlock.bytes(of: DictionaryEntries(plain)))
            }
            for original in blocks {
                for _ in 0..<10 {
                    var bytes = original
                    switch Int.random(in: 0..<4, using: &random) {
                    case 0: bytes.removeLast(Int.random(in: 1...bytes.count, using: &random))
                    case 1: bytes.append(UInt8.random(in: 0...255, using: &random))
                    case 2:
                        bytes[Int.random(in: 0..<min(12, bytes.count), using: &random)] = UInt8(random.next32() & 0xFF)
                    default: bytes[Int.random(in: 0..<bytes.count, using: &random)] ^= 1 << UInt8(random.next32() & 7)
                    }
                    read += readEverything(bytes, &random)
                }
            }
        }
        #expect(read > 8)
    }

    @Test(
        "with one byte changed is found by its check byte or its form, all but one in a hundred",
        arguments: KeyMix.allCases)
    func corruption(mix: KeyMix) {
        var random = SplitMix64(seed: 13)
        var changes = 0
        var unseen = 0
        for count in [1, 5, 40, 300] {
            var keyed = keyEntries(mix, count, &random)
            keyed = Array(keyed.prefix(KeyBlock.fittingCount(DictionaryEntries(keyed))))
            let keys = KeyBlock.bytes(of: DictionaryEntries(keyed))
            for place in keys.indices {
                var bytes = keys
                bytes[place] ^= UInt8.random(in: 1...255, using: &random)
                changes += 1
                if KeyBlock.isValid(bytes, keyBytes: 4) { unseen += 1 }
            }
            guard mix != .mixed else { continue }
            var plain = idEntries(mix, count, &random)
            plain = Array(plain.prefix(IDBlock.fittingCount(DictionaryEntries(plain))))
            let ids = IDBlock.bytes(of: DictionaryEntries(plain))
            for place in ids.indices {
                var bytes = ids
                bytes[place] ^= UInt8.random(in: 1...255, using: &random)
                changes += 1
                if IDBlock.isValid(bytes, keyBytes: 1) { unseen += 1 }
            }
        }
        #expect(unseen * 100 < changes, "\(unseen) of \(changes)")
    }

    @Test("that holds its entries in another way than the one there is, is refused")
    func canonicalForm() {
        let blocks: [[UInt8]] = [
            // A count and a base of needless bytes, a width too wide, a base too small, bits after the last number.
            [0, 0, 0x82, 0x00, 4, 0, 5, 1, 0b10], [0, 0, 2, 0x84, 0x00, 0, 5, 1, 0b10], [0, 0, 2, 4, 0, 5, 2, 0b0100],
            [0, 0, 2, 4, 0, 4, 2, 0b1001], [0, 0, 2, 4, 0, 5, 1, 0b110], [0, 0, 2, 4, 1, 0, 5, 1, 0b10],
        ]
        for block in blocks {
            var bytes = block
            bytes[1] = CRC32C.checkByte(of: bytes.span.bytes)
            var entries = DictionaryEntries()
            var writer = DictionaryBlockWriter()
            #expect((try? KeyBlock.decode(bytes.span.bytes, into: &entries)) != nil)
            #expect(throws: DictionaryBlockError.notCanonical) {
                try KeyBlock.validate(bytes.span.bytes, keyBytes: 4, into: &entries, writer: &writer)
            }
        }
    }
}

extension SplitMix64 {
    fileprivate mutating func next32() -> UInt32 {
        UInt32(truncatingIfNeeded: next())
    }
}
