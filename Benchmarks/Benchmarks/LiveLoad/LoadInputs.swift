import Foundation
import Kith
import Measuring

/// The store that every run begins with a copy of, and the files that are loaded into the copies.
struct LoadInputs {
    /// The scale of the R-MAT graph that the store has.
    let scale: Int
    /// Every row of the graph, repeated ones too: those the store was made of.
    let graph: RowFile
    /// New edges between random users. One row in twenty has a user at one end that the store does not have.
    let more: RowFile
    /// What the store has.
    let counts: StoreCounts
    private let path: String
    private let copy: String

    /// One row in so many has a new user.
    private static let rowsPerNewUser = 20
    /// New users of rows have keys from here on; those of the graph are below.
    private static let firstNewKey: UInt64 = 1 << 32

    /// Draws the graph, makes the store, and draws the rows to load, all into `folder`.
    init(scale: Int, rowCount: Int, in folder: String) throws {
        let start = ContinuousClock.now
        self.scale = scale
        path = folder + "/base.kith"
        copy = folder + "/copy.kith"
        let drawn = GeneratedGraph(.rmat, scale: scale, edgeFactor: 16, seed: 1)
        graph = try RowFile(at: folder + "/graph.tsv", rowCount: Int(drawn.edgeCount), newUserCount: 0) { index in
            let edge = drawn.edge(at: UInt64(index))
            return (edge.source, edge.target)
        }
        _ = try BulkLoader().load([graph.asFollows], into: path)
        counts = try StoreCounts(of: path)

        let users = try GraphStore(opening: path).graphUsers(scale: scale)
        var generator = SeededGenerator(seed: 3)
        let step = LoadInputs.rowsPerNewUser
        more = try RowFile(at: folder + "/more.tsv", rowCount: rowCount, newUserCount: rowCount / step) { index in
            let (user, other) = users.randomPair(using: &generator)
            guard index % step == step - 1 else { return (user, other) }
            let new = LoadInputs.firstNewKey + UInt64(index / step)
            return index / step % 2 == 0 ? (user, new) : (new, user)
        }
        note(
            "R-MAT scale \(scale): \(counts.edges) edges and \(counts.users) users in a store, and two files, in "
                + "\(decimal(start.duration(to: .now) / .seconds(1), 1)) s")
    }

    /// Runs `body` with the path of a copy of the store, which is on the disk, and removes the copy.
    func withCopy<Result>(_ body: (String) throws -> Result) throws -> Result {
        try FileManager.default.copyItem(atPath: path, toPath: copy)
        defer {
            for name in [copy, copy + "-lock"] { unlink(name) }
        }
        // Else the first commit would bring the copy to the disk.
        let file = open(copy, O_RDONLY)
        precondition(file >= 0 && fsync(file) == 0, "'\(copy)' cannot be brought to the disk")
        close(file)
        return try body(copy)
    }
}

/// A file of pairs of keys with a tab between them, a row each.
struct RowFile {
    let path: String
    let rowCount: Int
    /// How many users the rows have that the store of the graph does not have.
    let newUserCount: Int

    private static let bytesPerWrite = 1 << 20

    /// Makes the file of what `row` answers for each index.
    init(
        at path: String, rowCount: Int, newUserCount: Int, _ row: (Int) -> (source: UInt64, target: UInt64)
    ) throws {
        self.path = path
        self.rowCount = rowCount
        self.newUserCount = newUserCount
        try Data().write(to: URL(fileURLWithPath: path))
        let file = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
        var text: [UInt8] = []
        for index in 0..<rowCount {
            let (source, target) = row(index)
            text.append(contentsOf: "\(source)\t\(target)\n".utf8)
            if text.count >= RowFile.bytesPerWrite {
                try file.write(contentsOf: text)
                text.removeAll(keepingCapacity: true)
            }
        }
        try file.write(contentsOf: text)
        // Else the system would write it while a load is measured.
        try file.synchronize()
        try file.close()
    }

    /// The file as the loader takes it. Its first row is no header, whatever it looks like.
    var asFollows: BulkLoader.EdgeFile {
        .init(type: .follows, path: path, format: .tsv, dialect: FileDialect(header: .none))
    }
}
