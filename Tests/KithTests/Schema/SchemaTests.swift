import Testing

@testable import Kith

@Suite("A schema")
struct SchemaTests {
    @Test("The social schema makes sense, and reads back from its own JSON")
    func socialRoundTrips() throws {
        let social = Schema.social
        #expect(try Schema(nodeKinds: social.nodeKinds, edgeTypes: social.edgeTypes) == social)
        #expect(try Schema(json: social.json.utf8) == social)
        #expect(social.edgeType(.friends)?.isSymmetric == true)
        #expect(social.edgeType(.interacts)?.repetition == .accumulate(halfLifeSeconds: 2_592_000))
    }

    @Test("A schema of one's own comes from JSON, with defaults for what is not written")
    func readsJSON() throws {
        let json = """
            {"nodeKinds": ["user", "place"],
             "edgeTypes": [{"name": "visits", "from": "user", "to": "place", "columns": ["weight", "time"],
                            "accumulates": true, "halfLifeDays": 2},
                           {"name": "knows", "from": "user", "to": "user", "symmetric": true, "selfLoops": true}]}
            """
        let schema = try Schema(json: json.utf8)
        #expect(schema.edgeType("visits")?.repetition == .accumulate(halfLifeSeconds: 172_800))
        #expect(schema.edgeType("visits")?.columns == [.weight, .time])
        #expect(schema.edgeType("knows")?.columns == [])
        #expect(schema.edgeType("knows")?.allowsSelfLoops == true)
        #expect(try Schema(json: schema.json.utf8) == schema)
    }

    static let nonsense: [(Schema.Draft, SchemaError)] = [
        (.init(kinds: ["item"], types: []), .userKindMissing),
        (.init(kinds: ["user", "user"], types: []), .declaredTwice("user")),
        (.init(kinds: ["user", "9"], types: []), .badName("9")),
        (.init(kinds: ["user", "a b"], types: []), .badName("a b")),
        (.init(kinds: ["user", ""], types: []), .badName("")),
        (
            .init(kinds: ["user"], types: [EdgeType("likes", from: .user, to: "post")]),
            .unknownKind("post", in: "likes", known: ["user"])
        ),
        (
            .init(kinds: ["user", "item"], types: [EdgeType("x", from: .user, to: .item, isSymmetric: true)]),
            .symmetricBetweenKinds("x", .user, .item)
        ),
        (
            .init(kinds: ["user", "item"], types: [EdgeType("x", from: .user, to: .item, allowsSelfLoops: true)]),
            .selfLoopsBetweenKinds("x")
        ),
        (
            .init(
                kinds: ["user"],
                types: [EdgeType("x", from: .user, to: .user, repetition: .accumulate(halfLifeSeconds: nil))]),
            .accumulatesNothing("x")
        ),
        (
            .init(
                kinds: ["user"],
                types: [
                    EdgeType("x", from: .user, to: .user, columns: .weight, repetition: .accumulate(halfLifeSeconds: 1))
                ]),
            .fadesWithoutTime("x")
        ),
        (
            .init(
                kinds: ["user"],
                types: [
                    EdgeType(
                        "x", from: .user, to: .user, columns: [.weight, .time],
                        repetition: .accumulate(halfLifeSeconds: 0))
                ]),
            .badHalfLife("x")
        ),
        (
            .init(
                kinds: ["user"],
                types: [EdgeType("x", from: .user, to: .user), EdgeType("x", from: .user, to: .user)]),
            .declaredTwice("x")
        ),
    ]

    @Test("A schema that makes no sense is refused by name", arguments: nonsense)
    func refusesNonsense(draft: Schema.Draft, expected: SchemaError) {
        #expect(throws: expected) { try Schema(nodeKinds: draft.kinds, edgeTypes: draft.types) }
    }

    @Test(
        "JSON that is no schema says where it went wrong",
        arguments: [
            ("{", "top"), ("[]", "top"), (#"{"nodeKinds": ["user"]}"#, "edgeTypes"),
            (#"{"nodeKinds": ["user"], "edgeTypes": [{"name": 7}]}"#, "edgeTypes.[0].name"),
            (
                #"{"nodeKinds": ["user"], "edgeTypes": [{"name": "x", "from": "user", "to": "user", "columns": ["size"]}]}"#,
                "size"
            ),
        ])
    func explainsBadJSON(json: String, place: String) throws {
        let error = #expect(throws: SchemaError.self) { try Schema(json: json.utf8) }
        #expect(error?.description.contains(place) == true)
    }
}

extension Schema {
    /// What a schema would be made of.
    struct Draft: Sendable {
        var kinds: [NodeKind]
        var types: [EdgeType]
    }
}
