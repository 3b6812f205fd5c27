/// Recognises text that is no rows, from the start of a file and its name.
struct ForeignText {
    private let path: String
    /// What the name says of the format; nil when it says nothing.
    let named: EdgeFileFormat?
    /// The bytes from the first that is no blank on.
    let bytes: ArraySlice<UInt8>
    /// The first lines that are not blank, without the blanks around them, and of each no more than tells its kind.
    private let lines: [Substring]

    private static let linesMax = 200
    private static let lineBytesMax = 300

    init(_ head: [UInt8], _ path: String, _ named: EdgeFileFormat?) {
        self.path = path
        self.named = named
        bytes = head.drop(while: ForeignText.isBlank)
        lines = bytes.split(maxSplits: ForeignText.linesMax, whereSeparator: LineEnds.isLineEnd)
            .prefix(ForeignText.linesMax)
            .map { line in
                let text = line.drop(while: ForeignText.isBlank).prefix(ForeignText.lineBytesMax)
                return Substring(decoding: text.reversed().drop(while: ForeignText.isBlank).reversed(), as: UTF8.self)
            }
            .filter { !$0.isEmpty }
    }

    static func isBlank(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: " ") || byte == FieldTokenizer.tab || LineEnds.isLineEnd(byte)
    }

    private static func isBlank(_ letter: Character) -> Bool { letter == " " || letter == "\t" }

    /// The kind; nil when it may be rows.
    var kind: ForeignFormat? {
        guard let first = bytes.first else { return nil }
        switch first {
        case UInt8(ascii: "<"): return markup
        case UInt8(ascii: "["): return isJSONArray ? ForeignText.jsonArray : rowsInBrackets("[", "]")
        case UInt8(ascii: "("): return rowsInBrackets("(", ")")
        case UInt8(ascii: "{"): return named == nil || named == .jsonl ? jsonObject : nil
        default: return pointer ?? ownExport ?? pajek ?? gml ?? dot ?? lgl
        }
    }

    /// As Python prints tuples and lists, and Spark saves rows as text.
    private func rowsInBrackets(_ opening: String, _ closing: String) -> ForeignFormat? {
        guard lines.count > 1, lines.allSatisfy({ $0.hasPrefix(opening) && $0.hasSuffix(closing) && $0.contains(",") })
        else {
            return nil
        }
        return ForeignFormat(
            kind: "tuples or lists, a row each",
            advice: "take off the brackets and blanks: tr -d '()[] ' < FILE > edges.csv")
    }

    private var pointer: ForeignFormat? {
        guard lines.first?.hasPrefix("version https://git-lfs.github.com/spec/") == true else { return nil }
        return ForeignFormat(kind: "a pointer of Git LFS to the file", advice: "get the file itself: git lfs pull")
    }

    /// What platforms give a person of the person's own: whom, and not who.
    private var ownExport: ForeignFormat? {
        guard let line = lines.first else { return nil }
        if line.hasPrefix("Account address,Show boosts") {
            return ForeignFormat(
                kind: "Mastodon's list of the accounts that one person follows, without that person",
                advice: "put it in each row: awk -F, 'NR > 1 { print \"ME,\" $1 }' FILE > follows.csv")
        }
        if line.hasPrefix("window.YTD.") {
            return ForeignFormat(
                kind: "a script of a Twitter archive, which holds the accounts of one person without that person",
                advice: "make rows of it: sed '1s/^[^[]*//' FILE | jq -r '.[][].accountId | \"ME,\" + .' > follows.csv")
        }
        return nil
    }

    /// Pajek begins with its vertices, or with a name for the network.
    private var pajek: ForeignFormat? {
        guard let line = lines.first(where: { !$0.hasPrefix("%") })?.lowercased(), line.hasPrefix("*") else {
            return nil
        }
        func counts(_ line: String) -> Bool {
            let words = line.split(whereSeparator: ForeignText.isBlank)
            return words.count > 1 && words[0] == "*vertices" && Int(words[1]) != nil
        }
        guard counts(line) || line.hasPrefix("*network") && lines.contains(where: { counts($0.lowercased()) }) else {
            return nil
        }
        return ForeignFormat(kind: "a network of Pajek", advice: ForeignText.networkX("read_pajek"))
    }

    /// GML is a list of keys and values; that of the graph holds lists of nodes, each with a number as its `id`.
    private var gml: ForeignFormat? {
        let isNote: (Substring) -> Bool = { line in
            line.hasPrefix("#")
                || ["creator", "version", "comment"].contains(line.prefix { !ForeignText.isBlank($0) }.lowercased())
        }
        guard let start = lines.firstIndex(where: { !isNote($0) }) else { return nil }
        let words = lines[start...].flatMap { $0.split(whereSeparator: ForeignText.isBlank) }.map { $0.lowercased() }
        guard words.starts(with: ["graph", "["]), words.firstRange(of: ["node", "["]) != nil,
            zip(words, words.dropFirst()).contains(where: { $0 == "id" && Int($1) != nil })
        else { return nil }
        return ForeignFormat(kind: "a graph in GML", advice: ForeignText.networkX("read_gml"))
    }

    /// `graph {`, `digraph "people" {`, `strict digraph {`, behind comments, and then what ends a statement or joins nodes.
    private var dot: ForeignFormat? {
        let isNote: (Substring) -> Bool = { line in ["//", "#", "/*", "*"].contains { line.hasPrefix($0) } }
        guard let start = lines.firstIndex(where: { !isNote($0) }) else { return nil }
        let text = lines[start...].joined(separator: "\n")
        guard let brace = text.firstIndex(of: "{") else { return nil }
        var words = text[..<brace].split { $0.isWhitespace }.map { $0.lowercased() }
        if words.first == "strict" { words.removeFirst() }
        let body = text[brace...]
        guard let kind = words.first, kind == "graph" || kind == "digraph",
            words.count <= 2 || words[1].hasPrefix("\"") && words[words.count - 1].hasSuffix("\""),
            ["->", "--", ";", "\n}"].contains(where: body.contains)
        else { return nil }
        return ForeignFormat(
            kind: "a graph in DOT",
            advice:
                "Graphviz writes its edges as rows: gvpr 'E { print(tail.name, \"\\t\", head.name) }' FILE > edges.tsv")
    }

    /// LGL has a line `# source` above the targets of each source: as an edge list these are comments, and the targets with
    /// their weights are edges that nobody wrote.
    private var lgl: ForeignFormat? {
        let found = ForeignFormat(
            kind: "a graph in LGL",
            advice: "write rows of it: awk '/^#/ { source = $2; next } { print source, $0 }' FILE > edges.txt")
        if path.hasSuffix(".lgl") || path.hasSuffix(".lgl.gz") { return found }
        guard named == nil || named == .edges, bytes.first == UInt8(ascii: "#") else { return nil }
        var sources: Set<Substring> = []
        var targets: Set<Substring> = []
        var source: Substring = ""
        for line in lines {
            let words = line.split(whereSeparator: ForeignText.isBlank)
            if line.hasPrefix("#") {
                guard words.count == 2, words[0] == "#" else { return nil }
                source = words[1]
                sources.insert(source)
            } else {
                guard words.count == 1 || words.count == 2 && Double(words[1]) != nil, words[0] != source else {
                    return nil
                }
                targets.insert(words[0])
            }
        }
        // Comments of one word each may stand in an edge list, too: but not the key of another row, or each row's own source.
        return sources.count > 1 && !sources.isDisjoint(with: targets) ? found : nil
    }

    /// The advice to let NetworkX read it, and write what is read here.
    private static func networkX(_ reader: String) -> String {
        "NetworkX makes GraphML of it: nx.write_graphml(nx.\(reader)('FILE'), 'graph.graphml')"
    }
}

extension ForeignText {
    /// Pages and documents, by their first element.
    private var markup: ForeignFormat? {
        let root = rootElement
        if root == "html" || lines.first?.lowercased().hasPrefix("<!doctype html") == true {
            return ForeignFormat(
                kind: "a web page",
                advice: "whoever fetched it met a page in place of the file, say to log in; fetch it again")
        }
        switch root {
        case "gexf":
            return ForeignFormat(kind: "a graph in GEXF", advice: ForeignText.networkX("read_gexf"))
        case "graphml":
            return ForeignFormat(
                kind: "a GraphML document", advice: "the command reads it: kith load STORE --edges TYPE=FILE")
        default:
            guard lines.first?.hasPrefix("<?xml") == true else { return nil }
            return ForeignFormat(
                kind: "an XML document" + (root.isEmpty ? "" : " (\(root))"), advice: "write its edges as rows of CSV")
        }
    }

    /// The name of the first element, behind declarations, instructions and comments.
    private var rootElement: String {
        var rest = bytes
        while rest.first == UInt8(ascii: "<"), let second = rest.dropFirst().first {
            let isComment = rest.starts(with: Array("<!--".utf8))
            guard second == UInt8(ascii: "?") || second == UInt8(ascii: "!") else { break }
            guard let end = rest.firstRange(of: Array((isComment ? "-->" : ">").utf8)) else { return "" }
            rest = rest[end.upperBound...].drop(while: ForeignText.isBlank)
        }
        let name = rest.dropFirst().prefix { byte in
            !ForeignText.isBlank(byte) && byte != UInt8(ascii: ">") && byte != UInt8(ascii: "/")
        }
        return String(decoding: name.prefix(ForeignText.lineBytesMax), as: UTF8.self).lowercased()
    }
}
