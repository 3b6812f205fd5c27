import GraphTesting

@testable import Kith

/// A small random graph in a file, in the shape that some program gives it, and the graph that whoever wrote it meant.
///
/// ```
/// program -> delimiter, quotes, header, name of the file -> keys that such a file can hold -> rows
/// ```
/// A file determines its graph: a key that its shape cannot hold, or that would stand for something else there, is not drawn.
struct SiblingFile {
    /// An edge, with its weight and its time where the file has them.
    struct Edge: Hashable {
        let source, target: String
        let weight: Float?
        let time: UInt32?
    }

    let writer: String
    let name: String
    /// What is in it, before it is compressed.
    let text: String
    let bytes: [UInt8]
    let edges: Set<Edge>
    let type: EdgeType.Name

    fileprivate init(
        _ writer: String, _ name: String, _ text: String, _ graph: Graph, marked percent: Int = 0,
        _ random: inout SplitMix64
    ) {
        let text = random.isChosen(percent) ? "\u{FEFF}" + text : text
        let isCompressed = random.isChosen(10)
        self.writer = writer
        self.name = isCompressed ? name + ".gz" : name
        self.text = text
        let plain = Array(text.utf8)
        let cut = Int.random(in: 0...plain.count, using: &random)
        let members = [Array(plain[..<cut]), Array(plain[cut...])]
        bytes = isCompressed ? members.flatMap { GzipMember.bytes($0) } : plain
        edges = Set(
            graph.rows.map { row in
                Edge(
                    source: row.source, target: row.target, weight: graph.valueCount > 0 ? Float(row.weight) : nil,
                    time: graph.valueCount > 1 ? row.seconds : nil)
            })
        type = graph.valueCount > 0 ? "rates" : "sees"
    }
}

extension SplitMix64 {
    fileprivate mutating func pick<Element>(_ elements: [Element]) -> Element {
        elements[Int.random(in: 0..<elements.count, using: &self)]
    }

    fileprivate mutating func isChosen(_ percent: Int) -> Bool { Int.random(in: 0..<100, using: &self) < percent }
}

/// Graphs.
extension SiblingFile {
    fileprivate enum KeyKind: CaseIterable {
        case integers, words, mixed, names, mails, uuids, hard

        static let people = ["ann", "bob", "cy", "dee", "eve", "fay", "gus", "hal", "ida", "jon"]
        static let plain: [KeyKind] = [.integers, .words, .mixed, .mails, .uuids]
        /// None is a name of a column of targets: a row of those and of one of sources would be a header.
        private static let hardKeys = [
            "#jazz", "%x", "01", "-1", "1.0", "NA", "nan", "a,b", "a;b", "a|b", "say \"hi\"", "two words", "ünï", "日本",
            "from", "source", "user", "o'neil", "=1+1", "1e5", "+7", "true", "null", "a\\b", "x:y", "a::b", "*", "0",
            "18446744073709551616", "[1]", "{a}", "/p", "//c", "2024-05-01", "a\tb", "line\nend", " lead", "trail ",
            "-", "_", "\\", "\"", "\"\"", "a\"b",
        ]

        func draw(_ random: inout SplitMix64) -> [String] {
            let words = KeyKind.people.shuffled(using: &random)
            switch self {
            case .integers:
                let unit = random.pick([1, 1, 1_000_000_007])
                return (0..<40).shuffled(using: &random).prefix(8).map { String($0 * unit) }
            case .words: return Array(words.prefix(7))
            case .mixed: return Array(words.prefix(4)) + (0..<4).map { String(7 * $0) }
            case .names: return ["ann lee", "bob ray", "cy", "dee von x", "eve", "fay o'neil"]
            case .mails: return words.prefix(6).map { $0 + "@x.org" }
            case .uuids:
                return (0..<6).map { _ in
                    let hex = String(random.next() | 1 << 63, radix: 16)
                    return "\(hex.prefix(8))-\(hex.suffix(4))-4a1e-b2c3-d\(hex.suffix(11))"
                }
            case .hard: return Array(KeyKind.hardKeys.shuffled(using: &random).prefix(4)) + Array(words.prefix(4))
            }
        }
    }

    fileprivate struct Graph {
        struct Row {
            let source, target, weight: String
            let seconds: UInt32
        }

        let rows: [Row]
        let areNumbers: Bool
        /// 0; 1, weights; 2, weights and times.
        let valueCount: Int
        /// What stands behind the dates that times are; nil where times are seconds.
        var zone: String?

        /// Of May 2024, in which all times are.
        private static let firstSecond: UInt32 = 1_714_521_600

        init(
            of kinds: [KeyKind] = KeyKind.allCases, count: ClosedRange<Int> = 3...14, valueCount: Int? = nil,
            _ random: inout SplitMix64, holding canHold: (String) -> Bool = { _ in true }
        ) {
            var keys = random.pick(kinds).draw(&random).filter(canHold)
            let more = KeyKind.people.filter { !keys.contains($0) }
            keys.append(contentsOf: more.prefix(max(0, 5 - keys.count)))
            areNumbers = keys.allSatisfy { key in key.allSatisfy(\.isNumber) }
            let drawnCount = Int.random(in: 0...2, using: &random)
            self.valueCount = valueCount ?? drawnCount
            let pairs = keys.flatMap { source in keys.filter { $0 != source }.map { (source: source, target: $0) } }
            let weights = random.pick(
                [["1"], ["1", "2", "5", "9"], ["1e-05", "25000000000.0", "0.5"], ["2.718", "0.101", "4.999"]])
            rows = pairs.shuffled(using: &random).prefix(Int.random(in: count, using: &random)).map { pair in
                let weight = random.pick(weights)
                let seconds = Graph.firstSecond + UInt32.random(in: 0..<2_592_000, using: &random)
                return Row(source: pair.source, target: pair.target, weight: weight, seconds: seconds)
            }
        }

        func time(_ row: Row) -> String {
            guard let zone else { return String(row.seconds) }
            let rest = row.seconds - Graph.firstSecond
            let numbers = [rest / 86_400 + 1, rest / 3_600 % 24, rest / 60 % 60, rest % 60]
            let two = numbers.map { $0 < 10 ? "0\($0)" : "\($0)" }
            return "2024-05-\(two[0]) \(two[1]):\(two[2]):\(two[3])\(zone)"
        }

        /// The weight and the time of a row, where the graph has them.
        func values(_ row: Row) -> [String] { Array([row.weight, time(row)].prefix(valueCount)) }
    }
}

/// Tables: Python's csv, pandas and R.
extension SiblingFile {
    fileprivate enum Quoting: CaseIterable { case minimal, all, nonNumeric }

    fileprivate struct Cell {
        let text: String
        var isNumber = false
    }

    private static func quoted(_ text: String) -> String { "\"" + text.replacing("\"", with: "\"\"") + "\"" }

    fileprivate struct Table {
        let delimiter: String
        let quoting: Quoting
        let name: String
        let hasHeader: Bool
        let lineEnd: String

        init(_ quotings: [Quoting], headers percent: Int, lineEnds: [String], _ random: inout SplitMix64) {
            delimiter = random.pick([",", ",", ";", "|", "\t"])
            quoting = random.pick(quotings)
            name = random.pick(
                delimiter == "\t" ? ["e.tsv", "e.tsv", "e.txt", "e.csv"] : ["e.csv", "e.csv", "e.txt", "e.dat", "e"])
            hasHeader = random.isChosen(percent)
            lineEnd = random.pick(lineEnds)
        }

        var hasTellingName: Bool { name.hasSuffix(".csv") || name.hasSuffix(".tsv") }
        var mayTakeQuotesForLetters: Bool { delimiter == "\t" && !name.hasSuffix(".csv") }
        /// Whether rows with blanks in them may seem to be words between blanks.
        var mayTakeBlanksForDelimiters: Bool { !hasTellingName && !hasHeader && delimiter != "\t" }

        func canHold(_ key: String) -> Bool {
            if mayTakeBlanksForDelimiters, key.contains(where: { " \t".contains($0) }) { return false }
            guard quoting == .minimal else { return hasHeader || !mayTakeQuotesForLetters || !key.contains("\"") }
            if key.first == " " || key.last == " " { return false }
            if mayTakeQuotesForLetters, key.contains(where: { "\"\n\t".contains($0) }) { return false }
            if delimiter == "\t", !hasTellingName, key.first == "#" || key.first == "%" { return false }
            return hasHeader || !key.contains { ",;|\t".contains($0) && String($0) != delimiter }
        }

        func line(_ cells: [Cell]) -> String {
            cells.map { cell in
                let isQuoted =
                    switch quoting {
                    case .all: true
                    case .nonNumeric: !cell.isNumber
                    case .minimal: cell.text.contains { "\"\n\r".contains($0) || String($0) == delimiter }
                    }
                return isQuoted ? SiblingFile.quoted(cell.text) : cell.text
            }.joined(separator: delimiter) + lineEnd
        }
    }

    /// What the columns of the ends, of weights and of times are called.
    private static func names(_ random: inout SplitMix64, withColons: Bool = true) -> [String] {
        let pairs = [
            ("from", "to"), ("source", "target"), ("src", "dst"), ("user_id", "friend_id"), ("subject", "object"),
            ("id1", "id2"), ("start", "end"), (":START_ID", ":END_ID"), ("Source", "Target"), ("user", "item"),
            ("FollowerId", "FolloweeId"), ("FromNodeId", "ToNodeId"), ("user_id:token", "item_id:token"),
        ]
        let pair = random.pick(pairs.filter { withColons || !$0.0.contains(":") })
        let names = [
            pair.0, pair.1, random.pick(["weight", "value", "count", "rating", "Weight"]),
            random.pick(["time", "timestamp", "created_at", "date", "Timestamp"]),
        ]
        return random.isChosen(20) ? names.map { $0.contains(":") ? $0 : $0.uppercased() } : names
    }

    /// The cells of a row: its ends, then what it has besides.
    private static func cells(_ row: Graph.Row, of graph: Graph) -> [Cell] {
        [
            Cell(text: row.source, isNumber: graph.areNumbers), Cell(text: row.target, isNumber: graph.areNumbers),
            Cell(text: row.weight, isNumber: true), Cell(text: graph.time(row), isNumber: graph.zone == nil),
        ].dropLast(2 - graph.valueCount)
    }

    /// Columns in any order, and one more, below a header; or without one.
    private static func python(_ random: inout SplitMix64) -> SiblingFile {
        let table = Table(Quoting.allCases, headers: 60, lineEnds: ["\n", "\r\n"], &random)
        let graph = Graph(&random) { table.canHold($0) }
        var header = names(&random).dropLast(2 - graph.valueCount).map { Cell(text: $0) }
        var order = Array(header.indices)
        let hasMore = table.hasHeader && random.isChosen(50)
        let mayHoldAll = table.quoting != .minimal || !table.mayTakeQuotesForLetters
        let others = ["hi", "", "7", "a,b"] + (mayHoldAll ? ["\"q\"", "multi\nline", "#c"] : [])
        if hasMore {
            header.append(Cell(text: random.pick(["note", "Label", "x", table.hasTellingName ? "comment, free" : ""])))
            order.append(order.count)
        }
        if table.hasHeader { order.shuffle(using: &random) }
        var text = table.hasHeader ? table.line(order.map { header[$0] }) : ""
        for row in graph.rows {
            var cells = cells(row, of: graph)
            if hasMore { cells.append(Cell(text: random.pick(others))) }
            text += table.line(order.map { cells[$0] })
        }
        if random.isChosen(15) { text.removeLast() }
        return SiblingFile("csv of Python", table.name, text, graph, marked: 20, &random)
    }

    /// Rows with an index or without, dates for times.
    private static func pandas(_ random: inout SplitMix64) -> SiblingFile {
        let table = Table([.minimal, .minimal, .minimal, .all], headers: 80, lineEnds: ["\n"], &random)
        let hasIndex = random.isChosen(table.hasHeader ? 40 : 25)
        var graph = Graph(count: hasIndex && !table.hasHeader ? 12...14 : 3...14, &random) { table.canHold($0) }
        if !table.mayTakeBlanksForDelimiters { graph.zone = random.pick([nil, nil, "", "+00:00"]) }
        var header = names(&random).dropLast(2 - graph.valueCount).map { Cell(text: $0) }
        if hasIndex { header.insert(Cell(text: random.pick(["", "", "id", "index", "row", "Unnamed: 0"])), at: 0) }
        let extra = table.hasHeader && random.isChosen(20) ? random.pick(["", "z", "1.5"]) : nil
        if extra != nil { header.append(Cell(text: "extra")) }
        var text = table.hasHeader ? table.line(header) : ""
        for (index, row) in graph.rows.enumerated() {
            var cells = cells(row, of: graph)
            if hasIndex { cells.insert(Cell(text: String(index), isNumber: true), at: 0) }
            if let extra { cells.append(Cell(text: extra)) }
            text += table.line(cells)
        }
        return SiblingFile("pandas", table.name, text, graph, marked: 10, &random)
    }

    /// What `write.table` writes, with names of rows and of columns or without: texts are in quotes, or nothing is.
    private static func tableOfR(_ random: inout SplitMix64) -> SiblingFile {
        let delimiter = random.pick([" ", "\t", ","])
        let name = random.pick(
            delimiter == " " ? ["e.txt", "e.txt", "e.dat", "e.csv"] : [delimiter == "," ? "e.csv" : "e.tsv", "e.txt"])
        let (isQuoted, hasNames) = (random.isChosen(75), random.isChosen(60))
        let hasHeader = random.isChosen(75)
        let graph = Graph(count: hasNames && !hasHeader ? 12...14 : 3...14, &random) { key in
            // Quotes are written with a backslash before them, which nothing else reads.
            if key.contains(where: { "\"\t\n".contains($0) }) { return false }
            let isPlain = !key.contains { " ,;|".contains($0) }
            return isQuoted ? hasHeader || isPlain : isPlain && key.first != "#" && key.first != "%"
        }
        let ends = random.pick([["from", "to"], ["V1", "V2"], ["source", "target"], ["X1", "X2"]])
        var header = ends + Array(["weight", "time"].prefix(graph.valueCount))
        if hasNames, random.isChosen(30) { header.insert("", at: 0) }
        func written(_ text: String) -> String { isQuoted ? quoted(text) : text }
        var lines = hasHeader ? [header.map { written($0) }.joined(separator: delimiter)] : []
        for (index, row) in graph.rows.enumerated() {
            var fields = hasNames ? [written(String(index + 1))] : []
            fields += [row.source, row.target].map { graph.areNumbers ? $0 : written($0) } + graph.values(row)
            lines.append(fields.joined(separator: delimiter))
        }
        return SiblingFile("write.table of R", name, lines.joined(separator: "\n") + "\n", graph, &random)
    }
}

/// Lines: by hand, NetworkX and JSON.
extension SiblingFile {
    /// Rows between comments and blank lines, with line ends of any system.
    private static func plain(_ random: inout SplitMix64) -> SiblingFile {
        let delimiter = random.pick([",", ";", "|", "\t", " ", "::", ", ", " , ", "; ", "  ", " \t", "\t ", " | "])
        let endings = ["", ".txt", ".dat", ".edges", ".csv"] + (delimiter.contains("\t") ? [".tsv"] : [])
        let graph = Graph(of: KeyKind.plain, &random)
        let names = names(&random, withColons: delimiter != "::").dropLast(2 - graph.valueCount)
        let header = names.joined(separator: delimiter)
        let heads: [[String]] = [
            [], [], [header], ["# " + header], ["#" + header], ["% asym"],
            ["# Directed graph: x", "# Nodes: 4 Edges: 9", "# made by, somebody; today"],
        ]
        var lines = random.pick(heads)
        let isHeaderRow = lines == [header]
        for row in graph.rows {
            lines.append(([row.source, row.target] + graph.values(row)).joined(separator: delimiter))
            if random.isChosen(8) { lines.append(random.pick(["", "# mid", "  "])) }
            if isHeaderRow, random.isChosen(4) { lines.append(header) }
        }
        let end = random.pick(["\n", "\n", "\r\n", "\r\r\n", "\r"])
        let text = lines.joined(separator: end) + random.pick([end, end, "", end + end])
        return SiblingFile("by hand", "e" + random.pick(endings), text, graph, marked: 20, &random)
    }

    /// `write_edgelist(graph, path)`, with the data of an edge in a dictionary, or in columns with `data=["weight", "time"]`.
    private static func edgesOfNetworkX(_ random: inout SplitMix64) -> SiblingFile {
        let hasDictionaries = random.isChosen(65)
        let delimiter = random.pick([" ", " ", " ", "\t", ",", hasDictionaries ? " " : ";"])
        let names = [" ": ["e.edgelist", "e.edges", "e"], "\t": ["e.tsv"]][delimiter] ?? ["e.csv"]
        let graph = Graph(&random) { key in
            let isWhole = !key.contains { ",\t\n{".contains($0) || delimiter == " " && $0 == " " }
            guard isWhole, key.first != " ", key.last != " ", key.first != "#" else { return false }
            return hasDictionaries || !key.contains { " ;|\"".contains($0) } && key.first != "%"
        }
        let lines = graph.rows.map { row in
            let members = zip(["weight", "time"], graph.values(row)).map { "'\($0)': \($1)" }
            let values = hasDictionaries ? ["{" + members.joined(separator: ", ") + "}"] : graph.values(row)
            return ([row.source, row.target] + values).joined(separator: delimiter)
        }
        let text = lines.joined(separator: "\n") + "\n"
        return SiblingFile("write_edgelist of NetworkX", random.pick(names + ["e.txt"]), text, graph, &random)
    }

    /// `write_adjlist(graph, path)`, and `generate_adjlist(graph)`, which has no comments above.
    private static func adjacencyOfNetworkX(_ random: inout SplitMix64) -> SiblingFile {
        let hasHead = random.isChosen(60)
        let graph = Graph(valueCount: 0, &random) { key in
            !key.contains { " ,\t\n{".contains($0) } && key.first != "#" && key.last != ":"
        }
        var nodes: [String] = []
        for key in graph.rows.flatMap({ [$0.source, $0.target] }) where !nodes.contains(key) { nodes.append(key) }
        if random.isChosen(30) { nodes.append("lonely") }
        var lines = hasHead ? ["#-", "# GMT Mon Nov 30 19:39:02 2026", "# "] : []
        for node in nodes {
            let targets = graph.rows.filter { $0.source == node }.map(\.target)
            lines.append(([node] + targets).joined(separator: " "))
        }
        let name = random.pick(["e.adjlist", "e.adj"] + (hasHead ? ["e.txt"] : []))
        let text = lines.joined(separator: "\n") + "\n"
        return SiblingFile("write_adjlist of NetworkX", name, text, graph, &random)
    }

    /// An object a line, its members in any order.
    private static func jsonLines(_ random: inout SplitMix64) -> SiblingFile {
        let graph = Graph(&random)
        let ends = random.pick([("from", "to"), ("source", "target"), ("src", "dst")])
        let (space, isASCII) = (random.pick(["", " "]), random.isChosen(50))
        func key(_ text: String) -> String { graph.areNumbers ? text : json(text, isASCII: isASCII) }
        let lines = graph.rows.map { row in
            var members = [(ends.0, key(row.source)), (ends.1, key(row.target))]
            members += zip(["weight", "time"], graph.values(row))
            if random.isChosen(30) { members.append(("z", "{\"from\":\(space)1}")) }
            members.shuffle(using: &random)
            return "{" + members.map { "\"\($0.0)\":\(space)\($0.1)" }.joined(separator: "," + space) + "}"
        }
        let end = random.pick(["\n", "\n", "\r\n", "\r"])
        let text = lines.joined(separator: end) + random.pick(["", end])
        let name = random.pick(["e.jsonl", "e.ndjson", "e.json", "e.txt", "e"])
        return SiblingFile("JSON lines", name, text, graph, marked: 10, &random)
    }

    private static func json(_ text: String, isASCII: Bool) -> String {
        var quoted = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"", "\\": quoted += "\\\(scalar)"
            case _ where scalar.value < 0x20 || isASCII && !scalar.isASCII:
                for unit in String(scalar).utf16 {
                    let hex = String(unit, radix: 16)
                    quoted += "\\u" + String(repeating: "0", count: 4 - hex.count) + hex
                }
            default: quoted.unicodeScalars.append(scalar)
            }
        }
        return quoted + "\""
    }

    /// A file of any of these programs.
    static func drawn(_ random: inout SplitMix64) -> SiblingFile {
        switch Int.random(in: 0..<20, using: &random) {
        case 0..<4: python(&random)
        case 4..<8: pandas(&random)
        case 8..<10: tableOfR(&random)
        case 10..<15: plain(&random)
        case 15..<17: edgesOfNetworkX(&random)
        case 17: adjacencyOfNetworkX(&random)
        default: jsonLines(&random)
        }
    }
}
