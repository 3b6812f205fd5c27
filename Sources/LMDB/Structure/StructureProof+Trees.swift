extension StructureProof {
    /// What the leaves of a tree hold.
    enum Contents {
        /// The records of tables.
        case tables
        /// Lists of free pages, by transaction.
        case freePages
        /// Anything.
        case values
    }

    /// An entry of a leaf: a node that lies in its page, and the first of the overflow pages that its value has, if it has.
    struct TreeEntry {
        let page: PageBytes
        let node: PageBytes.Node
        let overflow: PageBytes?
    }

    /// What is called for each entry.
    typealias Visitor = (inout StructureProof, TreeEntry) throws -> Void

    /// A page on the way down, and the separators its keys lie between.
    private struct Level {
        var page: PageBytes
        var isLeaf = false
        /// The next node of a branch to descend from.
        var next = 0
        /// No key is less.
        var lower: TreeKey?
        /// All keys are less.
        var upper: TreeKey?
    }

    /// What is known of a tree while it is walked.
    struct Walk {
        let name: String
        let contents: Contents
        let record: TreeRecord
        var found = TreeRecord.Size()
        /// The size of integer keys, once one was met.
        var keyBytes: Int?

        var hasIntegerKeys: Bool { record.flags & TreeRecord.integerKeys != 0 }
    }

    /// Walks the tree of `record`, and visits its entries in the order of keys; answers the size of its integer keys.
    ///
    /// A page that is not as it must be is noted, and nothing below it is followed.
    @discardableResult
    mutating func walk(
        _ record: TreeRecord, named name: String, _ contents: Contents, _ visit: Visitor
    ) throws -> Int? {
        let noted = report.problemCount
        var walk = Walk(name: name, contents: contents, record: record)
        if record.root == PageBytes.noPage {
            if record.depth != 0 { note(name, "the tree has no root and depth \(record.depth)") }
        } else if record.depth < 1 || record.depth > PageBytes.depthMax {
            note(name, "the tree has depth \(record.depth), and LMDB's have 1 to \(PageBytes.depthMax)")
        } else {
            try descend(&walk, visit)
        }
        // Counts of a tree of which a part could not be followed say nothing more.
        if report.problemCount == noted, walk.found != record.size {
            note(
                name,
                "the tree's record says \(StructureProof.describe(record.size)), and \(StructureProof.describe(walk.found)) were found"
            )
        }
        return walk.keyBytes
    }

    private static func describe(_ size: TreeRecord.Size) -> String {
        "\(size.entries) entries in \(size.branchPages) branch, \(size.leafPages) leaf and \(size.overflowPages) overflow pages"
    }

    /// Depth first, with one page in memory for each level.
    private mutating func descend(_ walk: inout Walk, _ visit: Visitor) throws {
        var levels = (0..<walk.record.depth).map { _ in Level(page: PageBytes(count: 0)) }
        var depth = 0
        guard try open(walk.record.root, at: 0, from: nil, (nil, nil), &levels, &walk, visit) else { return }
        while depth >= 0 {
            guard !levels[depth].isLeaf, levels[depth].next < levels[depth].page.nodeCount else {
                depth -= 1
                continue
            }
            let index = levels[depth].next
            levels[depth].next += 1
            let page = levels[depth].page
            // The first separator means nothing: what is left of all others is bounded from above the page.
            let lower = index == 0 ? levels[depth].lower : key(of: page.node(index), in: page, walk)
            let upper =
                index + 1 < page.nodeCount ? key(of: page.node(index + 1), in: page, walk) : levels[depth].upper
            let child = page.node(index).child
            if try open(child, at: depth + 1, from: page.number, (lower, upper), &levels, &walk, visit) { depth += 1 }
        }
    }

    /// Reads and checks a page of a level; false when nothing below it can be followed.
    private mutating func open(
        _ number: UInt64, at depth: Int, from parent: UInt64?, _ bounds: (lower: TreeKey?, upper: TreeKey?),
        _ levels: inout [Level], _ walk: inout Walk, _ visit: Visitor
    ) throws -> Bool {
        let source = parent.map { "page \($0)" } ?? "the tree's record"
        guard claim(number, 1, walk.name, source) else { return false }
        var page = PageBytes(count: pageBytes)
        guard try read(number, into: &page) else {
            note(walk.name, "page \(number), which \(source) leads to, is not in the file")
            return false
        }
        let isLeaf = depth + 1 == walk.record.depth
        guard checkForm(of: page, number, isLeaf: isLeaf, isRoot: depth == 0, walk),
            checkKeys(of: page, isLeaf: isLeaf, bounds, &walk)
        else { return false }
        usedPages?.note(page, of: walk.name, isLeaf: isLeaf)
        if isLeaf {
            walk.found.leafPages += 1
            walk.found.entries += UInt64(page.nodeCount)
            for index in 0..<page.nodeCount {
                let node = page.node(index)
                let overflow = node.isBig ? try readOverflow(of: node, in: page, &walk) : nil
                if node.isBig, overflow == nil { continue }
                try visit(&self, TreeEntry(page: page, node: node, overflow: overflow))
            }
            return false
        }
        walk.found.branchPages += 1
        levels[depth] = Level(page: page, lower: bounds.lower, upper: bounds.upper)
        return true
    }

    /// Notes that pages are in use; false when they are not there to be used, or are in use already.
    mutating func claim(_ first: UInt64, _ count: UInt64, _ tree: String, _ source: String) -> Bool {
        guard first >= 2, first < pageCount, count <= pageCount - first else {
            note(
                tree,
                "\(source) leads to \(count == 1 ? "page \(first)" : "\(count) pages from \(first) on"), and the last page is "
                    + "\(pageCount - 1)")
            return false
        }
        for page in first..<first + count where !reached.insert(page) {
            note(tree, "\(source) leads to page \(page), which is in use already")
            return false
        }
        return true
    }

    /// The first page of a value that has pages of its own; nil when it is none, or they are too few or not in the file.
    private mutating func readOverflow(
        of node: PageBytes.Node, in page: PageBytes, _ walk: inout Walk
    ) throws -> PageBytes? {
        let number: UInt64 = page.integer(at: node.data)
        let source = "a value on page \(page.number)"
        guard claim(number, 1, walk.name, source) else { return nil }
        var first = PageBytes(count: pageBytes)
        guard try read(number, into: &first) else {
            note(walk.name, "page \(number), which \(source) leads to, is not in the file")
            return nil
        }
        // OVPAGES: the header of the first page, then the value.
        let needed = UInt64((PageBytes.headerBytes - 1 + node.dataBytes) / pageBytes + 1)
        guard first.number == number, first.flags == PageBytes.Flag.overflow, first.overflowPages >= needed else {
            note(
                walk.name,
                "page \(number) is to begin \(needed) overflow pages, and says it is page \(first.number), flags "
                    + "\(first.flags), \(first.overflowPages) pages")
            return nil
        }
        if first.overflowPages > 1 {
            guard claim(number + 1, first.overflowPages - 1, walk.name, source) else { return nil }
        }
        guard number + first.overflowPages <= filePages else {
            note(walk.name, "the value of \(first.overflowPages) pages from page \(number) on is cut off")
            return nil
        }
        usedPages?.note(valueOf: node.dataBytes, on: first, of: walk.name)
        walk.found.overflowPages += first.overflowPages
        return first
    }
}
