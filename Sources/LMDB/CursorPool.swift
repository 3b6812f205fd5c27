import CLMDB

/// Cursors of a read transaction that are not in use, to be used again: opening one takes memory from the heap.
///
/// Stays with the transaction's handle when that is kept for the next reader.
///
/// **Unsafety:** `@unchecked`, because a handle is a pointer; a transaction is used by one thread at a time, and so is its
/// pool.
@safe public final class CursorPool: @unchecked Sendable {
    // Both are used at every lookup, where the runtime's check that nobody else uses them would be a tenth of the cost.
    @exclusivity(unchecked) private var idle: [OpaquePointer] = unsafe []
    @exclusivity(unchecked) private var madePlaces: LookupCache?
    /// Whether ``places`` were ever asked for, and of which map.
    private var notedGeneration: Int?
    /// More than a walk has open at once, over all tables of a large schema.
    private static let idleMax = 64

    init() {
        unsafe idle.reserveCapacity(CursorPool.idleMax)
    }

    /// Where values lie; made when first asked for.
    var places: LookupCache {
        if let made = unsafe madePlaces { return made }
        let made = LookupCache()
        unsafe madePlaces = made
        return made
    }

    /// An idle cursor in `database`, to be renewed; nil when none is idle.
    func take(_ database: MDB_dbi) -> OpaquePointer? {
        var place = unsafe idle.count - 1
        while place >= 0 {
            let cursor = unsafe idle[place]
            if unsafe mdb_cursor_dbi(cursor) == database {
                unsafe idle.swapAt(place, idle.count - 1)
                unsafe idle.removeLast()
                return unsafe cursor
            }
            place -= 1
        }
        return nil
    }

    /// Forgets what was noted of an earlier map; when a transaction begins.
    func begin(mapGeneration: Int) {
        if let notedGeneration, notedGeneration != mapGeneration { unsafe madePlaces?.forget() }
        notedGeneration = mapGeneration
    }

    /// Keeps a cursor that is not used any more.
    func give(_ cursor: OpaquePointer) {
        if unsafe idle.count < CursorPool.idleMax {
            unsafe idle.append(cursor)
        } else {
            unsafe mdb_cursor_close(cursor)
        }
    }

    /// Closes all; before the transaction ends for good.
    func close() {
        while let cursor = unsafe idle.popLast() { unsafe mdb_cursor_close(cursor) }
    }
}
