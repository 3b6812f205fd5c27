extension EdgeFileFormat {
    /// The entries of a sparse matrix, as the National Institute of Standards and Technology has them.
    public static let matrixMarket = EdgeFileFormat(MatrixMarketFormat())
}

/// Matrix Market: a row and a column, counted from 1, and a value for each entry of a sparse matrix.
///
/// ```
/// %%MatrixMarket matrix coordinate real general       what an entry has, and whether its mirror image stands there too
/// % users by topics
/// 4 3 5                                               rows, columns, entries
/// 1 1 0.5                                             source, target, weight
/// ```
/// Boisvert, Pozo and Remington, *The Matrix Market exchange formats*, NISTIR 5935, 1996. The numbers are the keys. In a
/// `symmetric` matrix an entry stands for its mirror image as well: it is one edge of a symmetric type, and two of any other.
/// SciPy's `mmwrite` writes so whatever happens to be symmetric. What is written is told by ``MatrixMarketWriter``.
struct MatrixMarketFormat: EdgeFormat {
    let name = "mtx"
    let plural = "Matrix Market files"
    let fileNameExtensions = ["mtx"]
    let contents: EdgeFormatContents = [.weights, .wholeGraph]

    private static let mark = "%%matrixmarket"

    func isUnmistakable(in head: FileHead) -> Bool { head.firstLines(1).first?.words.first?.lowercased() == Self.mark }

    func makeReader(of head: FileHead, for shape: RowShape) throws -> any RecordReader {
        let columns = try columnsOfOneType(shape, head.path)
        func refuse(_ line: Int, _ reason: String) -> LoadError {
            .badFile(path: head.path, line: line, reason: reason)
        }
        let words = head.firstLines(1).first?.words.map { $0.lowercased() } ?? []
        guard words.first == Self.mark else {
            throw refuse(
                1,
                "a Matrix Market file begins with '%%MatrixMarket matrix coordinate', and this one with \(head.shown); "
                    + "say what it is with `--input-format`")
        }
        guard words.count == 5, words[1] == "matrix" else {
            throw refuse(
                1, "'%%MatrixMarket matrix coordinate', a field and a symmetry are expected, found \(head.shown)")
        }
        guard words[2] == "coordinate" else {
            throw refuse(
                1, "an '\(words[2])' has a value for every pair; write the matrix as a sparse one, 'coordinate'")
        }
        guard let field = MatrixMarketReader.Field(named: words[3]) else {
            throw refuse(
                1,
                "a weight is a real number, and these are '\(words[3])'; write the matrix as 'real', 'integer' or 'pattern'"
            )
        }
        guard words[4] == "general" || words[4] == "symmetric" else {
            throw refuse(
                1, "edges have no other weight from the other side, as in a '\(words[4])' matrix; write it as 'general'"
            )
        }
        guard let line = head.firstLines(1, butFor: "%").first else {
            throw refuse(1, "the line with the numbers of rows, columns and entries is missing: the file is cut off")
        }
        let sizes = line.words.map { Int($0) }
        guard sizes.count == 3, let rowCount = sizes[0], let columnCount = sizes[1], let entryCount = sizes[2],
            min(rowCount, columnCount, entryCount) >= 0
        else {
            throw refuse(
                line.number, "the numbers of rows, columns and entries are expected, found '\(line.text.prefix(60))'")
        }
        return MatrixMarketReader(
            field: field, isSymmetric: words[4] == "symmetric", size: (rowCount, columnCount), entryCount: entryCount,
            sizeLine: line, hasWeight: columns.hasWeight)
    }

    func makeWriter(of columns: RowColumns, isSafe: Bool) -> any RecordWriter { MatrixMarketWriter(columns: columns) }

    func flaw(ofKey key: String, in places: KeyTexts.Places) -> String? {
        guard let number = Int(key), number > 0, String(number) == key else {
            return "something else than a number of a row, from 1 to \(Int.max)"
        }
        return nil
    }
}

/// Reads the entries of a matrix.
struct MatrixMarketReader: RecordReader {
    /// What the value of an entry is.
    enum Field {
        case number
        /// None.
        case pattern

        init?(named name: String) {
            switch name {
            // Reals are doubles and integers unsigned where SciPy says so.
            case "real", "double", "integer", "unsigned-integer": self = .number
            case "pattern": self = .pattern
            default: return nil
            }
        }
    }

    private let field: Field
    private let isSymmetric: Bool
    private let size: (rows: Int, columns: Int)
    private let entryCount: Int
    private let sizeLine: FileHead.Line
    private let hasWeight: Bool
    private let lines = CommentedLines(comment: "%")

    init(
        field: Field, isSymmetric: Bool, size: (Int, Int), entryCount: Int, sizeLine: FileHead.Line, hasWeight: Bool
    ) {
        self.field = field
        self.isSymmetric = isSymmetric
        self.size = size
        self.entryCount = entryCount
        self.sizeLine = sizeLine
        self.hasWeight = hasWeight
    }

    var remarks: [String] {
        var remarks: [String] = []
        if isSymmetric { remarks.append("the matrix is symmetric: an entry is an edge both ways") }
        if field == .number, !hasWeight { remarks.append("values are left out: the edge type has no weight") }
        return remarks
    }

    func lastRecordEnd(_ text: UnsafeBufferPointer<UInt8>) -> Int { unsafe lines.lastRecordEnd(text) }

    func read(_ block: TextChunk, as subject: RowSubject, into rows: ParsedRows) {
        guard case .edges(let type?) = subject else { return }
        let isMirrored = isSymmetric && !rows.types[type].isSymmetric
        lines.forEachLine(of: block, into: rows) { line, fields throws(RowError) in
            if fields.isEmpty { return rows.note(.blankLine) }
            if line.offset == sizeLine.offset { return }
            rows.tally.records += 1
            let needed = field == .pattern ? 2 : 3
            guard fields.count >= needed else { throw .tooFewColumns(found: fields.count, expected: needed) }
            guard fields.count == needed else { throw .tooManyColumns(found: fields.count, expectedMax: needed) }
            let source = try RowKey(index: fields[0], column: 1, max: size.rows)
            let target = try RowKey(index: fields[1], column: 2, max: size.columns)
            var value = rows.defaultValue(type)
            if field == .number {
                let weighted = try RowValues.weighted(value, by: fields[2], column: 3, rows.types[type].precision)
                if hasWeight { value = weighted }
            }
            try rows.check(source, target, type)
            rows.append(source, target, value, type)
            if isMirrored, !source.isEqual(to: target) { rows.append(target, source, value, type) }
        }
    }

    func finish(_ tally: RecordTally, of path: String) throws(LoadError) -> [String] {
        guard tally.records == entryCount else {
            throw .badFile(
                path: path, line: sizeLine.number,
                reason: "it says that there are \(entryCount) entries, and the file has \(tally.records)"
                    + (tally.records < entryCount ? ": it is cut off, or lines are missing" : "; write the number anew")
            )
        }
        return []
    }
}

extension RowKey {
    /// The key that an index is which counts from 1.
    ///
    /// - Throws: ``RowError/badIndex(column:_:max:)``.
    init(index field: Field, column: Int, max: Int) throws(RowError) {
        guard let value = unsafe NodeKey.canonicalInteger(field.rawBytes), value > 0, value <= UInt64(max) else {
            throw .badIndex(column: column, field.text, max: max)
        }
        self = .integer(value)
    }
}
