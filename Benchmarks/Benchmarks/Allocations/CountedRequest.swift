import CAllocations
import Kith
import Measuring

/// One request, asked for every user until it is warm, then counted.
struct CountedRequest {
    private let graph: StoreToAsk
    private let name: String
    private let request: RecommendationRequest

    init(_ graph: StoreToAsk, _ name: String, _ request: RecommendationRequest) {
        self.graph = graph
        self.name = name
        self.request = request
    }

    private struct Counts {
        /// Calls beyond those that the result needs, at most.
        var needed = 0
        var calls = 0
        var beyond = 0
        var bytes = Samples()

        mutating func take(_ counted: allocations, _ list: RecommendationList) {
            let needs = CountedRequest.needs(of: list)
            needed = max(needed, needs)
            calls = max(calls, Int(counted.count))
            beyond = max(beyond, Int(counted.count) - needs)
            bytes.append(Double(counted.bytes))
        }

        var cell: String { beyond > 0 ? "\(calls), \(beyond) too many" : "\(calls)" }
    }

    func measure(_ table: MarkdownTable) throws {
        var (prepared, whole) = (Counts(), Counts())
        // Twice to warm up: what the greatest request needs is kept for the others.
        for round in 0..<3 {
            let isCounted = round == 2
            try graph.store.read { snapshot in
                let request = try snapshot.prepare(request)
                for user in graph.users {
                    if isCounted { allocations_begin(Allocations.isTracing ? 1 : 0) }
                    let list = try snapshot.recommend(request, for: user)
                    if isCounted { prepared.take(allocations_end(), list) }
                }
            }
            for user in graph.users {
                if isCounted { allocations_begin(0) }
                let list = try graph.store.read { try $0.recommend(request, for: user) }
                if isCounted { whole.take(allocations_end(), list) }
            }
        }
        table.row([
            graph.name, name, "\(request.evidenceLimit)", "\(graph.users.count)", "\(prepared.needed)", prepared.cell,
            decimal(prepared.bytes.mean, 0), "\(whole.calls)", decimal(whole.bytes.mean, 0),
        ])
    }

    /// How many arrays and long strings the list is made of; integers and strings of up to 15 bytes take no memory of
    /// their own.
    private static func needs(of list: RecommendationList) -> Int {
        var pieces = list.isEmpty ? 0 : 1
        for result in list {
            pieces += result.user.isLong ? 1 : 0
            if !result.evidence.isEmpty { pieces += 1 }
            for evidence in result.evidence where !evidence.through.isEmpty {
                pieces += 1 + evidence.through.count { $0.isLong }
            }
        }
        return pieces
    }
}

extension NodeKey {
    /// Whether its text does not fit into a `String` itself.
    fileprivate var isLong: Bool { integer == nil && description.utf8.count > 15 }
}
