import CAllocations
import Kith
import Measuring

/// What a request takes from the heap, once it is warm, beside what its result needs.
///
///     swift run -c release --package-path Benchmarks Allocations
///
/// KITH_GRAPHS chooses (Cornell5,deezer,gowalla,rmat), KITH_SCALE is the scale of R-MAT (20), KITH_DATA where the
/// shared graphs are. KITH_TRACE=1 also prints who takes memory in prepared requests, the most frequent first; that
/// wants `llvm-symbolizer` and `swift demangle`.
@main
enum Allocations {
    static func main() throws {
        try Surroundings.withFolder { folder in
            let table = MarkdownTable(
                "Calls of malloc, calloc, realloc and memalign a request, greatest of the users; mean bytes",
                [
                    "graph", "request", "evidence", "users", "result needs", "asked when prepared", "bytes",
                    "read, prepare and ask", "bytes",
                ])
            for graph in try StoreToAsk.all(in: folder) {
                for (name, recommenders) in graph.requests {
                    for evidenceLimit in [0, 3] {
                        let request = RecommendationRequest(
                            recommenders, limit: 10, evidenceLimit: evidenceLimit, fallback: [])
                        try CountedRequest(graph, name, request).measure(table)
                    }
                }
            }
        }
        if isTracing { try Callers.print() }
    }

    static let isTracing = Surroundings.number("KITH_TRACE", unless: 0) != 0
}
