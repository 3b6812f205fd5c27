import CLMDB
import Glibc

/// What of a file its two committed states use; every other byte is left over from what was there before.
///
/// ```
/// meta page 0 ──> trees of the latest state ──┐
/// meta page 1 ──> trees of the state before ──┴─> the pages in use; most are in both
///
/// page in use     | header | index of nodes ->  |  unused  |  <- nodes |
/// overflow pages  | header | value ...                 |    unused    |
/// any other page  |                    unused                         |
/// ```
/// Each state is proved sound by ``StructureProof`` first, so no page is taken for unused because a tree is damaged.
/// Memory: two bytes for each page of the file, besides what the proof takes.
public final class UsedPages {
    let pageBytes: Int
    /// For each page the tree it belongs to: an index into ``trees``.
    private var owners: [UInt16]
    private var lastOwner: UInt16 = 0
    /// The names of trees; the first is that of no tree.
    private var trees = [UsedPages.unused, StructureProof.metaName]
    /// For each page of a value that has pages of its own how many of its bytes are in use.
    private var valueBytes: [Int: Int] = [:]
    /// The separators that were asked for and found: see ``Environment/usedPages(under:isWanted:onPage:)``.
    public private(set) var separators: [String: Set<[UInt8]>] = [:]
    private let isWanted: (_ tree: String, _ separator: [UInt8]) -> Bool

    /// The name of what no tree has.
    static let unused = "unused"

    init(pageBytes: Int, pageCount: Int, isWanted: @escaping (_ tree: String, _ separator: [UInt8]) -> Bool) {
        self.pageBytes = pageBytes
        owners = Array(repeating: 0, count: pageCount)
        self.isWanted = isWanted
        for page in 0..<min(2, pageCount) { owners[page] = 1 }
    }

    /// Notes a branch or a leaf of a tree.
    func note(_ page: PageBytes, of tree: String, isLeaf: Bool) {
        claim(page.number, of: tree)
        guard !isLeaf else { return }
        // The first of a branch means nothing to LMDB, and may be left over from before.
        for index in 0..<page.nodeCount {
            let separator = Array(page.bytes[page.node(index).key])
            if isWanted(tree, separator) { separators[tree, default: []].insert(separator) }
        }
    }

    /// Notes the overflow pages of a value of `bytes` bytes, which begins on the page `first`.
    func note(valueOf bytes: Int, on first: PageBytes, of tree: String) {
        var left = PageBytes.headerBytes + bytes
        for page in first.number..<first.number + first.overflowPages {
            claim(page, of: tree)
            valueBytes[Int(page)] = min(left, pageBytes)
            left -= min(left, pageBytes)
        }
    }

    private func claim(_ page: UInt64, of tree: String) {
        if trees[Int(lastOwner)] != tree {
            lastOwner = UInt16(trees.firstIndex(of: tree) ?? trees.count)
            if Int(lastOwner) == trees.count { trees.append(tree) }
        }
        owners[Int(page)] = lastOwner
    }

    /// The tree that a page belongs to.
    func tree(of page: Int) -> String {
        page < owners.count ? trees[Int(owners[page])] : UsedPages.unused
    }

    /// The bytes of the page `number` that are not in use; its bytes are `page`.
    func unusedBytes(of number: Int, _ page: UnsafeRawBufferPointer) -> Range<Int> {
        guard number >= 2 else { return 0..<0 }
        guard number < owners.count, owners[number] != 0 else { return 0..<page.count }
        if let bytes = valueBytes[number] { return bytes..<page.count }
        // A branch or a leaf, which has been proved to be one: mp_lower and mp_upper.
        let lower = unsafe page.loadUnaligned(fromByteOffset: 12, as: UInt16.self)
        let upper = unsafe page.loadUnaligned(fromByteOffset: 14, as: UInt16.self)
        return Int(UInt16(littleEndian: lower))..<Int(UInt16(littleEndian: upper))
    }
}
