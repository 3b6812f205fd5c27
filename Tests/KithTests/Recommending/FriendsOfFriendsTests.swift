import Foundation
import GraphTesting
import Kith
import Testing

@Suite("Friends of friends")
struct FriendsOfFriendsTests {
    @Test("Zachary's karate club: the known counts and the known Adamic-Adar index")
    func karateClub() throws {
        // Zachary, Journal of Anthropological Research 33, 1977; members numbered from 0 as NetworkX has them.
        let folder = try TemporaryFolder()
        let store = try GraphStore(creating: folder.file("karate.kith"), options: .forTests)
        try store.write { graph in
            for (left, right) in SampleGraphs.karateClub { try graph.add(NodeKey(left), .friends, NodeKey(right)) }
        }
        try store.read { snapshot in
            let paths = FriendsOfFriends(via: .friends, score: .paths)
            let common = try snapshot.score(of: 33, for: 0, by: paths)
            #expect(common == 4)
            // networkx 3.6.1: list(nx.adamic_adar_index(nx.karate_club_graph(), [(0, 33)]))
            let index = try snapshot.score(of: 33, for: 0, by: FriendsOfFriends(via: .friends, score: .adamicAdar))
            #expect(abs(index - 2.7110197222973085) < 1e-12)
            // By hand: 4 in common, and the lists of 0 and 33 have 16 and 17.
            let hubs = FriendsOfFriends(via: .friends, score: TwoHopScore(rawValue: "hub-depressed")!)
            #expect(try snapshot.score(of: 33, for: 0, by: hubs) == 4.0 / 17)
            // 16 has 2 friends, 5 and 6, and 0 is a friend of both.
            #expect(try snapshot.score(of: 16, for: 0, by: hubs) == 2.0 / 16)
            #expect(try snapshot.score(of: 0, for: 16, by: hubs) == 2.0 / 16)
            let list = try snapshot.recommend(for: 0, by: paths, limit: 3)
            #expect(list.results.first?.user == 33)
            #expect(list.results.first?.evidence.first?.paths == 4)
        }
    }

    @Test("A user without edges gets an empty list; an unknown user, a type between kinds, a negative limit are errors")
    func edgesOfTheQuestion() throws {
        let folder = try TemporaryFolder()
        let store = try GraphStore(creating: folder.file("people.kith"), options: .forTests)
        try store.write { graph in _ = try graph.addNode("alone") }
        let recommender = FriendsOfFriends(via: .follows)
        #expect(try store.read { try $0.recommend(for: "alone", by: recommender) }.results == [])
        #expect(throws: GraphStoreError.noSuchNode(.user, "nobody")) {
            try store.read { try $0.recommend(for: "nobody", by: recommender) }
        }
        #expect(throws: GraphStoreError.self) {
            try store.read { try $0.recommend(for: "alone", by: FriendsOfFriends(via: .interests)) }
        }
        #expect(throws: GraphStoreError.self) {
            try store.read { try $0.recommend(for: "alone", by: recommender, limit: -1) }
        }
    }
}
