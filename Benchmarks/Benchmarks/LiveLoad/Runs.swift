import Foundation
import Measuring

/// The runs that take turns, each on a copy of the same store, and the rows of the table they fill.
///
/// After each run the store has as many edges and users as what was added to it makes.
struct Runs {
    private let inputs: LoadInputs
    private let pauseMilliseconds: Int
    private let folder: String

    private var writerAlone = RunRow("adds of edges alone, \(Runs.writerAloneSeconds) s")
    private var alone = RunRow("load alone: its write is the floor")
    private var disk = RunRow("as many bytes into a new file, and a sync")
    private var besideEdges = RunRow("load beside adds of edges")
    private var besideNodes = RunRow("load beside adds of new nodes")
    private var again = RunRow("all rows of the graph again, alone")

    private static let writerAloneSeconds = 5

    init(_ inputs: LoadInputs, pauseMilliseconds: Int, in folder: String) {
        self.inputs = inputs
        self.pauseMilliseconds = pauseMilliseconds
        self.folder = folder
    }

    /// One run of each.
    mutating func measure(_ round: Int) throws {
        let adds = try timesOfWriterAlone(seed: 4 * round)
        writerAlone.append(adds, beside: nil)

        let floor = try load(inputs.more).load
        alone.append(floor)
        disk.append(secondsToSync(floor.writtenBytes, in: folder), to: .write)

        let edges = try load(inputs.more, beside: .edges, seed: 4 * round + 1)
        besideEdges.append(edges.load)
        besideEdges.append(edges.adds, beside: floor)

        let nodes = try load(inputs.more, beside: .nodes, seed: 4 * round + 2)
        besideNodes.append(nodes.load)
        besideNodes.append(nodes.adds, beside: floor)

        let repeated = try load(inputs.graph).load
        again.append(repeated)
    }

    /// Prints the table.
    func print(_ title: String) {
        let table = MarkdownTable(title, [""] + RunRow.Column.allCases.map(\.rawValue))
        for row in [writerAlone, alone, disk, besideEdges, besideNodes, again] { table.row(row.cells) }
    }

    /// Loads a file into a copy of the store, beside another writer when there is to be one, and sees to it that the
    /// copy has what both added. Answers the times in milliseconds of the adds that met the load.
    private func load(
        _ file: RowFile, beside added: AddLoop.Added? = nil, seed: Int = 0
    ) throws -> (load: MeasuredLoad, adds: Samples) {
        try inputs.withCopy { path in
            let writer = try added.map { try start($0, into: path, seed: seed) }
            let load = try MeasuredLoad(file, into: path)
            let times = try writer?.end() ?? AddTimes()
            let expected = StoreCounts(
                edges: inputs.counts.edges + file.rowCount - load.report.duplicates + times.newEdges,
                users: inputs.counts.users + file.newUserCount + times.newUsers)
            let found = try StoreCounts(of: path)
            precondition(found == expected, "the store has \(found), not \(expected)")
            return (load, times.milliseconds(from: load.begin, to: load.end))
        }
    }

    /// How many milliseconds each add takes while nobody loads.
    private func timesOfWriterAlone(seed: Int) throws -> Samples {
        try inputs.withCopy { path in
            let writer = try start(.edges, into: path, seed: seed)
            let begin = monotonicNanoseconds
            Thread.sleep(forTimeInterval: Double(Runs.writerAloneSeconds))
            let end = monotonicNanoseconds
            return try writer.end().milliseconds(from: begin, to: end)
        }
    }

    private func start(_ added: AddLoop.Added, into path: String, seed: Int) throws -> OtherWriter {
        try OtherWriter(
            adding: added, into: path, scale: inputs.scale, seed: seed, pauseMilliseconds: pauseMilliseconds)
    }
}
