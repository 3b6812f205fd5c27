import Adjacency

/// The leaf pages of an LMDB table that is appended to: how full the last is, and how many there are.
///
/// ```
/// page    16 bytes of head, then for each entry: a place in the page's index (2), a node header (8), key, value;
///         an entry has an even number of bytes
/// ```
/// What is appended goes into the last page as long as it fits, so the size of a table is known before it is written.
struct PageFilling {
    /// How many leaf pages have entries.
    private(set) var pageCount = 0
    /// How many bytes the last page has left.
    private var room = 0

    /// The size of a page on machines with pages of 4 KiB.
    static let pageBytes = 4_096
    private static let roomMax = pageBytes - 16
    private static let entryHeadBytes = 8 + 2
    /// What an entry of an adjacency table takes besides its block.
    private static let blockEntryBytes = entryHeadBytes + 8
    /// A block is not cut shorter than this for the sake of a full page.
    private static let fillingBytesMin = 128

    /// How long the next neighbour block may be: what is left of the page, when that is worth it.
    var blockBytesMax: Int {
        let left = room - PageFilling.blockEntryBytes
        return left < PageFilling.fillingBytesMin
            ? NeighborBlock.blockBytesMax : min(left, NeighborBlock.blockBytesMax)
    }

    /// Notes an entry; answers how many bytes of the page it takes.
    mutating func add(keyBytes: Int, valueBytes: Int) -> Int {
        let bytes = (PageFilling.entryHeadBytes + keyBytes + valueBytes + 1) & ~1
        if bytes > room {
            room = PageFilling.roomMax
            pageCount += 1
        }
        room -= bytes
        return bytes
    }
}
