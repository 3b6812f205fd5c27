import Kith
import Logging

// example
/// Who follows whom, and who might want to. One for the whole process.
struct SuggestionService {
    private let store: GraphStore

    /// Opens the store at `path`, or makes it.
    init(path: String, logger: Logger) throws {
        let options = GraphStore.Options(longReadSeconds: 5, logger: logger)
        do {
            store = try GraphStore(opening: path, options: options)
        } catch GraphStoreError.noSuchStore {
            store = try GraphStore(creating: path, options: options)
        }
    }

    /// Makes one follow the other; durable when it returns. Answers whether that is new.
    func follow(_ follower: NodeKey, _ followed: NodeKey) async throws -> Bool {
        try await store.submit { graph in try graph.add(follower, .follows, followed) }
    }

    /// Whom to suggest, best first; nobody for who is not known yet.
    func suggestions(for user: NodeKey, limit: Int) async throws -> RecommendationList? {
        try await store.query { snapshot in
            guard try snapshot.contains(user) else { return nil }
            return try snapshot.recommend(RecommendationRequest(limit: limit), for: user)
        }
    }
}
// end
