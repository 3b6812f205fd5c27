import CLMDB
import Glibc

/// Where values lie that were looked up lately, so that looking them up again descends no tree.
///
/// A descent waits for a dozen cache lines of branch and leaf pages, one after the other; a place noted here for one. LMDB
/// never writes to a page that a commit's readers see, so a value lies where it was found for as long as that commit is the
/// one that is read, by this transaction and by those that have its handle later. Of any other commit a note says nothing.
/// ```
/// slot of key and table: key | commit, table | address, bytes        direct-mapped: the latest note of a slot stays
/// ```
/// Keys that start with a node's id find those of small ids, the popular ones, all at once.
///
/// **Unsafety:** addresses into the map. Who makes the map anew forgets them first: ``forget()``.
@safe final class LookupCache {
    private struct Place {
        var key: UInt64
        /// The commit's number, then 16 bits of the table's; 0 in a slot that is free.
        var state: UInt64
        /// The address, then 16 bits of byte count.
        var value: UInt64
    }

    private static let slotCount = 1 << 16
    private let places: UnsafeMutablePointer<Place>

    init() {
        guard let memory = unsafe calloc(LookupCache.slotCount, MemoryLayout<Place>.stride) else {
            preconditionFailure("out of memory for the places of \(LookupCache.slotCount) values")
        }
        unsafe places = memory.bindMemory(to: Place.self, capacity: LookupCache.slotCount)
    }

    deinit {
        unsafe free(places)
    }

    private static func slot(of key: UInt64, in database: MDB_dbi) -> Int {
        // Tables begin at places apart, so that the popular nodes of one are not those of another.
        Int(truncatingIfNeeded: (key >> 32 ^ key) &+ UInt64(database) &* 0x9E37) & (slotCount - 1)
    }

    private static func state(_ commit: UInt64, _ database: MDB_dbi) -> UInt64 {
        commit &<< 16 | UInt64(UInt16(truncatingIfNeeded: database))
    }

    /// Asks for the slot of `key`.
    func prefetch(_ key: UInt64, in database: MDB_dbi) {
        unsafe lmdb_prefetch(places + LookupCache.slot(of: key, in: database))
    }

    /// The value of `key` as of `commit`, when its place is noted.
    @unsafe
    func value(of key: UInt64, in database: MDB_dbi, at commit: UInt64) -> MDB_val? {
        let place = unsafe places[LookupCache.slot(of: key, in: database)]
        guard place.key == key, place.state == LookupCache.state(commit, database) else { return nil }
        return unsafe MDB_val(
            mv_size: Int(place.value & 0xFFFF), mv_data: UnsafeMutableRawPointer(bitPattern: UInt(place.value >> 16)))
    }

    /// Notes where the value of `key` lies as of `commit`.
    @unsafe
    func note(_ value: MDB_val, of key: UInt64, in database: MDB_dbi, at commit: UInt64) {
        let address = unsafe UInt64(UInt(bitPattern: value.mv_data))
        // Longer values have pages of their own, and addresses of 48 bits are all there are but for few machines.
        guard unsafe value.mv_size <= 0xFFFF, address < 1 << 48 else { return }
        let slot = LookupCache.slot(of: key, in: database)
        let state = LookupCache.state(commit, database)
        // The smaller key is the more popular node.
        if unsafe places[slot].state == state, unsafe places[slot].key < key { return }
        unsafe places[slot] = Place(
            key: key, state: state, value: unsafe address << 16 | UInt64(value.mv_size))
    }

    /// Forgets all, because the map may come to lie elsewhere.
    func forget() {
        unsafe memset(places, 0, LookupCache.slotCount * MemoryLayout<Place>.stride)
    }
}
