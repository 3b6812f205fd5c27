/// The names of members that say what others call `from`, `to`, `weight`, `time` or `key`: `{"user_id": 1, "friend_id": 2}`.
///
/// They are found out from the first lines of a file, as columns are from a header: see ``ColumnNames``. Where a line has one of
/// the names that are always known (``JSONRow/Name``), no other is taken for it.
struct JSONAliases: Sendable {
    private struct Alias {
        let name: String
        let meaning: JSONRow.Name
    }

    private let aliases: [Alias]
    /// What is to be said of them.
    let remarks: [String]

    private static let sampleCount = 20

    /// No name but those that are always known.
    init() {
        aliases = []
        remarks = []
    }

    /// Finds out what the first lines call their members. A line that is none is read by nobody here: whoever reads it as a row
    /// turns it down.
    ///
    /// - Throws: ``LoadError/badHeader(path:reason:)`` when two names may be meant.
    init(in head: FileHead, for shape: RowShape) throws(LoadError) {
        var names: [String] = []
        for line in head.firstLines(JSONAliases.sampleCount) {
            for name in JSONAliases.names(in: line.text) where !names.contains(name) { names.append(name) }
        }
        let known = Set(names.compactMap { JSONRow.Name(rawValue: $0)?.role })
        let columns = ColumnNames(names, kinds: head.kinds)
        var aliases: [Alias] = []
        for meaning in JSONAliases.meanings(of: shape) where !known.contains(meaning.role) {
            do throws(ColumnNames.Ambiguity) {
                guard let column = try columns.column(of: meaning.role) else { continue }
                aliases.append(Alias(name: names[column], meaning: meaning))
            } catch {
                let found = error.columns.map { "'\(names[$0])'" }.joined(separator: " and ")
                throw .badHeader(
                    path: head.path,
                    reason: "\(found) may both be '\(meaning.rawValue)'; call the one that is '\(meaning.rawValue)'")
            }
        }
        self.aliases = aliases
        remarks = aliases.map { "'\($0.name)' is taken for '\($0.meaning.rawValue)'" }
    }

    private static func meanings(of shape: RowShape) -> [JSONRow.Name] {
        guard case .edges(let columns) = shape else { return [.key] }
        return [.from, .to] + (columns.hasWeight ? [.weight] : []) + (columns.hasTime ? [.time] : [])
    }

    /// The names of the members of a line; as far as it can be read.
    private static func names(in line: Substring) -> [String] {
        var names: [String] = []
        unsafe Array(line.utf8).withUnsafeBufferPointer { bytes in
            guard let start = bytes.baseAddress else { return }
            do throws(JSONFault) {
                var tokenizer = unsafe try JSONTokenizer(Field(start, count: bytes.count))
                while let (name, _) = try tokenizer.nextMember() { names.append(name.text) }
            } catch {}
        }
        return names
    }

    /// What a name means; nil when it means nothing.
    func meaning(of name: JSONToken) -> JSONRow.Name? {
        if aliases.isEmpty { return nil }
        let text = name.text
        return aliases.first { $0.name == text }?.meaning
    }
}
