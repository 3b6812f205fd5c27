extension EdgeFileFormat {
    /// The edges of a network of the KONECT project.
    public static let konect = EdgeFileFormat(KONECTFormat())
}

/// KONECT: `out.*` files of the Koblenz Network Collection.
///
/// ```
/// % sym positive           whether edges have a direction, and what weights mean
/// % 3 4 4                  edges, and nodes of either side; may be missing
/// 1 2 1 1082008561         source, target, weight, time; the last two may be missing
/// ```
/// Kunegis, *KONECT: the Koblenz network collection*, WWW 2013 Companion; the words are those of its toolbox. The third column
/// is a weight and the fourth a time whatever the edge type has. An edge of a `sym` network is one edge of a symmetric type, and
/// two of any other. The two sides of a `bip` network have numbers of their own, so it is for types that join two kinds.
struct KONECTFormat: EdgeFormat {
    let name = "konect"
    let plural = "KONECT files"
    let fileNameExtensions = ["konect"]
    /// Nothing is written in it.
    let contents: EdgeFormatContents = []

    private static let weights: Set<String> = [
        "unweighted", "positive", "posweighted", "signed", "multisigned", "weighted", "multiweighted", "dynamic",
        "multiposweighted",
    ]

    func isUnmistakable(in head: FileHead) -> Bool { KONECTFormat.words(of: head) != nil }

    /// What the first line says: the words for the direction and for the weights.
    private static func words(of head: FileHead) -> (direction: String, weights: String)? {
        guard let line = head.firstLines(1).first, line.number == 1, line.text.first == "%" else { return nil }
        let words = line.text.dropFirst().split { $0 == " " || $0 == "\t" }
        guard words.count >= 2, ["sym", "asym", "bip"].contains(words[0]), weights.contains(String(words[1])) else {
            return nil
        }
        return (String(words[0]), String(words[1]))
    }

    func makeReader(of head: FileHead, for shape: RowShape) throws -> any RecordReader {
        let columns = try columnsOfOneType(shape, head.path)
        guard let words = KONECTFormat.words(of: head) else {
            throw LoadError.badFile(
                path: head.path, line: 1,
                reason:
                    "a KONECT file begins as '% asym unweighted' does, and this one with \(head.shown); say what it is with "
                    + "`--input-format`")
        }
        guard words.weights != "dynamic" else {
            throw LoadError.badFile(
                path: head.path, line: 1,
                reason:
                    "the edges of a 'dynamic' network come and go, and a load adds edges only; write the edges that are left"
            )
        }
        guard words.direction != "bip" || !columns.joinsOneKind else {
            throw LoadError.badFile(
                path: head.path, line: 1,
                reason:
                    "a 'bip' network has nodes of two kinds, and edges of this type join nodes of one; name a type that joins two"
            )
        }
        var counted: Int?
        if let line = head.firstLines(2).last, line.number == 2, line.text.first == "%" {
            counted = line.text.dropFirst().split { $0 == " " || $0 == "\t" }.first.flatMap { Int($0) }
        }
        return KONECTReader(isUndirected: words.direction == "sym", counted: counted, columns: columns)
    }
}

/// Reads the edges of a network.
struct KONECTReader: RecordReader {
    private let isUndirected: Bool
    /// How many edges the second line says there are.
    private let counted: Int?
    private let columns: RowColumns
    private let lines = CommentedLines(comment: "%")

    init(isUndirected: Bool, counted: Int?, columns: RowColumns) {
        self.isUndirected = isUndirected
        self.counted = counted
        self.columns = columns
    }

    var remarks: [String] { isUndirected ? ["the network is undirected: a row is an edge both ways"] : [] }

    func lastRecordEnd(_ text: UnsafeBufferPointer<UInt8>) -> Int { unsafe lines.lastRecordEnd(text) }

    func read(_ block: TextChunk, as subject: RowSubject, into rows: ParsedRows) {
        guard case .edges(let type?) = subject else { return }
        let isMirrored = isUndirected && !rows.types[type].isSymmetric
        lines.forEachLine(of: block, into: rows) { _, fields throws(RowError) in
            let count = fields.count
            if count == 0 { return rows.note(.blankLine) }
            rows.tally.records += 1
            guard count >= 2 else { throw .tooFewColumns(found: count, expected: 2) }
            guard count <= 4 else { throw .tooManyColumns(found: count, expectedMax: 4) }
            let source = try RowKey(fields[0], column: 1)
            let target = try RowKey(fields[1], column: 2)
            var value = rows.defaultValue(type)
            var readings: Readings = []
            if count > 2 {
                let weighted = try RowValues.weighted(value, by: fields[2], column: 3, rows.types[type].precision)
                if columns.hasWeight { value = weighted } else { rows.noteLeftOut("weight") }
            }
            if count > 3 {
                let time = try RowValues.time(fields[3], column: 4)
                if columns.hasTime { (value.time, readings) = time } else { rows.noteLeftOut("time") }
            }
            try rows.check(source, target, type)
            rows.append(source, target, value, type)
            if isMirrored, !source.isEqual(to: target) { rows.append(target, source, value, type) }
            rows.note(readings)
        }
    }

    func finish(_ tally: RecordTally, of path: String) -> [String] {
        // How often an edge that is there several times is counted, the networks do not agree on.
        guard let counted, counted != tally.records else { return [] }
        return ["line 2 says that there are \(counted) edges, and the file has \(tally.records) rows"]
    }
}
