import Foundation
import GraphTesting
import ProcessTesting
import Testing

@testable import Kith

@Suite("JSON lines")
struct JSONLinesTests {
    /// A random object that both readers take, in the many ways to write it.
    private static func object(_ random: inout SplitMix64) -> String {
        func blank() -> String { ["", "", "", " ", "\t", "  "].randomElement(using: &random) ?? "" }
        func text(_ length: Int) -> String {
            let pieces = [
                "a", "b", "user-", "7", "0", " ", "/", "ü", "日", "🧭", "\\n", "\\\"", "\\\\", "\\/", "\\u0041",
                "\\u00e9",
                "\\uD83E\\uDDED", "\\b", "\\f", "\\r", "\\t", "{", "}", ",", ":", "[", "'", "#", "\u{7F}",
            ]
            return "\"" + (0..<length).map { _ in pieces.randomElement(using: &random) ?? "" }.joined() + "\""
        }
        func number(_ wholeMax: Int) -> String {
            let whole = Int.random(in: 0...wholeMax, using: &random)
            let sign = Int.random(in: 0..<6, using: &random) == 0 && whole > 0 ? "-" : ""
            return sign + "\(whole)"
                + (["", "", ".5", ".0625", "e2", "E-3", "e+1", ".25e1"].randomElement(using: &random) ?? "")
        }
        func value(_ depth: Int) -> String {
            switch Int.random(in: 0..<(depth > 3 ? 5 : 8), using: &random) {
            case 0: return text(Int.random(in: 0..<6, using: &random))
            case 1: return number(1 << 40)
            case 2: return "true"
            case 3: return "false"
            case 4: return "null"
            case 5:
                let members = (0..<Int.random(in: 0..<4, using: &random)).map { _ in
                    blank() + text(2) + blank() + ":" + blank() + value(depth + 1) + blank()
                }
                return "{" + (members.isEmpty ? blank() : members.joined(separator: ",")) + "}"
            default:
                let values = (0..<Int.random(in: 0..<4, using: &random)).map { _ in blank() + value(depth + 1) + blank()
                }
                return "[" + (values.isEmpty ? blank() : values.joined(separator: ",")) + "]"
            }
        }
        func key() -> String {
            Bool.random(using: &random)
                ? "\(Int.random(in: -40...1_000_000_000_000, using: &random))"
                : text(Int.random(in: 1..<8, using: &random))
        }
        var members: [(String, String)] = []
        if Int.random(in: 0..<8, using: &random) > 0 {
            members.append((["from", "source", "src", "fr\\u006fm"].randomElement(using: &random) ?? "", key()))
        }
        members.append((["to", "target", "dst", "\\u0074o"].randomElement(using: &random) ?? "", key()))
        if Bool.random(using: &random) {
            members.append(("weight", Int.random(in: 0..<9, using: &random) == 0 ? "null" : number(100_000)))
        }
        if Bool.random(using: &random) {
            let times = [
                "1714550400", "1714550400.75", "1.7145504e9", "1714550400123", "\"2024-05-01\"",
                "\"2024-05-01T08:00:00.5+02:00\"",
                "\"1714550400\"", "null", "\"2024\\u002d05-01\"", "20240501",
            ]
            members.append(("time", times.randomElement(using: &random) ?? "0"))
        }
        for number in 0..<Int.random(in: 0..<4, using: &random) { members.append(("extra\(number)", value(0))) }
        members.shuffle(using: &random)
        return blank() + "{" + blank()
            + members.map { "\"\($0.0)\"" + blank() + ":" + blank() + $0.1 + blank() }.joined(separator: "," + blank())
            + "}"
            + blank()
    }

    @Test("are read as Foundation's decoder reads them", arguments: 0..<Repetitions.of(4))
    func decoder(seed: Int) throws {
        var random = SplitMix64(seed: UInt64(40_000 + seed))
        var (edges, escaped) = (0, 0)
        for _ in 0..<500 {
            let text = JSONLinesTests.object(&random)
            let row = try DecodedJSONRow(strictly: Array(text.utf8))
            #expect(try row == DecodedJSONRow(text.utf8), "\(text)")
            if row.source != nil { edges += 1 }
            if text.contains("\\u") { escaped += 1 }
        }
        #expect(edges > 300 && escaped > 100)
    }

    @Test("that are damaged are never read as what Foundation's decoder refuses", arguments: 0..<Repetitions.of(4))
    func damaged(seed: Int) throws {
        var random = SplitMix64(seed: UInt64(41_000 + seed))
        var (taken, refused) = (0, 0)
        let special = Array("\"\\{}[]:,0.eE+-u \t/".utf8) + [0, 0x1F, 0x80, 0xC3, 0xFF]
        for _ in 0..<1_000 {
            var text = Array(JSONLinesTests.object(&random).utf8)
            for _ in 0..<Int.random(in: 1...3, using: &random) {
                let place = Int.random(in: 0..<text.count, using: &random)
                switch Int.random(in: 0..<3, using: &random) {
                case 0: text[place] = special.randomElement(using: &random) ?? 0
                case 1: text.insert(special.randomElement(using: &random) ?? 0, at: place)
                default: text.remove(at: place)
                }
            }
            guard let row = try? DecodedJSONRow(strictly: text) else {
                refused += 1
                continue
            }
            taken += 1
            // What a key of more than 64 bits is, or the key -0, the decoder sees otherwise.
            guard let decoded = try? DecodedJSONRow(text) else {
                let keys = [row.source, row.target].compactMap { $0?.description }
                #expect(keys.contains { $0.utf8.count > 17 || $0 == "-0" }, "\(String(decoding: text, as: UTF8.self))")
                continue
            }
            #expect(
                row == decoded || row.source?.description == "-0" || row.target?.description == "-0",
                "\(String(decoding: text, as: UTF8.self))")
        }
        #expect(taken > 100 && refused > 100)
    }

    @Test(
        "that RFC 8259 does not know are refused",
        arguments: [
            "", "[]", "7", "\"a\"", "null", "{", "}", "{}x", "{} {}", "{},", "{,}", "{\"a\"}", "{\"a\":}", "{\"a\" 1}",
            "{\"a\":1,}", "{\"a\":1 \"b\":2}", "{a:1}", "{'a':1}", "{\"a\":'b'}", "{\"a\":01}", "{\"a\":+1}",
            "{\"a\":.5}",
            "{\"a\":5.}", "{\"a\":1e}", "{\"a\":1e+}", "{\"a\":-}", "{\"a\":--1}", "{\"a\":NaN}", "{\"a\":nan}",
            "{\"a\":Infinity}", "{\"a\":-Infinity}", "{\"a\":0x10}", "{\"a\":1_000}", "{\"a\":True}", "{\"a\":tru}",
            "{\"a\":nul}", "{\"a\":nullx}", "{\"a\":undefined}", "{\"a\":\"b}", "{\"a\":\"b\u{1}\"}",
            "{\"a\":\"b\tc\"}",
            "{\"a\":\"\\x41\"}", "{\"a\":\"\\u12G4\"}", "{\"a\":\"\\u123\"}", "{\"a\":\"\\", "{\"a\":\"\\uD800\"}",
            "{\"a\":\"\\uDC00\"}", "{\"a\":\"\\uD800\\u0041\"}", "{\"a\":\"\\uD800\\uD800\"}", "{\"a\":[1,]}",
            "{\"a\":[,1]}",
            "{\"a\":[1 2]}", "{\"a\":[}", "{\"a\":{]}", "{\"a\":{\"b\":1,}}", "{\"a\":{1:2}}", "{\"a\":[{]}}",
            "{\"a\":[", "\u{FEFF}{}",
            "{\"a\":1}//x", "{\"a\":1}\u{0}", "{\u{A0}\"a\":1}",
        ])
    func refused(text: String) throws {
        // Of a line without bytes there is no field.
        guard !text.isEmpty else { return }
        #expect(throws: JSONFault.self) { try DecodedJSONRow(strictly: Array(text.utf8)) }
    }

    @Test(
        "that are not UTF-8 are refused",
        arguments: [[0xFF], [0xC3], [0xC3, 0x28], [0xED, 0xA0, 0x80], [0xC0, 0x80]])
    func notUTF8(bytes: [Int]) throws {
        let bytes = bytes.map { UInt8($0) }
        for line in [
            Array("{\"x\":\"".utf8) + bytes + Array("\"}".utf8), Array("{\"".utf8) + bytes + Array("\":1}".utf8),
        ] {
            #expect(throws: JSONFault.self) { try DecodedJSONRow(strictly: line) }
        }
    }

    @Test("are nested as deep as 512, and no deeper")
    func depth() throws {
        func line(_ depth: Int, _ open: String, _ close: String) -> [UInt8] {
            Array(
                ("{\"to\":\"a\",\"x\":" + String(repeating: open, count: depth) + "1"
                    + String(repeating: close, count: depth) + "}")
                    .utf8)
        }
        for (open, close) in [("[", "]"), ("{\"y\":", "}"), ("[{\"y\":[", "]}]")] {
            let depth = 512 / (open == "[{\"y\":[" ? 3 : 1)
            #expect(try DecodedJSONRow(strictly: line(depth, open, close)).target == "a")
            #expect(throws: JSONFault.self) { try DecodedJSONRow(strictly: line(depth + 1, open, close)) }
            #expect(throws: JSONFault.self) { try DecodedJSONRow(strictly: line(100_000, open, close)) }
        }
    }

    @Test("say an edge by any of the names, and what is null is missing")
    func names() throws {
        let loaded = try LoadedText(
            """
            {"from": "ann", "to": "bob"}
            {"source": "bob", "target": 7, "weight": 2.5, "time": "2024-05-01"}
              {"src":8,"dst":"a\\u0062\\"","weight":null,"time":1714550400000} \t
            {"from": null, "source": "cy", "to": "ann", "weight": 1e2, "x": {"from": [1, {"to": "}"}]}}
            \t
            {"from": -1001, "to": 42}
            {"from": 18446744073709551616, "to": 18446744073709551615}
            """, "e.jsonl", as: "rates")
        #expect(
            loaded.edges == [
                "-1001 42 1.0", "18446744073709551616 18446744073709551615 1.0", "8 ab\" 1.0 @1714550400",
                "ann bob 1.0",
                "bob 7 2.5 @1714521600", "cy ann 100.0",
            ])
        #expect(loaded.rejected == [] && loaded.remarks == ["left out: x"])
    }

    @Test("turn down what is no edge, with the reason")
    func badRows() throws {
        let loaded = try LoadedText(
            """
            {"from": "a", "to": "b", "from": "c"}
            {"from": "a", "to": "b", "source": "c"}
            {"from": "a", "to": "b", "from": null}
            {"from": "a"}
            {"from": "a", "to": null}
            {"from": 1.0, "to": "b"}
            {"from": 1e3, "to": "b"}
            {"from": true, "to": "b"}
            {"from": "a", "to": ["b"]}
            {"from": "", "to": "b"}
            {"from": "a", "to": "b", "weight": "2"}
            {"from": "a", "to": "b", "weight": 1e39}
            {"from": "a", "to": "b", "weight": 1e-60}
            {"from": "a", "to": "b", "time": [1]}
            {"from": "a", "to": "b", "time": -5}
            {"from": "a", "to": "b", "time": 1e300}
            {"from": "a", "to": "a"}
            {"from": "\\u0061", "to": "a"}
            {"from": "a", "to": "b",}
            {"from": "good", "to": "b"}
            """, "e.jsonl", as: "rates")
        #expect(loaded.edges == ["good b 1.0"])
        let codes =
            Array(repeating: "bad-json", count: 11) + ["bad-weight", "bad-weight", "bad-json", "bad-time", "bad-time"]
        #expect(
            loaded.rejected == (codes + ["self-loop", "self-loop", "bad-json"]).enumerated().map { "\($0 + 1): \($1)" })
        let words = [
            "\"from\" is there twice; leave one out; an edge is an object such as {\"from\": \"a\"",
            "\"from\" and \"source\" are both there and say the same", "\"from\" is there twice", "\"to\" is missing",
            "\"to\" is missing",
            "\"from\": a key that is a number is an integer, found 1.0; write others as text, in quotes",
            "found 1e3", "\"from\": a key is a text or an integer, found true",
            "\"to\": a key is a text or an integer, found an array", "\"from\": a key needs 1 to 500 bytes",
            "\"weight\": a number is expected, found a text", "found '1e39'; scale", "found '1e-60'; scale",
            "\"time\": a time is a number or a text, found an array", "found '-5'", "found '1e300'",
            "joins a node to itself",
            "joins a node to itself", "byte 25: the name of a member, in quotes, is expected, found '}'",
        ]
        for (reason, words) in zip(loaded.reasons, words) { #expect(reason.contains(words)) }
    }

    @Test("of nodes say what a node is, and read its key alone")
    func nodes() throws {
        let folder = try TemporaryFolder()
        let path = folder.file("u.jsonl")
        let text = """
            {"key": "ann", "name": "Ann", "from": 1.5}
            {"id": 7}
            {"key": "b\\u0062"}
            {"name": "Cy"}
            {"key": "a", "id": "b"}
            """
        try Data(text.utf8).write(to: URL(fileURLWithPath: path))
        let error = #expect(throws: LoadError.self) {
            try BulkLoader().load([], nodes: [.init(kind: .user, path: path)], into: folder.file("s.kith"))
        }
        #expect(
            try "\(#require(error))".contains(
                "u.jsonl:4: \"key\" is missing; a node is an object such as {\"key\": \"a\"}; nothing"))
        let report = try BulkLoader(onError: .skip).load(
            [], nodes: [.init(kind: .user, path: path)], into: folder.file("s.kith"))
        #expect(report.nodes == [.user: 3] && report.rejected == ["bad-json": 2])
        #expect(report.files.flatMap(\.remarks) == ["left out: name, from"])
        #expect(try GraphStore(opening: folder.file("s.kith")).read { try $0.contains("bb") })
    }

    @Test("have the first names that are not read told, the same for any number of threads")
    func leftOut() throws {
        let lines = (0..<300).map { "{\"from\": \($0), \"to\": \"x\", \"m\($0 / 9)\": 1, \"type\": \"knows\"}\n" }
            .joined()
        let names = ["m0", "type"] + (1..<15).map { "m\($0)" }
        for (chunkBytes, threads) in [(nil, 1), (300, 3), (900, 2)] {
            let loaded = try LoadedText(lines, "e.jsonl", as: "visits", chunkBytes: chunkBytes, threads: threads)
            #expect(loaded.remarks == ["left out: " + names.joined(separator: ", ") + " and others"])
        }
    }
}
