extension FileHead {
    /// A line of it.
    struct Line {
        /// Which line of the file, from 1.
        let number: Int
        /// Where in the file it starts.
        let offset: Int
        let text: Substring
        /// What stands between its blanks.
        var words: [Substring] { text.split { $0 == " " || $0 == "\t" } }
    }

    /// The first lines that are not blank, but for those that begin with `comment`. A line that is cut off is none of them.
    func firstLines(_ countMax: Int, butFor comment: Character? = nil) -> [Line] {
        let text = unsafe text.text
        var lines: [Line] = []
        var (start, number) = (0, 0)
        while start < text.count, lines.count < countMax {
            let end = unsafe LineEnds.find(text, start)
            if end == text.count, !isWhole { break }
            number += 1
            let line = unsafe Substring(decoding: text[start..<end], as: UTF8.self)
            if !line.allSatisfy({ $0 == " " || $0 == "\t" }), comment == nil || line.first != comment {
                lines.append(Line(number: number, offset: start, text: line))
            }
            start = unsafe LineEnds.next(text, end)
        }
        return lines
    }

    /// The start of the file as an error shows it.
    var shown: String { firstLines(1).first.map { "'\($0.text.prefix(60))'" } ?? "nothing" }
}

extension EdgeFormat {
    /// Sees to it that a file of this format is to be read as edges of one type: it says no types, and its nodes have edges.
    ///
    /// - Throws: ``LoadError/badHeader(path:reason:)``.
    func columnsOfOneType(_ shape: RowShape, _ path: String) throws(LoadError) -> RowColumns {
        guard case .edges(let columns) = shape else {
            throw .badHeader(
                path: path, reason: "\(plural) hold edges, no keys by themselves; load them as edges of a type")
        }
        guard !columns.hasType else {
            throw .badHeader(
                path: path,
                reason: "\(plural) cannot hold the types of edges; name the type of all, or write them as "
                    + EdgeFileFormat.complete.map(\.rawValue).joined(separator: " or "))
        }
        return columns
    }
}
