import Foundation

@testable import LMDB

/// The bytes of a file of LMDB's with every kind of page, to be damaged on purpose.
///
/// It has a table of integers with a branch above its leaves, a table of strings, values with overflow pages, and a free list
/// with an overflow page of its own; nobody has it open.
struct DamagedFile {
    let path: String
    private(set) var bytes: [UInt8]
    /// The latest state's.
    let meta: MetaPage
    static let pageBytes = 4_096
    /// Removed with this.
    private let folder: Folder

    init(in folder: Folder) throws {
        self.folder = folder
        path = folder.path + "/data"
        do {
            let environment = try Folder.open(path)
            let integers: Database<UInt64> = try environment.openDatabase(named: "integers", creating: true)
            let strings: Database<Bytes> = try environment.openDatabase(named: "strings", creating: true)
            var transaction = try environment.beginWrite()
            for key in 0..<400 as Range<UInt64> {
                try transaction.put([UInt8](repeating: 1, count: 700).span.bytes, forKey: key, in: integers)
            }
            for number in 0..<40 as Range<UInt8> {
                let key = Bytes(Array("key".utf8) + [number])
                try transaction.put([UInt8](repeating: 2, count: 30).span.bytes, forKey: key, in: strings)
            }
            // Of so many pages that the list of them has overflow pages when they are free.
            try transaction.put([UInt8](repeating: 5, count: 2_000_000).span.bytes, forKey: Bytes([8]), in: strings)
            try transaction.put([UInt8](repeating: 3, count: 9_000).span.bytes, forKey: Bytes([9]), in: strings)
            try transaction.commit()
            transaction = try environment.beginWrite()
            for key in 300..<400 as Range<UInt64> { try transaction.remove(key, in: integers) }
            try transaction.remove(Bytes([8]), in: strings)
            try transaction.commit()
            try LMDBTests.put([4], 3, integers, in: environment)
        }
        bytes = try Array(Data(contentsOf: URL(fileURLWithPath: path)))
        let file = try FileHandle(forReadingFrom: URL(fileURLWithPath: path))
        meta = try MetaPage.latest(of: file.fileDescriptor, path)
    }

    /// Writes the bytes to the disk, and proves them.
    func prove() throws {
        try Data(bytes).write(to: URL(fileURLWithPath: path))
        try StructureProof.prove(path, isCancelled: { false })
    }

    // MARK: - Finding

    func integer<Value: FixedWidthInteger>(_ offset: Int, _: Value.Type = Value.self) -> Value {
        bytes.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: offset, as: Value.self) }
    }

    mutating func set<Value: FixedWidthInteger>(_ value: Value, at offset: Int) {
        bytes.withUnsafeMutableBytes { $0.storeBytes(of: value, toByteOffset: offset, as: Value.self) }
    }

    /// Where a page begins.
    func start(_ page: UInt64) -> Int { Int(page) * DamagedFile.pageBytes }

    /// Where the nodes of a page begin, in the order of keys.
    func nodes(_ page: UInt64) -> [Int] {
        let lower = Int(integer(start(page) + 12, UInt16.self))
        return stride(from: 16, to: lower, by: 2).map { start(page) + Int(integer(start(page) + $0, UInt16.self)) }
    }

    /// The page below a node of a branch.
    func child(_ node: Int) -> UInt64 { integer(node) & 0xFFFF_FFFF_FFFF }

    /// Where the data of a node of a leaf begins.
    func data(_ node: Int) -> Int { node + 8 + Int(integer(node + 6, UInt16.self)) }

    /// Where the latest meta page begins.
    var metaStart: Int { start(meta.index) }
    /// The leaf of the table of tables.
    var mainLeaf: UInt64 { meta.main.root }
    /// Where the record of a table begins: the first is `integers`, the second `strings`.
    func record(_ table: Int) -> Int { data(nodes(mainLeaf)[table]) }
    /// The branch above the leaves of `integers`.
    var branch: UInt64 { integer(record(0) + 40) }
    /// The leaf of `strings`, whose first entry has overflow pages.
    var stringLeaf: UInt64 { integer(record(1) + 40) }
    var overflow: UInt64 { integer(data(nodes(stringLeaf)[0])) }
    /// The leaf of the free list.
    var freeLeaf: UInt64 { meta.free.root }
    /// Where the longest list of free pages begins: its count.
    var freeList: Int {
        let entries = nodes(freeLeaf)
        let big = entries.first { integer($0 + 4, UInt16.self) == 1 }
        return big.map { start(integer(data($0))) + 16 } ?? data(entries[0])
    }
}
