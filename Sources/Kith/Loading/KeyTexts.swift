/// The keys of a kind as a format writes them, by id, in one piece of memory.
struct KeyTexts {
    /// Where in a row a key may stand.
    struct Places: OptionSet, Sendable {
        let rawValue: UInt8

        /// At the start of a line, where some characters begin a comment.
        static let first = Places(rawValue: 1)
        /// In a list between commas.
        static let listed = Places(rawValue: 2)
    }

    private(set) var bytes: [UInt8] = []
    private var ends: [Int] = []
    /// The keys that the format cannot hold in one place or another, as they are.
    private(set) var suspects: [UInt32: String] = [:]

    init(of dictionary: NodeDictionary, in snapshot: borrowing Snapshot, _ format: some EdgeFormat) throws {
        var cancellation = snapshot.cancellation
        for id in 0..<UInt32(snapshot.counters.kinds[dictionary.index].nextID) {
            try cancellation.pass()
            if let key = try dictionary.key(of: id, in: snapshot.transaction) {
                let text = key.description
                if format.flaw(ofKey: text, in: [.first, .listed]) != nil { suspects[id] = text }
                bytes.append(contentsOf: format.text(ofKey: text).utf8)
            }
            ends.append(bytes.count)
        }
    }

    /// Refuses a key that the format cannot hold in this place.
    ///
    /// - Throws: ``LoadError/cannotExport(reason:)`` with what it has, and the formats that can hold it.
    func check(_ id: UInt32, _ format: EdgeFileFormat, in place: Places) throws(LoadError) {
        guard let text = suspects[id], let flaw = format.format.flaw(ofKey: text, in: place) else { return }
        let able = EdgeFileFormat.complete.filter { $0.format.flaw(ofKey: text, in: place) == nil }
        throw .cannotExport(
            reason: "the key '\(text)' has \(flaw), which \(format.plural) cannot hold; \(able.advice)")
    }

    var count: Int { ends.count }

    func range(_ id: UInt32) -> Range<Int> { (id == 0 ? 0 : ends[Int(id) - 1])..<ends[Int(id)] }
    func isMissing(_ id: UInt32) -> Bool { range(id).isEmpty }
    func contains(_ id: UInt32) -> Bool { Int(id) < ends.count && !isMissing(id) }
}

extension KeyTexts {
    /// That a key has one of the bytes that end a field, or a line, in every format without quotes.
    static func tabOrLineEnd(in key: String) -> String? {
        key.utf8.contains { $0 == FieldTokenizer.tab || LineEnds.isLineEnd($0) } ? "a tab or a line end" : nil
    }

    /// That a key begins or ends with a blank, which is no part of a field without quotes.
    static func outerBlank(in key: String) -> String? {
        let isBlank: (UInt8) -> Bool = { $0 == UInt8(ascii: " ") || $0 == FieldTokenizer.tab }
        return key.utf8.first.map(isBlank) == true || key.utf8.last.map(isBlank) == true
            ? "a blank at its start or end" : nil
    }

    /// That a row which begins with this key may say the same as the header of an export, and is no edge then.
    static func columnName(in key: String) -> String? {
        key == "from" || key == "key" ? "the name of a column" : nil
    }

    /// That a line with this key at its start seems to be a comment, whatever else it has.
    static func remarkStart(in key: String) -> String? {
        let bytes = Array(key.utf8.prefix(2))
        return commentStart(in: key) != nil && (bytes.count == 1 || bytes[1] == UInt8(ascii: " "))
            ? "the start of a comment" : nil
    }

    /// That a key stands between quotes, or has one at an end, which seem to be those of a field.
    static func outerQuotes(in key: String) -> String? {
        let isBetween =
            key.utf8.count > 1 && key.utf8.first == FieldTokenizer.doubleQuote
            && key.utf8.last == FieldTokenizer.doubleQuote
        if isBetween { return "quotes around it" }
        return Field.mayBeQuoted(key) ? "a quote at an end" : nil
    }

    /// That a line with this key at its start is a comment.
    static func commentStart(in key: String) -> String? {
        key.utf8.first == UInt8(ascii: "#") || key.utf8.first == UInt8(ascii: "%") ? "the start of a comment" : nil
    }
}
