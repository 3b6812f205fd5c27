import Foundation
import GraphTesting
import ProcessTesting
import Synchronization

@testable import Kith

/// A text that was loaded as a file of some name: what became of it.
struct LoadedText {
    /// The edges, such as `ann bob 2.0 @1714550400`: the ends, the weight where the type has some, the time where it is known.
    /// In order.
    var edges: [String] = []
    /// The keys of users.
    var users: Set<String> = []
    /// The rows that were turned down, such as `3: bad-key`.
    var rejected: [String] = []
    /// Why they were.
    var reasons: [String] = []
    /// What was said of the file.
    var remarks: [String] = []

    /// Edges of every shape that repetition does not change.
    static let schema: Schema = {
        do {
            return try Schema(
                nodeKinds: [.user, .topic],
                edgeTypes: [
                    EdgeType("rates", from: .user, to: .user, columns: [.weight, .time]),
                    EdgeType("likes", from: .user, to: .topic, columns: [.weight, .time]),
                    EdgeType("trusts", from: .user, to: .user, columns: .weight),
                    EdgeType("knows", from: .user, to: .user, isSymmetric: true, columns: .weight),
                    EdgeType("meets", from: .user, to: .user, isSymmetric: true),
                    EdgeType("sees", from: .user, to: .user),
                    EdgeType("visits", from: .user, to: .topic),
                ])
        } catch {
            preconditionFailure("\(error)")
        }
    }()

    /// Loads a text, leaving out rows that are none.
    ///
    /// - Parameter type: nil where each row names its own.
    init(
        _ text: String, _ name: String, as type: EdgeType.Name?, format: EdgeFileFormat? = nil, chunkBytes: Int? = nil,
        threads: Int = 2
    ) throws {
        let folder = try TemporaryFolder()
        try Data(text.utf8).write(to: URL(fileURLWithPath: folder.file(name)))
        let rejected = Mutex<[(String, String)]>([])
        var loader = BulkLoader(
            schema: LoadedText.schema, options: .init(clock: { 1_700_000_000 }), onError: .skip, threads: threads,
            onReject: { row in rejected.withLock { $0.append(("\(row.line): \(row.error.code)", "\(row.error)")) } })
        loader.pieces = chunkBytes.map {
            BulkLoader.Pieces(chunkBytes: $0, partCount: 4, recordsPerPart: 50, recordBytes: 500)
        }
        let store = folder.file("s.kith")
        let report = try loader.load([.init(type: type, path: folder.file(name), format: format)], into: store)
        remarks = report.files.flatMap(\.remarks)
        self.rejected = rejected.withLock { $0.map(\.0) }
        reasons = rejected.withLock { $0.map(\.1) }
        let types = LoadedText.schema.edgeTypes.filter { $0.source == .user && (type == nil || $0.name == type) }
        try GraphStore(opening: store).read(at: 0) { snapshot in
            for id in 0..<(try snapshot.nodeCount(of: .user)) {
                guard let key = try snapshot.key(of: NodeID(rawValue: UInt32(id))) else { continue }
                users.insert("\(key)")
                for type in types {
                    for neighbor in try snapshot.neighbors(of: key, via: type.name, limit: 10_000).neighbors {
                        var edge = "\(key) \(neighbor.key)"
                        if let weight = neighbor.weight { edge += " \(weight)" }
                        if let time = neighbor.time { edge += " @\(time.rawValue)" }
                        edges.append(edge)
                    }
                }
            }
        }
        edges.sort()
    }

    /// The message of the error that ends the load; nil when none does.
    static func failure(_ text: String, _ name: String, as type: EdgeType.Name?, format: EdgeFileFormat? = nil) throws
        -> String?
    {
        do {
            _ = try LoadedText(text, name, as: type, format: format)
            return nil
        } catch let error as LoadError {
            return "\(error)"
        }
    }
}
