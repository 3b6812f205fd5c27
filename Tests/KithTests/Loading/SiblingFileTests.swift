import Foundation
import GraphTesting
import ProcessTesting
import Synchronization
import Testing

@testable import Kith

@Suite("A file in the shape that another program gives it")
struct SiblingFileTests {
    private struct Tally {
        var files = 0
        var refused = 0
    }

    /// What became of a file.
    private enum Outcome {
        case loaded(Set<SiblingFile.Edge>, FileReport)
        case refused(String)
    }

    private static let filesPerSeed = 20
    /// Of all seeds that were run.
    private static let tally = Mutex(Tally())
    /// A tenth of fewer files says little.
    private static let filesMin = 200

    @Test("is the graph that was meant, or is refused, as at most one in ten is", arguments: Repetitions.seeds(20))
    func loads(seed: UInt64) throws {
        var random = SplitMix64(seed: 970_000 + seed)
        var refusals: [String] = []
        for _ in 0..<SiblingFileTests.filesPerSeed {
            let file = SiblingFile.drawn(&random)
            switch try load(file) {
            case .refused(let reason): refusals.append("\(file.writer), \(file.text.debugDescription): \(reason)")
            case .loaded(let edges, let report):
                let missing = shown(file.edges.subtracting(edges))
                let extra = shown(edges.subtracting(file.edges))
                #expect(
                    edges == file.edges,
                    """
                    \(file.writer) wrote \(file.name): \(file.text.debugDescription)
                    understood as \(understood(report))
                    missing \(missing)
                    extra \(extra)
                    """)
            }
        }
        let (files, refused) = SiblingFileTests.tally.withLock { tally in
            tally.files += SiblingFileTests.filesPerSeed
            tally.refused += refusals.count
            return (tally.files, tally.refused)
        }
        #expect(
            refused * 10 <= max(files, SiblingFileTests.filesMin),
            "\(refused) of \(files) files were refused, of this seed:\n\(refusals.joined(separator: "\n"))")
    }

    /// Loads a file as edges of its type, with nothing said of how it is laid out. A bad row refuses it.
    private func load(_ file: SiblingFile) throws -> Outcome {
        let folder = try TemporaryFolder()
        let path = folder.file(file.name)
        let store = folder.file("s.kith")
        try Data(file.bytes).write(to: URL(fileURLWithPath: path))
        let loader = BulkLoader(
            schema: LoadedText.schema, options: .init(clock: { 1_720_000_000 }), onError: .stop, threads: 1)
        let report: BulkLoader.Report
        do {
            report = try loader.load([.init(type: file.type, path: path)], into: store)
        } catch let error as LoadError {
            return .refused("\(error)")
        }
        var edges: Set<SiblingFile.Edge> = []
        try GraphStore(opening: store).read(at: 0) { snapshot in
            for id in 0..<(try snapshot.nodeCount(of: .user)) {
                guard let key = try snapshot.key(of: NodeID(rawValue: UInt32(id))) else { continue }
                for neighbor in try snapshot.neighbors(of: key, via: file.type, limit: 1_000).neighbors {
                    edges.insert(
                        .init(
                            source: "\(key)", target: "\(neighbor.key)", weight: neighbor.weight.map { Float($0) },
                            time: neighbor.time?.rawValue))
                }
            }
        }
        return .loaded(edges, report.files[0])
    }

    private func shown(_ edges: Set<SiblingFile.Edge>) -> [String] {
        edges.map { edge in
            let values = [edge.weight.map { "\($0)" }, edge.time.map { "@\($0)" }].compactMap { $0 }
            return ([edge.source.debugDescription, edge.target.debugDescription] + values).joined(separator: " ")
        }.sorted()
    }

    private func understood(_ file: FileReport) -> String {
        let layout = file.layout
        let columns = layout.columns.map { "\($0.name ?? "-") \($0.role.rawValue)" }.joined(separator: ", ")
        let parts = [
            "\(file.format?.rawValue ?? "nothing") \(file.unwrapped)", "delimiter \(layout.delimiter?.text ?? "none")",
            "quote \(layout.quote?.rawValue ?? "none")", "comment \(layout.comment?.text ?? "none")",
            "header \(layout.header.rawValue)", "names of rows \(layout.hasRowNames)", "columns \(columns)",
            "\(file.comments) comments", "\(file.repeatedHeaders) repeated headers", "first rows \(file.firstRows)",
            "remarks \(file.remarks)",
        ]
        return parts.joined(separator: "; ")
    }
}
