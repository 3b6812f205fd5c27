extension StructureProof {
    /// Whether a branch or a leaf is laid out as LMDB lays it out: number, kind, index, and nodes that fill it without a gap.
    mutating func checkForm(
        of page: PageBytes, _ number: UInt64, isLeaf: Bool, isRoot: Bool, _ walk: Walk
    ) -> Bool {
        guard page.number == number else {
            note(walk.name, "page \(number) says it is page \(page.number)")
            return false
        }
        guard page.flags == (isLeaf ? PageBytes.Flag.leaf : PageBytes.Flag.branch) else {
            note(walk.name, "page \(number) has flags \(page.flags) where a \(isLeaf ? "leaf" : "branch") belongs")
            return false
        }
        let (lower, upper) = (page.lower, page.upper)
        guard lower >= PageBytes.headerBytes, lower % 2 == 0, lower <= upper, upper <= pageBytes, upper % 2 == 0 else {
            note(walk.name, "page \(number) has its free bytes from \(lower) to \(upper)")
            return false
        }
        // LMDB asserts that a branch has two; but for the root of the free list, which it may leave with one.
        let countMin = isLeaf || walk.contents == .freePages ? 1 : 2
        guard page.nodeCount >= countMin else {
            note(walk.name, "page \(number) has \(page.nodeCount) nodes of at least \(countMin)")
            return false
        }
        return checkNodes(of: page, isLeaf: isLeaf, walk)
    }

    /// Whether each node begins where the one before it in the page's bytes ends, to the page's end.
    private mutating func checkNodes(of page: PageBytes, isLeaf: Bool, _ walk: Walk) -> Bool {
        // Which node begins at an even offset, and one more: 0 for none.
        var indexes = [UInt16](repeating: 0, count: pageBytes / 2)
        for index in 0..<page.nodeCount {
            let offset = Int(page.integer(at: PageBytes.headerBytes + 2 * index, UInt16.self))
            guard offset >= page.upper, offset % 2 == 0, offset + PageBytes.Node.headerBytes <= pageBytes,
                indexes[offset / 2] == 0
            else {
                note(walk.name, "page \(page.number) has node \(index) at offset \(offset), where none can be")
                return false
            }
            indexes[offset / 2] = UInt16(index + 1)
        }
        var offset = page.upper
        for _ in 0..<page.nodeCount {
            guard offset < pageBytes, indexes[offset / 2] > 0 else {
                note(walk.name, "page \(page.number) has no node at offset \(offset), where one ends")
                return false
            }
            let node = page.node(Int(indexes[offset / 2]) - 1)
            guard checkNode(node, in: page, isLeaf: isLeaf, walk) else { return false }
            offset = node.offset + (node.bytes(inLeaf: isLeaf) + 1) & ~1
        }
        guard offset == pageBytes else {
            note(walk.name, "page \(page.number) has nodes that end at offset \(offset) of \(pageBytes)")
            return false
        }
        return true
    }

    /// Whether a node has flags and sizes that LMDB gives one of its kind.
    private mutating func checkNode(_ node: PageBytes.Node, in page: PageBytes, isLeaf: Bool, _ walk: Walk) -> Bool {
        let bytes = node.bytes(inLeaf: isLeaf)
        guard node.offset + bytes <= pageBytes, bytes <= PageBytes.nodeBytesMax(pageBytes: pageBytes) else {
            note(walk.name, "page \(page.number) has a node of \(bytes) bytes at offset \(node.offset)")
            return false
        }
        guard isLeaf else { return true }
        // Big values are in overflow pages because they would not fit here.
        let allowed: [UInt16] =
            walk.contents == .tables ? [PageBytes.Node.Flag.subData] : [0, PageBytes.Node.Flag.bigData]
        guard allowed.contains(node.flags) else {
            note(walk.name, "page \(page.number) has a node with flags \(node.flags) at offset \(node.offset)")
            return false
        }
        return true
    }

    /// Whether keys have sizes LMDB can compare, ascend, and lie between the separators above.
    mutating func checkKeys(
        of page: PageBytes, isLeaf: Bool, _ bounds: (lower: TreeKey?, upper: TreeKey?), _ walk: inout Walk
    ) -> Bool {
        var previous: TreeKey?
        // LMDB never compares the key of a branch's first node.
        for index in (isLeaf ? 0 : 1)..<page.nodeCount {
            let node = page.node(index)
            guard checkKeySize(of: node, in: page, &walk) else { return false }
            let key = key(of: node, in: page, walk)
            if let previous, key <= previous {
                note(walk.name, "page \(page.number) has keys that do not ascend, at node \(index)")
                return false
            }
            if let lower = bounds.lower, key < lower {
                note(
                    walk.name,
                    "page \(page.number) has a key less than the separator that leads to it, at node \(index)")
                return false
            }
            if let upper = bounds.upper, key >= upper {
                note(
                    walk.name, "page \(page.number) has a key not less than the separator behind it, at node \(index)")
                return false
            }
            previous = key
        }
        return true
    }

    private mutating func checkKeySize(of node: PageBytes.Node, in page: PageBytes, _ walk: inout Walk) -> Bool {
        let isRight: Bool
        if walk.contents == .freePages {
            isRight = node.keyBytes == 8
        } else if walk.hasIntegerKeys {
            let expected = walk.keyBytes ?? node.keyBytes
            isRight = node.keyBytes == expected && (expected == 4 || expected == 8)
            walk.keyBytes = expected
        } else {
            // MDB_MAXKEYSIZE.
            isRight = (1...511).contains(node.keyBytes)
        }
        if !isRight {
            note(walk.name, "page \(page.number) has a key of \(node.keyBytes) bytes at offset \(node.offset)")
        }
        return isRight
    }

    /// The key of a node whose size was checked.
    func key(of node: PageBytes.Node, in page: PageBytes, _ walk: Walk) -> TreeKey {
        guard walk.hasIntegerKeys || walk.contents == .freePages else { return .bytes(Array(page.bytes[node.key])) }
        return node.keyBytes == 4
            ? .integer(UInt64(page.integer(at: node.key.lowerBound, UInt32.self)))
            : .integer(page.integer(at: node.key.lowerBound))
    }
}
