import Foundation
import Testing

@testable import LMDB

/// A fault of one kind: what is done to the bytes of a file, and what is to be said of it.
struct StructureFault: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let tree: String
    /// What stands in the message.
    let message: String
    let damage: @Sendable (inout DamagedFile) -> Void

    init(_ name: String, in tree: String, _ message: String, _ damage: @escaping @Sendable (inout DamagedFile) -> Void)
    {
        (testDescription, self.tree, self.message, self.damage) = (name, tree, message, damage)
    }

    static let pages: [StructureFault] = [
        .init("a leaf that says it is another page", in: "strings", "says it is page") {
            $0.set($0.stringLeaf + 1, at: $0.start($0.stringLeaf))
        },
        .init("a leaf that says it is a branch", in: "strings", "flags 1 where a leaf belongs") {
            $0.set(UInt16(1), at: $0.start($0.stringLeaf) + 10)
        },
        .init("a leaf that says it was not written yet", in: "strings", "flags 18 where a leaf belongs") {
            $0.set(UInt16(0x12), at: $0.start($0.stringLeaf) + 10)
        },
        .init("an index of nodes that ends behind the first node", in: "strings", "free bytes from") {
            $0.set(UInt16(4_000), at: $0.start($0.stringLeaf) + 12)
        },
        .init("a first node behind the page's end", in: "strings", "free bytes from") {
            $0.set(UInt16(4_098), at: $0.start($0.stringLeaf) + 14)
        },
        .init("a page without nodes", in: "strings", "has 0 nodes of at least 1") {
            $0.set(UInt16(16), at: $0.start($0.stringLeaf) + 12)
        },
        .init("a node before the page's nodes", in: "strings", "at offset 20, where none can be") {
            $0.set(UInt16(20), at: $0.start($0.stringLeaf) + 16)
        },
        .init("a node behind the page's end", in: "strings", "at offset 65534, where none can be") {
            $0.set(UInt16(65_534), at: $0.start($0.stringLeaf) + 16)
        },
        .init("two nodes at one place", in: "strings", "where none can be") {
            $0.set($0.integer($0.start($0.stringLeaf) + 16, UInt16.self), at: $0.start($0.stringLeaf) + 18)
        },
        .init("a key that reaches into the next node", in: "strings", "page") {
            $0.set(UInt16(200), at: $0.nodes($0.stringLeaf)[3] + 6)
        },
        .init("data that reaches behind the page's end", in: "strings", "has a node of") {
            $0.set(UInt16(60_000), at: $0.nodes($0.stringLeaf)[3])
        },
        .init("a node that says it has several values", in: "strings", "has a node with flags 4") {
            $0.set(UInt16(4), at: $0.nodes($0.stringLeaf)[3] + 4)
        },
        .init("a value that says it is a table", in: "strings", "has a node with flags 2") {
            $0.set(UInt16(2), at: $0.nodes($0.stringLeaf)[3] + 4)
        },
        .init("keys out of order", in: "strings", "keys that do not ascend") {
            $0.set(UInt8(0xFF), at: $0.nodes($0.stringLeaf)[3] + 8)
        },
        .init("an integer key above the separator behind its page", in: "integers", "not less than the separator") {
            let leaf = $0.child($0.nodes($0.branch)[0])
            $0.set(UInt64(500), at: $0.nodes(leaf)[$0.nodes(leaf).count - 1] + 8)
        },
        .init("a separator above keys that it leads to", in: "integers", "less than the separator that leads to it") {
            let separator = $0.nodes($0.branch)[5] + 8
            $0.set($0.integer(separator, UInt64.self) + 1, at: separator)
        },
        .init("separators out of order", in: "integers", "keys that do not ascend") {
            $0.set(UInt64(0), at: $0.nodes($0.branch)[5] + 8)
        },
        .init("integer keys of another size", in: "integers", "has a key of 9 bytes") { file in
            let node = file.nodes(file.child(file.nodes(file.branch)[2]))[0]
            file.set(UInt16(9), at: node + 6)
            file.set(file.integer(node, UInt16.self) - 1, at: node)
        },
        .init("a branch that leads behind the last page", in: "integers", "and the last page is") {
            $0.set(UInt16(0xFFFF), at: $0.nodes($0.branch)[5])
        },
        .init("a branch that leads to a meta page", in: "integers", "leads to page 1") {
            $0.set(UInt16(1), at: $0.nodes($0.branch)[5])
        },
        .init("a branch that leads to one page twice", in: "integers", "which is in use already") {
            $0.set($0.integer($0.nodes($0.branch)[4], UInt16.self), at: $0.nodes($0.branch)[5])
        },
        .init("a branch that leads to itself", in: "integers", "which is in use already") {
            $0.set(UInt16($0.branch), at: $0.nodes($0.branch)[5])
        },
        .init("a value whose overflow pages are too few", in: "strings", "to begin 3 overflow pages") {
            $0.set(UInt32(2), at: $0.start($0.overflow) + 12)
        },
        .init("a value whose overflow pages are too many", in: "strings", "in use already") {
            // All there are behind it, and then into those of others.
            $0.set(UInt32($0.meta.lastPage - $0.overflow), at: $0.start($0.overflow) + 12)
        },
        .init("a value whose overflow page is none", in: "strings", "flags 2") {
            $0.set(UInt16(2), at: $0.start($0.overflow) + 10)
        },
    ]

    static let records: [StructureFault] = [
        .init("a table with other entries than it says", in: "integers", "301 entries") {
            $0.set(UInt64(301), at: $0.record(0) + 32)
        },
        .init("a table with other leaves than it says", in: "integers", "leaf") {
            $0.set(UInt64(7), at: $0.record(0) + 16)
        },
        .init("a tree deeper than it says", in: "integers", "where a leaf belongs") {
            $0.set(UInt16(1), at: $0.record(0) + 6)
        },
        .init("a tree without depth", in: "integers", "has depth 0") { $0.set(UInt16(0), at: $0.record(0) + 6) },
        .init("a tree deeper than LMDB follows", in: "integers", "has depth 40") {
            $0.set(UInt16(40), at: $0.record(0) + 6)
        },
        .init("a root behind the last page", in: "integers", "the tree's record leads to") {
            $0.set(UInt64(1) << 40, at: $0.record(0) + 40)
        },
        .init("a tree that lost its root", in: "integers", "no root and depth 2") {
            $0.set(UInt64.max, at: $0.record(0) + 40)
        },
        .init("a table that says it has several values a key", in: "strings", "flags 4") {
            $0.set(UInt16(4), at: $0.record(1) + 4)
        },
        .init("a table whose record is no table's", in: "table of tables", "has a node with flags 0") {
            $0.set(UInt16(0), at: $0.nodes($0.mainLeaf)[0] + 4)
        },
        .init("a table whose name is not UTF-8", in: "table of tables", "whose name is not UTF-8") {
            $0.set(UInt8(0xFF), at: $0.nodes($0.mainLeaf)[1] + 8)
        },
    ]

    static let freeLists: [StructureFault] = [
        .init("a free list that names a page in use", in: "free list", "is free, and a tree uses it") { file in
            // The list descends: its least page becomes a lesser one.
            let last = file.freeList + 8 * file.integer(file.freeList, Int.self)
            let used = (2..<file.integer(last, UInt64.self)).last { $0 == file.branch || $0 == file.stringLeaf }
            file.set(used ?? file.stringLeaf, at: last)
        },
        .init("a free list that names a page twice", in: "free list", "belongs that is in no list yet") {
            $0.set($0.integer($0.freeList + 8, UInt64.self), at: $0.freeList + 16)
        },
        .init("a free list out of order", in: "free list", "belongs that is in no list yet") {
            let (first, second) = ($0.integer($0.freeList + 8, UInt64.self), $0.integer($0.freeList + 16, UInt64.self))
            $0.set(second, at: $0.freeList + 8)
            $0.set(first, at: $0.freeList + 16)
        },
        .init("a free list that names a page behind the last", in: "free list", "belongs that is in no list yet") {
            $0.set($0.meta.lastPage + 1, at: $0.freeList + 8)
        },
        .init("a free list that names a meta page", in: "free list", "has page 1") {
            $0.set(UInt64(1), at: $0.freeList + 8 * $0.integer($0.freeList, Int.self))
        },
        .init("a free list longer than its bytes", in: "free list", "is longer than its") {
            $0.set(UInt64(1) << 60, at: $0.freeList)
        },
        .init("a free list that lost a page", in: "free list", "is neither in a tree nor free") {
            $0.set($0.integer($0.freeList, UInt64.self) - 1, at: $0.freeList)
        },
        .init("a free list of a transaction to come", in: "free list", "the last entry is of transaction") {
            $0.set($0.meta.transaction + 2, at: $0.nodes($0.freeLeaf)[$0.nodes($0.freeLeaf).count - 1] + 8)
        },
    ]

    static let metaPages: [StructureFault] = [
        .init("a meta page that says it is another", in: "meta pages", "says it is page 7") {
            $0.set(UInt64(7), at: $0.metaStart)
        },
        .init("a meta page of another kind", in: "meta pages", "flags 10") {
            $0.set(UInt16(10), at: $0.metaStart + 10)
        },
        .init("a map smaller than the file", in: "meta pages", "the map has 4096 bytes") {
            $0.set(UInt64(4_096), at: $0.metaStart + 32)
        },
        .init("a map larger than any address", in: "meta pages", "the map has") {
            $0.set(UInt64.max, at: $0.metaStart + 32)
        },
        .init("a last page that is too small", in: "integers", "and the last page is") {
            $0.set(UInt64(9), at: $0.metaStart + 136)
        },
        .init("meta pages that do not follow one another", in: "meta pages", "do not follow one another") {
            $0.set($0.meta.transaction + 10, at: $0.metaStart + 144)
        },
        .init("an older meta page that says it is the latest", in: "free list", "the last entry is of transaction") {
            $0.set($0.meta.transaction + 1, at: $0.start(1 - $0.meta.index) + 144)
        },
        .init("a table of tables with flags", in: "meta pages", "the table of tables has flags 4") {
            $0.set(UInt16(4), at: $0.metaStart + 88 + 4)
        },
        .init("a free list with flags", in: "meta pages", "the free list has flags") {
            $0.set($0.integer($0.metaStart + 44, UInt16.self) | 4, at: $0.metaStart + 44)
        },
        .init("a free list that lost its root", in: "free list", "no root and depth") {
            $0.set(UInt64.max, at: $0.metaStart + 40 + 40)
        },
    ]
}

@Suite("The structure of a file")
struct StructureTests {
    @Test("is proved when LMDB wrote it: tables, overflow pages, free pages, an empty table, none at all")
    func sound() throws {
        try DamagedFile(in: Folder()).prove()
        for tables in 0...1 {
            let folder = try Folder()
            do {
                let environment = try folder.open()
                for _ in 0..<tables {
                    let _: Database<UInt64> = try environment.openDatabase(named: "t", creating: true)
                }
            }
            try StructureProof.prove(folder.path + "/data", isCancelled: { false })
        }
    }

    @Test(
        "is refused for one fault",
        arguments: StructureFault.pages + StructureFault.records + StructureFault.freeLists + StructureFault.metaPages)
    func fault(_ fault: StructureFault) throws {
        var file = try DamagedFile(in: Folder())
        fault.damage(&file)
        let error = #expect(throws: LMDBError.self) { try file.prove() }
        guard case .unsound(let tree, let problem) = error else {
            Issue.record("found \(String(describing: error))")
            return
        }
        #expect(tree == fault.tree)
        #expect(problem.contains(fault.message), "\(problem)")
    }

    @Test(
        "is not even looked at when a transaction cannot be: of the wrong parity, or near the end of 64 bits",
        arguments: [1, UInt64.max - 8])
    func transaction(more: UInt64) throws {
        var file = try DamagedFile(in: Folder())
        let parity = file.meta.index
        file.set(more == 1 ? file.meta.transaction + 1 : more / 2 * 2 + parity, at: file.metaStart + 144)
        let error = #expect(throws: LMDBError.self) { try file.prove() }
        guard case .invalidFile(_, let reason) = error else {
            Issue.record("found \(String(describing: error))")
            return
        }
        #expect(reason.contains("is of transaction"))
    }

    @Test("does not depend on bytes that nothing comes of: free bytes, padding, the key of a branch's first node")
    func slack() throws {
        var file = try DamagedFile(in: Folder())
        let leaf = file.start(file.stringLeaf)
        let free = Int(file.integer(leaf + 12, UInt16.self))..<Int(file.integer(leaf + 14, UInt16.self))
        #expect(free.count > 100)
        for offset in free { file.set(UInt8(0xA5), at: leaf + offset) }
        file.set(UInt16(7), at: leaf + 8)
        file.set(UInt64(7), at: file.start(1 - file.meta.index) + 16 + 40)
        try file.prove()
    }

    @Test("is proved at every commit of another thread, whose pages are never mistaken for the state's")
    func whileWriting() async throws {
        let folder = try Folder()
        let environment = try folder.open()
        let database: Database<UInt64> = try environment.openDatabase(named: "t", creating: true)
        let writer = OwnThread {
            for round in 0..<200 as Range<UInt64> {
                var transaction = try environment.beginWrite()
                for key in 0..<20 as Range<UInt64> {
                    let value = [UInt8](repeating: UInt8(truncatingIfNeeded: round), count: 900 + Int(key) * 50)
                    try transaction.put(value.span.bytes, forKey: (round &* 7 &+ key) % 90, in: database)
                }
                try transaction.commit()
            }
        }
        var transactions: Set<UInt64> = []
        while transactions.count < 20 {
            var report = StructureReport()
            let transaction = try environment.beginRead(proving: .file, report: &report)
            #expect(report.problems == [])
            transactions.insert(transaction.id)
            if transaction.id > 200 { break }
        }
        try writer.value()
    }

    @Test("of a proof that is given up is not said to be sound")
    func cancelled() throws {
        let folder = try Folder()
        let environment = try Folder.open(DamagedFile(in: folder).path)
        var report = StructureReport()
        #expect(throws: CancellationError.self) {
            _ = try environment.beginRead(proving: .file, report: &report) { done, _ in
                if done == 3 { throw CancellationError() }
            }
        }
    }
}
