import Foundation
import GraphTesting
import ProcessTesting
import Testing

@testable import Kith

@Suite("JSON that people write")
struct StrictJSONTests {
    @Test(
        "is refused for a member that is written twice, at every depth and however it is spelled",
        arguments: [
            (#"{"limit": 5, "limit": 5}"#, "limit"), (#"{"limit": 1, "\u006cimit": 2}"#, "limit"),
            (#"{"recommenders": [{"by": "pagerank"}, {"by": "interests", "weight": 1, "weight": 2}]}"#, "[1].weight"),
            (#"{"filters": {"excluding": ["a"], "excluding": ["b"]}}"#, "filters.excluding"),
            (#"{"filters": {}, "limit": 3, "filters": {}}"#, "filters"),
            (
                #"{"recommenders":[{"by":"walk","hops":[{"steps":[{"type":"follows","type":"friends"}]}]}]}"#,
                "recommenders.[0].hops.[0].steps.[0].type"
            ),
        ])
    func twice(json: String, place: String) {
        #expect {
            try RecommendationRequest(json: json.utf8)
        } throws: { error in
            guard case GraphStoreError.badRequest(let reason) = error else { return false }
            return reason.contains("\(place): it is written twice")
        }
    }

    @Test("of a schema and of an edge type, too")
    func schemas() {
        let type = #"{"name": "mentors", "from": "user", "to": "user", "symmetric": true, "symmetric": false}"#
        #expect(throws: SchemaError.badJSON("at symmetric it is written twice; keep one of them")) {
            try EdgeType(json: type.utf8)
        }
        #expect(throws: SchemaError.badJSON("at edgeTypes.[0].symmetric it is written twice; keep one of them")) {
            try Schema(json: #"{"nodeKinds": ["user"], "edgeTypes": [\#(type)]}"#.utf8)
        }
    }

    @Test("has no comma before a closing bracket", arguments: [#"{"limit": 5,}"#, #"{"filters": {"only": ["a", ]}}"#])
    func commas(json: String) {
        #expect {
            try RecommendationRequest(json: json.utf8)
        } throws: { "\($0)".contains("comma") }
    }

    @Test("may begin with a byte order mark, and is UTF-8")
    func bytes() throws {
        let json = Array(#"{"limit": 5}"#.utf8)
        #expect(try RecommendationRequest(json: [0xEF, 0xBB, 0xBF] + json).limit == 5)
        #expect(try Schema(json: [0xEF, 0xBB, 0xBF] + Array(Schema.social.json.utf8)) == .social)
        #expect {
            try RecommendationRequest(
                json: Array(
                    #"{"filters": {"excluding": ["\#u{e9}"]}}"#.unicodeScalars.map {
                        UInt8($0.value)
                    }))
        } throws: { "\($0)".contains("UTF-8") }
        #expect(throws: GraphStoreError.badRequest("it is not UTF-8; convert it first")) {
            try RecommendationRequest(json: json.flatMap { [$0, 0] })
        }
    }

    @Test("names a time that is none as such, with its place")
    func times() throws {
        let json = #"{"recommenders": [{"by": "interests", "options": {"since": "2023-02-29"}}]}"#
        #expect {
            try RecommendationRequest(json: json.utf8)
        } throws: { error in
            guard case GraphStoreError.badTime(let member, let time) = error else { return false }
            return member == "recommenders.[0].options.since" && time.reason == .noSuchDay
        }
        let words = #"{"recommenders": [{"by": "friends-of-friends", "options": {"since": "1d"}}]}"#
        let request = try RecommendationRequest(json: words.utf8, relativeTo: 1_000_000)
        #expect(request.recommenders[0].options?.since == 913_600)
        #expect(throws: GraphStoreError.self) { try RecommendationRequest(json: words.utf8) }
    }

    /// Any JSON, written with blanks; decoded without looking at it.
    private struct Anything: Decodable {
        init(from decoder: any Decoder) throws {}
    }

    /// A value written at random; `twice` is how many objects of it have a member twice.
    private func value(_ depth: Int, _ twice: inout Int, _ random: inout SplitMix64) -> String {
        let blank = ["", " ", "\n", "\t "].randomElement(using: &random) ?? ""
        let name = { (random: inout SplitMix64) in
            #""\#(["a", "b", "\\\"", "c{", "]", "\\u0061", "\\\\", ","].randomElement(using: &random) ?? "a")""#
        }
        switch Int.random(in: 0..<(depth > 3 ? 3 : 6), using: &random) {
        case 0: return blank + "\(Int.random(in: -9...9, using: &random))e1" + blank
        case 1: return blank + name(&random) + blank
        case 2: return ["true", "null", "{}", "[ ]", "false"].randomElement(using: &random) ?? "1"
        case 3:
            let elements = (0..<3).map { _ in value(depth + 1, &twice, &random) }
            return blank + "[" + elements.joined(separator: ",") + "]"
        default:
            let names = (0..<Int.random(in: 1...4, using: &random)).map { _ in name(&random) }
            let spelled = Set(names.map { $0 == #""\u0061""# ? #""a""# : $0 })
            if spelled.count < names.count { twice += 1 }
            let members = names.map { blank + $0 + blank + ":" + value(depth + 1, &twice, &random) }
            return "{" + members.joined(separator: ",") + "}" + blank
        }
    }

    @Test("is read whatever it is, and refused exactly where some object has a member twice")
    func oracle() throws {
        var random = SplitMix64(seed: 77)
        var counts = [0, 0]
        for _ in 0..<Repetitions.of(2_000) {
            var twice = 0
            let json = value(0, &twice, &random)
            let isRead = (try? StrictJSON.decode(Anything.self, from: json.utf8)) != nil
            #expect(isRead == (twice == 0), "\(json)")
            counts[isRead ? 1 : 0] += 1
        }
        #expect(counts.min() ?? 0 > 100)
    }
}
