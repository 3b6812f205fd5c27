import Foundation
import Kith
import Measuring

/// A store and what it is asked for.
struct StoreToAsk {
    let name: String
    let store: GraphStore
    let users: [NodeKey]
    let requests: [(name: String, recommenders: [Recommender])]

    private static let userCount = 100

    /// The largest of the shared graphs of each sort, as far as they are there, and R-MAT.
    static func all(in folder: String) throws -> [StoreToAsk] {
        var all: [StoreToAsk] = []
        let names = Surroundings.names("KITH_GRAPHS") ?? ["Cornell5", "deezer", "gowalla", "rmat"]
        if names.contains("Cornell5"),
            let graph = try MeasuredGraph.shared(
                "Cornell5", "facebook100/Cornell5.friends.tsv.gz", as: .friends, isSymmetric: true, in: folder)
        {
            all.append(StoreToAsk(graph, alongside: social(.friends)))
        }
        if names.contains("deezer") { all += try deezer(in: folder) }
        if names.contains("gowalla") { all += try gowalla(in: folder) }
        if names.contains("rmat") {
            let scale = Surroundings.number("KITH_SCALE", unless: 20)
            all.append(StoreToAsk(try MeasuredGraph.rmat(scale: scale, in: folder), alongside: social(.follows)))
        }
        return all
    }

    private static func deezer(in folder: String) throws -> [StoreToAsk] {
        try loaded(
            "deezer", [(.friends, "deezer/friends.csv.gz"), (.interests, "deezer/interests.tsv.gz")], in: folder,
            [
                ("interests", [Recommender(.interests)]),
                (
                    "blend with interests",
                    [Recommender(.friendsOfFriends), Recommender(.pageRank, weight: 0.5), Recommender(.interests)]
                ),
            ])
    }

    private static func gowalla(in folder: String) throws -> [StoreToAsk] {
        try loaded(
            "gowalla", [(.views, "gowalla/train.tsv.gz")], in: folder,
            [
                ("behaviour", [Recommender(.behaviour)]), ("linear filter", [Recommender(.linearFilter)]),
                ("item-based", [Recommender(.itemBased)]), ("user-based", [Recommender(.userBased)]),
            ])
    }

    private static func social(_ type: EdgeType.Name) -> [(String, [Recommender])] {
        [
            ("friends of friends, paths", [FriendsOfFriends(via: type, score: .paths).recommender]),
            ("friends of friends, Adamic-Adar", [FriendsOfFriends(via: type).recommender]),
            ("friends of friends, cosine", [FriendsOfFriends(via: type, score: .cosine).recommender]),
            ("PageRank", [Recommender(.pageRank, pageRank: PersonalizedPageRank(via: [type]))]),
            ("attention", [Recommender(.attention, via: [type])]),
            ("standard blend", RecommendationRequest.standard),
        ]
    }

    private init(_ graph: MeasuredGraph, alongside requests: [(String, [Recommender])]) {
        name = graph.name
        store = graph.store
        users = graph.plain.sample(StoreToAsk.userCount, seed: 6).map(graph.key)
        self.requests = requests
    }

    private init(_ name: String, _ store: GraphStore, _ users: [NodeKey], _ requests: [(String, [Recommender])]) {
        self.name = name
        self.store = store
        self.users = users
        self.requests = requests
    }

    /// A graph of several types, by the schema `social`; none, and said, when a file is missing.
    private static func loaded(
        _ name: String, _ files: [(type: EdgeType.Name, path: String)], in folder: String,
        _ requests: [(String, [Recommender])]
    ) throws -> [StoreToAsk] {
        let files = files.map { BulkLoader.EdgeFile(type: $0.type, path: Surroundings.data + "/" + $0.path) }
        if let missing = files.first(where: { !FileManager.default.fileExists(atPath: $0.path) }) {
            print(
                "\n\(name) is not measured: there is no '\(missing.path)'; KITH_DATA says where the shared graphs are")
            return []
        }
        let path = folder + "/\(name).kith"
        _ = try BulkLoader(onError: .skip).load(files, into: path)
        let store = try GraphStore(opening: path)
        let users = try store.read { snapshot in
            let count = UInt32(try snapshot.nodeCount(of: .user))
            var generator = SeededGenerator(seed: 6)
            return try (0..<userCount).compactMap { _ in
                try snapshot.key(of: NodeID(rawValue: UInt32.random(in: 0..<count, using: &generator)))
            }
        }
        return [StoreToAsk(name, store, users, requests)]
    }
}
