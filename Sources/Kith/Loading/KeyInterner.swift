import Foundation
import Glibc
import Synchronization

/// Gives every key of one kind a provisional id, from many threads at once.
///
/// Two open-addressing tables, one of integers and one of strings, with linear probing and at most half full. A key that
/// is there is found without a lock; one that is not is put in under the lock. A table that grows is copied into a larger
/// one, and the old one stays until the end, for the threads that still look into it: a miss there is only a reason to
/// look again under the lock.
///
/// Provisional ids are dense from 0, in the order threads happened to come: ``NodeOrder`` gives the ids of the store.
///
/// **Unsafety:** slots are written before their id is published with release ordering, and read after it was loaded with
/// acquire ordering. Strings lie in memory that is never moved.
@safe final class KeyInterner: @unchecked Sendable {
    /// One place of a table. `id` 0 is free; else the provisional id and 1.
    private struct Slot: ~Copyable {
        let id = Atomic<UInt32>(0)
        /// The low half of a string's hash; 0 for an integer.
        var hash: UInt32 = 0
        /// An integer, or the address of a string: its length in two bytes, then its UTF-8.
        var word: UInt64 = 0
    }

    /// A table of a power of two of slots. The slot before the first holds what the number of slots is, less 1, so that
    /// one address is all of a table and can be exchanged at once.
    @unsafe private struct Table {
        let slots: UnsafeMutablePointer<Slot>
        let mask: Int

        init(capacity: Int) {
            // calloc gives pages that are zero without touching them, and a free slot is all zeros.
            guard let memory = unsafe calloc(capacity + 1, MemoryLayout<Slot>.stride) else {
                fatalError("there is no memory for the keys of a load: \(capacity) places of 16 bytes")
            }
            unsafe LargePages.ask(for: memory, (capacity + 1) * MemoryLayout<Slot>.stride)
            unsafe slots = unsafe memory.bindMemory(to: Slot.self, capacity: capacity + 1) + 1
            unsafe mask = capacity - 1
            unsafe slots[-1].word = UInt64(capacity - 1)
        }

        @inline(__always)
        init(address: UInt) {
            unsafe slots = unsafe UnsafeMutablePointer(bitPattern: address).unsafelyUnwrapped
            unsafe mask = unsafe Int(truncatingIfNeeded: slots[-1].word)
        }

        var address: UInt { unsafe UInt(bitPattern: slots) }
    }

    /// The table in use, and those it took the place of.
    ///
    /// A class, so that nothing but the one address is shared by threads that look keys up and the one that puts in a table.
    @safe private final class Tables: @unchecked Sendable {
        private let address: Atomic<UInt>
        private var all: [UInt]

        init() {
            let table = unsafe Table(capacity: KeyInterner.startCapacity)
            address = unsafe Atomic(table.address)
            all = unsafe [table.address]
        }

        deinit {
            for address in all { unsafe free(Table(address: address).slots - 1) }
        }

        /// The table to look into now.
        @inline(__always)
        var current: Table { unsafe Table(address: address.load(ordering: .acquiring)) }

        func replace(by table: Table) {
            unsafe all.append(table.address)
            unsafe address.store(table.address, ordering: .releasing)
        }

        /// Leaves an empty table alone. Not while threads look into one.
        func removeAll() {
            let before = all
            all = []
            unsafe replace(by: Table(capacity: 2))
            for address in before { unsafe free(Table(address: address).slots - 1) }
        }

        var byteCount: Int {
            var bytes = 0
            for address in all { bytes += unsafe (Table(address: address).mask + 2) * MemoryLayout<Slot>.stride }
            return bytes
        }
    }

    private static let startCapacity = 1 << 12
    private static let arenaBytes = 1 << 20

    private let integers = Tables()
    private let strings = Tables()
    /// Held while a key is put in.
    private let lock = NSLock()
    private var integerCount = 0
    /// What the key of a provisional id is: an integer, or the address of a string.
    private(set) var words: [UInt64] = []
    /// Which ids are strings; empty when none is.
    private(set) var stringFlags: [Bool] = []
    private var arenas: [UnsafeMutableRawPointer] = unsafe []
    private var arenaOffset = arenaBytes

    deinit {
        for index in unsafe arenas.indices { unsafe arenas[index].deallocate() }
    }

    /// How many keys there are. Not while threads put keys in.
    var count: Int { words.count }

    /// How much memory the keys take, about. Any thread, at any time.
    var byteCount: Int {
        lock.withLock {
            let stringBytes = unsafe arenas.count * KeyInterner.arenaBytes
            return integers.byteCount + strings.byteCount + words.count * 9 + stringBytes
        }
    }

    /// The key of a provisional id while other threads add keys. Any thread.
    func keyAmidAdditions(_ provisional: UInt32) throws(NodeKeyError) -> NodeKey {
        lock.lock()
        defer { lock.unlock() }
        return try key(provisional)
    }

    /// How much memory it takes to grow: the next table, beside those there are, and the words copied. Any thread.
    var growthBytes: Int {
        lock.withLock {
            let slots = unsafe max(integers.current.mask, strings.current.mask) + 1
            return KeyInterner.grownCapacity(slots) * MemoryLayout<Slot>.stride + words.count * 18
        }
    }
}

extension KeyInterner {
    /// The ids of `count` integers.
    ///
    /// A first round touches each key's slot, so that the misses of the cache overlap; a second one compares.
    @unsafe
    func intern(_ keys: UnsafePointer<UInt64>, count: Int, into ids: UnsafeMutablePointer<UInt32>) {
        let batch = 64
        unsafe withUnsafeTemporaryAllocation(of: Int.self, capacity: batch) { places in
            let places = unsafe places.baseAddress.unsafelyUnwrapped
            var start = 0
            while start < count {
                let size = min(batch, count &- start)
                let table = unsafe integers.current
                let (slots, mask) = unsafe (table.slots, table.mask)
                for index in 0..<size {
                    let place = unsafe Int(truncatingIfNeeded: KeyInterner.hash(keys[start &+ index])) & mask
                    unsafe places[index] = place
                    unsafe ids[start &+ index] = unsafe slots[place].id.load(ordering: .acquiring)
                }
                for index in 0..<size {
                    let key = unsafe keys[start &+ index]
                    var place = unsafe places[index]
                    var id = unsafe ids[start &+ index]
                    while id != 0, unsafe slots[place].word != key {
                        place = (place &+ 1) & mask
                        id = unsafe slots[place].id.load(ordering: .acquiring)
                    }
                    unsafe ids[start &+ index] = id == 0 ? lock.withLock { insert(key) } : id &- 1
                }
                start &+= size
            }
        }
    }

    /// The id of an integer that was not found; under the lock.
    private func insert(_ key: UInt64) -> UInt32 {
        var table = unsafe integers.current
        var place = unsafe Int(truncatingIfNeeded: KeyInterner.hash(key)) & table.mask
        while true {
            let id = unsafe table.slots[place].id.load(ordering: .relaxed)
            if id == 0 { break }
            if unsafe table.slots[place].word == key { return id - 1 }
            place = unsafe (place + 1) & table.mask
        }
        integerCount += 1
        if unsafe integerCount * 2 > table.mask {
            unsafe table = unsafe KeyInterner.grown(table) { slot in KeyInterner.hash(slot.word) }
            unsafe integers.replace(by: table)
            place = unsafe KeyInterner.freePlace(KeyInterner.hash(key), in: table)
        }
        let id = UInt32(words.count)
        words.append(key)
        if !stringFlags.isEmpty { stringFlags.append(false) }
        unsafe table.slots[place].word = key
        unsafe table.slots[place].id.store(id + 1, ordering: .releasing)
        return id
    }

    /// The ids of `count` strings of 1 to 500 bytes, each told as its offset in `text` << 16 | its length.
    ///
    /// In rounds, like integers: first the slots are touched, then the strings of those with the right hash, then they are
    /// compared.
    @unsafe
    func intern(
        _ words: UnsafePointer<UInt64>, count: Int, in text: UnsafePointer<UInt8>,
        into ids: UnsafeMutablePointer<UInt32>
    ) {
        struct Lookup {
            let hash: UInt64
            /// The place of the slot's string in memory, once it is known.
            var word: UInt64 = 0
            /// That of the first slot of this hash, and 1; 0 when there is none.
            var id: UInt32 = 0
            var length: UInt16 = 0
        }
        let batch = 32
        unsafe withUnsafeTemporaryAllocation(of: Lookup.self, capacity: batch) { lookups in
            let lookups = unsafe lookups.baseAddress.unsafelyUnwrapped
            var start = 0
            while start < count {
                let size = min(batch, count &- start)
                let table = unsafe strings.current
                for index in 0..<size {
                    let hash = unsafe KeyInterner.hash(KeyInterner.bytes(words[start &+ index], in: text))
                    unsafe (lookups + index).initialize(to: Lookup(hash: hash))
                }
                // Apart from the hashes, which are long: so many slots are waited for at once.
                for index in 0..<size {
                    let place = unsafe Int(truncatingIfNeeded: lookups[index].hash &>> 32) & table.mask
                    unsafe lookups[index].id = unsafe table.slots[place].id.load(ordering: .acquiring)
                }
                for index in 0..<size where unsafe lookups[index].id != 0 {
                    let low = unsafe UInt32(truncatingIfNeeded: lookups[index].hash)
                    var place = unsafe Int(truncatingIfNeeded: lookups[index].hash &>> 32) & table.mask
                    var id = unsafe lookups[index].id
                    while id != 0, unsafe table.slots[place].hash != low {
                        place = unsafe (place &+ 1) & table.mask
                        id = unsafe table.slots[place].id.load(ordering: .acquiring)
                    }
                    unsafe lookups[index].id = id
                    if id == 0 { continue }
                    let word = unsafe table.slots[place].word
                    unsafe lookups[index].word = word
                    unsafe lookups[index].length = UInt16(
                        truncatingIfNeeded: KeyInterner.string(at: word).count)
                }
                for index in 0..<size {
                    let bytes = unsafe KeyInterner.bytes(words[start &+ index], in: text)
                    let lookup = unsafe lookups[index]
                    if lookup.id != 0, Int(lookup.length) == bytes.count,
                        unsafe KeyInterner.isString(bytes, at: lookup.word)
                    {
                        unsafe ids[start &+ index] = lookup.id &- 1
                    } else {
                        unsafe ids[start &+ index] = unsafe intern(bytes, lookup.hash)
                    }
                }
                start &+= size
            }
        }
    }

    @inline(__always)
    private static func bytes(_ word: UInt64, in text: UnsafePointer<UInt8>) -> UnsafeRawBufferPointer {
        unsafe UnsafeRawBufferPointer(
            start: text + Int(truncatingIfNeeded: word &>> 16), count: Int(truncatingIfNeeded: word & 0xFFFF))
    }

    /// Whether the string at an address, which has as many bytes, is `bytes`.
    @inline(__always)
    private static func isString(_ bytes: UnsafeRawBufferPointer, at address: UInt64) -> Bool {
        let string = unsafe string(at: address)
        return unsafe memcmp(
            string.baseAddress.unsafelyUnwrapped, bytes.baseAddress.unsafelyUnwrapped, bytes.count) == 0
    }

    /// The id of a string of 1 to 500 bytes.
    @unsafe
    func intern(_ bytes: UnsafeRawBufferPointer) -> UInt32 {
        unsafe intern(bytes, KeyInterner.hash(bytes))
    }

    private func intern(_ bytes: UnsafeRawBufferPointer, _ hash: UInt64) -> UInt32 {
        let table = unsafe strings.current
        if let id = unsafe find(bytes, hash, in: table).id { return id }
        return lock.withLock { unsafe insert(bytes, hash) }
    }

    /// The id of a key.
    func intern(_ key: NodeKey) -> UInt32 {
        switch key.form {
        case .integer(var value):
            var id: UInt32 = 0
            unsafe intern(&value, count: 1, into: &id)
            return id
        case .string(var text):
            return text.withUTF8 { unsafe intern(UnsafeRawBufferPointer($0)) }
        }
    }

    private func find(
        _ bytes: UnsafeRawBufferPointer, _ hash: UInt64, in table: Table
    ) -> (id: UInt32?, place: Int) {
        var place = unsafe Int(truncatingIfNeeded: hash >> 32) & table.mask
        let low = UInt32(truncatingIfNeeded: hash)
        while true {
            let id = unsafe table.slots[place].id.load(ordering: .acquiring)
            if id == 0 { return (nil, place) }
            if unsafe table.slots[place].hash == low {
                let string = unsafe KeyInterner.string(at: table.slots[place].word)
                if string.count == bytes.count, unsafe KeyInterner.isString(bytes, at: table.slots[place].word) {
                    return (id - 1, place)
                }
            }
            place = unsafe (place + 1) & table.mask
        }
    }

    /// The id of a string that was not found; under the lock.
    private func insert(_ bytes: UnsafeRawBufferPointer, _ hash: UInt64) -> UInt32 {
        var table = unsafe strings.current
        var (found, place) = unsafe find(bytes, hash, in: table)
        if let found { return found }
        if stringFlags.isEmpty { stringFlags = Array(repeating: false, count: words.count) }
        let stringCount = words.count - integerCount
        if unsafe (stringCount + 1) * 2 > table.mask {
            unsafe table = unsafe KeyInterner.grown(table) { slot in
                unsafe KeyInterner.hash(KeyInterner.string(at: slot.word)) >> 32
            }
            unsafe strings.replace(by: table)
            place = unsafe KeyInterner.freePlace(hash >> 32, in: table)
        }
        let id = UInt32(words.count)
        let address = unsafe keep(bytes)
        words.append(address)
        stringFlags.append(true)
        unsafe table.slots[place].hash = UInt32(truncatingIfNeeded: hash)
        unsafe table.slots[place].word = address
        unsafe table.slots[place].id.store(id + 1, ordering: .releasing)
        return id
    }

    /// Copies a string to where it stays.
    private func keep(_ bytes: UnsafeRawBufferPointer) -> UInt64 {
        if arenaOffset + 2 + bytes.count > KeyInterner.arenaBytes {
            unsafe arenas.append(.allocate(byteCount: KeyInterner.arenaBytes, alignment: 8))
            arenaOffset = 0
        }
        let place = unsafe arenas[arenas.count - 1] + arenaOffset
        unsafe place.storeBytes(of: UInt16(bytes.count), as: UInt16.self)
        unsafe (place + 2).copyMemory(from: bytes.baseAddress.unsafelyUnwrapped, byteCount: bytes.count)
        arenaOffset += 2 + bytes.count
        return UInt64(UInt(bitPattern: place))
    }

    @inline(__always)
    static func string(at address: UInt64) -> UnsafeRawBufferPointer {
        let place = unsafe UnsafeRawPointer(bitPattern: UInt(address)).unsafelyUnwrapped
        return unsafe UnsafeRawBufferPointer(
            start: place + 2, count: Int(place.loadUnaligned(as: UInt16.self)))
    }

    /// Four times the slots while a table is small, and twice when it is large.
    private static func grownCapacity(_ capacity: Int) -> Int {
        capacity < 1 << 20 ? capacity * 4 : capacity * 2
    }

    /// A larger copy of `table`.
    private static func grown(_ table: Table, _ hash: (borrowing Slot) -> UInt64) -> Table {
        let capacity = unsafe table.mask + 1
        let larger = unsafe Table(capacity: grownCapacity(capacity))
        for index in 0..<capacity {
            let id = unsafe table.slots[index].id.load(ordering: .relaxed)
            if id == 0 { continue }
            let place = unsafe freePlace(hash(table.slots[index]), in: larger)
            unsafe larger.slots[place].hash = unsafe table.slots[index].hash
            unsafe larger.slots[place].word = unsafe table.slots[index].word
            unsafe larger.slots[place].id.store(id, ordering: .relaxed)
        }
        return unsafe larger
    }

    private static func freePlace(_ hash: UInt64, in table: Table) -> Int {
        var place = unsafe Int(truncatingIfNeeded: hash) & table.mask
        while unsafe table.slots[place].id.load(ordering: .relaxed) != 0 { place = unsafe (place + 1) & table.mask }
        return place
    }
}

extension KeyInterner {
    /// Frees the tables; the keys stay. No key can be put in after that.
    func freeTables() {
        integers.removeAll()
        strings.removeAll()
    }
}
