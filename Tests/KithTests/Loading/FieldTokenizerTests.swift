import GraphTesting
import ProcessTesting
import Testing

@testable import Kith

@Suite("The tokenizer")
struct FieldTokenizerTests {
    private struct Cut: Equatable {
        var kind: FieldTokenizer.Record.Kind
        var lines: Int
        var fields: [String]
    }

    private func records(_ text: [UInt8], _ tokenizer: FieldTokenizer) -> [Cut] {
        text.withUnsafeBufferPointer { text in
            var cuts: [Cut] = []
            var start = 0
            while start < text.count {
                var fields: [String] = []
                let record = tokenizer.scan(text, start) { fields.append($0.text) }
                cuts.append(Cut(kind: record.kind, lines: record.lines, fields: fields))
                start = record.next
            }
            return cuts
        }
    }

    private static let csv = FieldTokenizer(delimiter: UInt8(ascii: ","), quote: FieldTokenizer.doubleQuote)

    @Test(
        "cuts fields as RFC 4180 says",
        arguments: [
            ("a,b", ["a", "b"]), ("a,,", ["a", "", ""]), ("\"a,b\",c", ["a,b", "c"]), ("\"\",x", ["", "x"]),
            ("\"a\"\"b\"", ["a\"b"]), ("\"\"\"\"", ["\""]), ("a\"b,c", ["a\"b", "c"]), (" \"a\" ,b", ["a", "b"]),
            ("a ,\tb", ["a", "b"]), ("\" a\", b c ", [" a", "b c"]),
            (" ,", ["", ""]),
            ("\"a\nb\",c", ["a\nb", "c"]), ("\"a\r\n\r\nb\"", ["a\r\n\r\nb"]),
        ])
    func fields(text: String, fields: [String]) {
        for end in ["", "\n", "\r\n", "\r\r\n", "\r"] {
            let cuts = records(Array((text + end).utf8), FieldTokenizerTests.csv)
            #expect(cuts.map(\.fields) == [fields] && cuts.map(\.kind) == [.row])
        }
    }

    @Test("loses a line to an open quote, and a record to text behind a quote")
    func mistakes() {
        let cuts = records(Array("\"a\"b,c\n1,2\na,\"b\n3,4\n".utf8), FieldTokenizerTests.csv)
        #expect(cuts.map(\.kind) == [.textAfterQuote, .row, .openQuote, .row])
        #expect(cuts[1].fields == ["1", "2"] && cuts[3].fields == ["3", "4"])
    }

    @Test("loses the line of a quote that another field's quote seems to close, and not the lines up to there")
    func quoteOfAnotherField() {
        let good = (0..<100).map { "a\($0),b\($0)\n" }.joined()
        let cuts = records(Array(("\"x,y\n" + good + "\"p\"\"q\",r\n\"s\"t,\"u\nv,w\n").utf8), FieldTokenizerTests.csv)
        #expect(cuts.map(\.kind) == [.openQuote] + Array(repeating: .row, count: 100) + [.row, .textAfterQuote, .row])
        #expect(cuts[100].fields == ["a99", "b99"] && cuts[101].fields == ["p\"q", "r"])
        #expect(cuts[103].fields == ["v", "w"])
    }

    private static let tokenizers = [
        csv, FieldTokenizer(delimiter: UInt8(ascii: ",")), FieldTokenizer(comments: .usual),
        FieldTokenizer(delimiter: UInt8(ascii: ","), quote: FieldTokenizer.doubleQuote, comments: .usual), .wholeLines,
        FieldTokenizer(quote: FieldTokenizer.doubleQuote), FieldTokenizer(delimiter: FieldTokenizer.tab),
    ]

    @Test("cuts a text the same wherever its blocks end", arguments: tokenizers.indices, 0..<Repetitions.of(300))
    func blocks(tokenizer: Int, seed: Int) {
        let tokenizer = FieldTokenizerTests.tokenizers[tokenizer]
        var random = SplitMix64(seed: UInt64(7_000 + seed))
        let letters = Array("aab,\"\"\r\n\n# \t".utf8)
        let text = (0..<Int.random(in: 1...40, using: &random)).map { _ in letters.randomElement(using: &random) ?? 0 }
        let whole = records(text, tokenizer)
        for count in 0...text.count {
            let end = Array(text[..<count]).withUnsafeBufferPointer { tokenizer.lastRecordEnd($0) }
            let (first, rest) = (Array(text[..<end]), Array(text[end...]))
            #expect(
                records(first, tokenizer) + records(rest, tokenizer) == whole,
                "\(String(decoding: text, as: UTF8.self)) at \(end) of \(count)")
        }
    }

    @Test(
        "knows all lines but the last, and that too where its end is sure",
        arguments: [
            ("a\nb", 2), ("a\n", 2), ("a\r", 0), ("a\r\r", 0), ("a\r\r\r", 2), ("a\rb", 2), ("a\r\n", 3),
            ("a\r\r\n", 4), ("", 0),
        ])
    func lastEnds(text: String, end: Int) {
        #expect(Array(text.utf8).withUnsafeBufferPointer { LineEnds.lastEnd($0, from: 0) } == end)
    }
}
