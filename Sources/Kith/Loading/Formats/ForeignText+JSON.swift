/// JSON that is not an object a line.
extension ForeignText {
    static let jsonArray = ForeignFormat(
        kind: "one JSON array, not an object a line", advice: "make lines of it: jq -c '.[]' FILE")

    /// Whether the text, which begins with a bracket, goes on as an array of objects or of arrays does. No row of JSON lines
    /// begins with a bracket; a key may, and even with two, as links of a wiki do.
    var isJSONArray: Bool {
        var rest = afterBlanks(bytes.dropFirst())
        if named == .jsonl { return true }
        guard let first = rest.first else { return false }
        rest = afterBlanks(rest.dropFirst())
        if first == UInt8(ascii: "{") { return rest.first == FieldTokenizer.doubleQuote }
        guard named == nil, first == UInt8(ascii: "[") else { return false }
        let isText = rest.first == FieldTokenizer.doubleQuote
        let element = rest.dropFirst(isText ? 1 : 0).prefix { byte in
            isText ? byte != FieldTokenizer.doubleQuote && !LineEnds.isLineEnd(byte) : byte &- UInt8(ascii: "0") <= 9
        }
        guard isText || !element.isEmpty else { return false }
        return afterBlanks(rest[element.endIndex...].dropFirst(isText ? 1 : 0)).first == AdjacencyReader.comma
    }

    /// A graph in one object, or an object in several lines.
    var jsonObject: ForeignFormat? {
        let members = firstMembers
        let ends: Set<String> = ["from", "to", "source", "target", "src", "dst", "key", "id"]
        if !members.contains(where: { ends.contains($0.name) }) {
            let lists = members.filter { $0.start == UInt8(ascii: "[") }.map(\.name)
            if let edges = ["links", "edges"].first(where: lists.contains) {
                return ForeignText.nodeLink("jq -c '.\(edges)[]' FILE")
            }
            if lists.contains("nodes") {
                return ForeignText.nodeLink("jq -c '.links[]' FILE, or '.edges[]' where it has those")
            }
            if lists.contains("relationships_following") {
                return ForeignFormat(
                    kind: "Instagram's list of the accounts that one person follows, without that person",
                    advice:
                        "put it in each row: jq -r '.relationships_following[] | .string_list_data[0].value // .title "
                        + "| \"ME,\" + .' FILE > follows.csv")
            }
            if members.contains(where: { $0.name == "elements" && $0.start == UInt8(ascii: "{") }) {
                return ForeignText.nodeLink("jq -c '.elements.edges[].data' FILE")
            }
        }
        // Lines end in no object of JSON lines; one that is cut off after its brace is followed by no member of it.
        let inside = bytes.dropFirst().prefix { ForeignText.isBlank($0) }
        guard inside.contains(where: LineEnds.isLineEnd), bytes[inside.endIndex...].first == FieldTokenizer.doubleQuote
        else {
            return nil
        }
        return ForeignFormat(kind: "JSON with objects in several lines", advice: "write one a line: jq -c . FILE")
    }

    private static func nodeLink(_ command: String) -> ForeignFormat {
        ForeignFormat(
            kind: "a graph in one JSON object, with lists of nodes and links", advice: "write a link a line: \(command)"
        )
    }

    private func afterBlanks(_ text: ArraySlice<UInt8>) -> ArraySlice<UInt8> { text.drop(while: ForeignText.isBlank) }

    /// The members of the first object, as far as it is there: their names, and how their values begin.
    private var firstMembers: [(name: String, start: UInt8)] {
        var members: [(String, UInt8)] = []
        var depth = 0
        var index = bytes.startIndex
        while index < bytes.endIndex {
            switch bytes[index] {
            case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                depth -= 1
                if depth == 0 { return members }
            case FieldTokenizer.doubleQuote:
                let start = index + 1
                index = start
                while index < bytes.endIndex, bytes[index] != FieldTokenizer.doubleQuote {
                    index += bytes[index] == UInt8(ascii: "\\") ? 2 : 1
                }
                guard index < bytes.endIndex else { return members }
                let rest = afterBlanks(bytes[(index + 1)...])
                if depth == 1, rest.first == UInt8(ascii: ":"), let value = afterBlanks(rest.dropFirst()).first {
                    members.append((String(decoding: bytes[start..<index], as: UTF8.self), value))
                }
            default: break
            }
            index += 1
        }
        return members
    }
}
