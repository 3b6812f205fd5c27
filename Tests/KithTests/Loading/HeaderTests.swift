import GraphTesting
import Testing

@testable import Kith

/// Each text has the shape of what an exporter writes, or of a slip; the graph is what was meant, or an error asks.
@Suite("The columns of a file")
struct HeaderTests {
    private func error(_ text: String, _ name: String, as type: EdgeType.Name? = .follows) throws -> String {
        let error = #expect(throws: LoadError.self) { try LoadedFile(text, name, as: type) }
        guard case .badHeader(_, let reason) = try #require(error) else {
            Issue.record("expected an error of the header, found: \(String(describing: error))")
            return ""
        }
        return reason
    }

    @Test(
        "are found by the names that exporters give them",
        arguments: [
            ("id,follower_id,followee_id\n1,10,20\n2,20,30\n", "10 20"),
            ("FollowerId,FolloweeId\n10,20\n20,30\n", "10 20"),
            ("start,end\n10,20\n20,30\n", "10 20"),
            ("Source,Target,Type,Id,Label\n10,20,Directed,0,\n20,30,Directed,1,\n", "10 20"),
            ("user_id:token,friend_id:token\n10,20\n20,30\n", "10 20"),
            ("Person.id|Person.id|creationDate\n10|20|2010-01-02T00:00:00.000+0000\n20|30|\n", "10 20 @1262390400"),
            ("Person1Id|Person2Id|creationDate\n10|20|2010-01-02\n20|30|\n", "10 20 @1262390400"),
            (":START_ID(user),:END_ID(user),:TYPE\n10,20,FOLLOWS\n20,30,FOLLOWS\n", "10 20"),
            ("\"id1\",\"id2\"\n10,20\n20,30\n", "10 20"),
            ("Node1;Node2\n10;20\n20;30\n", "10 20"),
            ("col1\tcol2\n10\t20\n20\t30\n", "10 20"),
            ("user,created_at,followed\n10,1262390400,20\n20,,30\n", "10 20 @1262390400"),
            ("id1,end\n10,20\n20,30\n", "10 20"), ("user,id2\n10,20\n20,30\n", "10 20"),
            ("from,to,category,user_name\n10,20,x,y\n20,30,x,y\n", "10 20"),
        ])
    func names(text: String, first: String) throws {
        for name in ["e.csv", "e"] {
            let loaded = try LoadedFile(text, name)
            #expect(loaded.edges.count == 2 && loaded.edges.contains(first), "\(name): \(loaded.edges)")
            #expect(loaded.rejected == [] && loaded.file.layout.header == .row && loaded.file.rows == 2)
        }
    }

    @Test(
        "of interests are found by the names of what is liked",
        arguments: [
            ("user,tag\nann,jazz\nbob,rock\n", ["ann jazz 1.0", "bob rock 1.0"]),
            ("id,user_id,topic_id\n1,ann,jazz\n2,bob,rock\n", ["ann jazz 1.0", "bob rock 1.0"]),
            ("userId,movieId,rating,timestamp\nann,jazz,3.5,1\nbob,rock,2,1\n", ["ann jazz 3.5", "bob rock 2.0"]),
            ("topic,user,value\njazz,ann,2\nrock,bob,3\n", ["ann jazz 2.0", "bob rock 3.0"]),
            (":END_ID(topic)|:START_ID(user)\njazz|ann\nrock|bob\n", ["ann jazz 1.0", "bob rock 1.0"]),
        ])
    func interests(text: String, edges: [String]) throws {
        let loaded = try LoadedFile(text, "e.csv", as: .interests)
        #expect(loaded.edges == edges && loaded.rejected == [])
    }

    @Test("that a header names and nothing is read of are named in the report")
    func leftOut() throws {
        let text = "src,dst,weight,timestamp\n6,2,4,1289241911\n6,5,2,1289241941.72836\n"
        let loaded = try LoadedFile(text, "e.csv")
        #expect(loaded.edges == ["6 2 @1289241911", "6 5 @1289241941"])
        #expect(loaded.file.columnsLeftOut == [FileColumn(number: 3, name: "weight", role: .skipped)])
        #expect(
            loaded.file.layout.columns.map(\.role) == [.source, .target, .skipped, .time]
                && loaded.file.layout.columns.map(\.name) == ["src", "dst", "weight", "timestamp"])
        #expect(
            loaded.file.firstRows.first
                == .edge(.follows, from: 6, to: 2, weight: nil, time: Timestamp(rawValue: 1_289_241_911)))
    }

    @Test("may be called by names of rows too, for which R's write.table has no column in the header")
    func rowNames() throws {
        for (text, name) in [
            ("\"from\",\"to\"\n\"1\",\"ann\",\"bob\"\n\"2\",\"bob\",\"cy\"\n", "e.csv"),
            ("\"from\" \"to\"\n\"1\" \"ann\" \"bob\"\n\"2\" \"bob\" \"cy\"\n", "e.txt"),
            ("\"from\"\t\"to\"\n\"1\"\t\"ann\"\t\"bob\"\n\"2\"\t\"bob\"\t\"cy\"\n", "e.tsv"),
        ] {
            let loaded = try LoadedFile(text, name)
            #expect(loaded.edges == ["ann bob", "bob cy"] && loaded.file.layout.hasRowNames, "\(name)")
        }
    }

    @Test("are no more than the header has, or the first row")
    func tooMany() throws {
        for text in [
            "from,to,weight\n1,2,5,\n3,4,6,\n", "from,to\nann,bob,x\nbob,cy,y\n", "from,to\n\"a\",b,c\nd,e,f\n",
        ] {
            #expect(throws: LoadError.self) { try LoadedFile(text, "e.csv", as: .interacts) }
        }
        let below = try LoadedFile("from,to\na,b\na,b,c,d,e\n", "e.csv")
        #expect(below.edges == ["a b"] && below.rejected == ["3: too-many-columns"])
        let second = try LoadedFile("a,b\nb,c,1289241911\n", "e.csv")
        #expect(second.edges == ["a b"] && second.rejected == ["2: too-many-columns"])
        #expect(throws: LoadError.self) { try LoadedFile("from,to\na,b,c,d,e\n", "e.csv") }
    }

    @Test(
        "stop the load where words above numbers are no names that are known",
        arguments: [
            ("ann\tbob\n7\t8\n8\t9\n", "e.tsv", "'ann, bob'"),
            ("deadbeef\tcafebabe\n12345678\t87654321\n", "e.tsv", "'deadbeef"),
            ("a b\n1 2\n", "e.txt", "'a, b'"),
        ])
    func notUnderstood(text: String, name: String, shown: String) throws {
        let reason = try error(text, name)
        #expect(reason.contains(shown) && reason.contains("`--header no`") && reason.contains("`--columns`"))
        let row = try LoadedFile(text, name, dialect: FileDialect(header: .none))
        #expect(row.edges.count == text.split(separator: "\n").count && row.file.layout.header == .none)
        let header = try LoadedFile(text, name, dialect: FileDialect(columns: [.target, .source], header: .row))
        #expect(header.edges.count == row.edges.count - 1 && header.file.layout.header == .row)
    }

    @Test("stop the load where two of them may be the same end, or one is missing")
    func ambiguous() throws {
        #expect(try error("user_id,source,to\n1,2,3\n", "e.csv").contains("'user_id' and 'source' may both be 'from'"))
        #expect(try error("from,name\nann,x\n", "e.csv").contains("has no column 'to'"))
        #expect(try error("x,to\n1,2\n", "e.csv").contains("has no column 'from'"))
        #expect(try error("col1,col2\n", "e.csv").contains("the only row is 'col1, col2'"))
    }

    @Test("are no names where the rows below go on like the first")
    func numberedKeys() throws {
        #expect(try LoadedFile("user1,user2\nuser2,user3\n", "e.csv").edges == ["user1 user2", "user2 user3"])
        #expect(try LoadedFile("id1,id2\nid2,id3\n", "e.csv").edges == ["id1 id2", "id2 id3"])
        #expect(try LoadedFile("node1 node2\nnode7 node2\n", "e.txt").edges == ["node1 node2", "node7 node2"])
    }

    @Test("are those of another file where that is said, as neo4j-admin has it, and of the kinds that the type joins")
    func headerFile() throws {
        let folder = try TemporaryFolder()
        let header = folder.file("header.csv")
        try ":END_ID(topic)|:START_ID(user)\n".write(toFile: header, atomically: true, encoding: .utf8)
        let dialect = FileDialect(headerFile: header)
        let loaded = try LoadedFile("jazz|ann\nrock|bob\n", "e.csv", as: .interests, dialect: dialect)
        #expect(loaded.edges == ["ann jazz 1.0", "bob rock 1.0"] && loaded.file.layout.header == .file)
        #expect(throws: LoadError.self) { try LoadedFile("jazz|ann\n", "e.csv", as: .follows, dialect: dialect) }
        let reason = try error(":START_ID(topic),:END_ID(user)\njazz,ann\n", "e.csv", as: .interests)
        #expect(reason.contains("column 1 of the header has keys of 'topic', and 'user' is expected there"))
        #expect(try LoadedFile(":START_ID(Person),:END_ID(Person)\nann,bob\n", "e.csv").edges == ["ann bob"])
        #expect(throws: LoadError.self) { try LoadedFile(":ID(topic)\njazz\n", "n.csv", nodes: .user) }
    }

    @Test("of nodes have one of keys, by name where there are several")
    func nodes() throws {
        #expect(try LoadedFile("user_id,name\n1,Ann\n2,Bob\n", "n.csv", nodes: .user).nodes == ["1", "2"])
        #expect(try LoadedFile("\"name, full\",id,x\nAnn,1,z\nBob,2,y\n", "n.csv", nodes: .user).nodes == ["1", "2"])
        #expect(try LoadedFile("topic\njazz\n", "n.csv", nodes: .topic).nodes == ["jazz"])
        #expect(try LoadedFile("Ann Smith\nBob Jones\n", "n.csv", nodes: .user).nodes == ["Ann Smith", "Bob Jones"])
        #expect(throws: LoadError.self) { try LoadedFile("ann,x\nbob,y\n", "n.csv", nodes: .user) }
        let said = FileDialect(columns: [.skipped, .key])
        #expect(try LoadedFile("x,ann\ny,bob\n", "n.csv", nodes: .user, dialect: said).nodes == ["ann", "bob"])
    }

    @Test("that are named again below are no edge, and are counted", arguments: [nil, 9])
    func repeated(chunkBytes: Int?) throws {
        let loaded = try LoadedFile("from,to\na,b\nb,c\nfrom,to\nc,d\n", "e.csv", chunkBytes: chunkBytes)
        #expect(loaded.edges == ["a b", "b c", "c d"] && loaded.rejected == [])
        #expect(loaded.file.repeatedHeaders == 1 && loaded.file.rows == 3)
    }
}
