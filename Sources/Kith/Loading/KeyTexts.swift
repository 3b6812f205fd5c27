/// The keys of a kind as a format writes them, by id, in one piece of memory.
struct KeyTexts {
    /// Where in a row a key may stand.
    struct Places: OptionSet {
        let rawValue: UInt8

        /// At the start of a line, where some characters begin a comment.
        static let first = Places(rawValue: 1)
        /// In a list between commas.
        static let listed = Places(rawValue: 2)
    }

    private(set) var bytes: [UInt8] = []
    private var ends: [Int] = []
    /// The keys that the format cannot hold in one place or another.
    private(set) var suspects: Set<UInt32> = []

    init(of dictionary: NodeDictionary, in snapshot: borrowing Snapshot, _ format: EdgeFileFormat) throws {
        var cancellation = snapshot.cancellation
        for id in 0..<UInt32(snapshot.counters.kinds[dictionary.index].nextID) {
            try cancellation.pass()
            if let key = try dictionary.key(of: id, in: snapshot.transaction) {
                let text = key.description
                if key.isString, format.flaw(of: text, in: [.first, .listed]) != nil { suspects.insert(id) }
                bytes.append(contentsOf: format.field(text).utf8)
            }
            ends.append(bytes.count)
        }
    }

    /// Refuses a key that the format cannot hold in this place.
    ///
    /// - Throws: ``LoadError/cannotExport(reason:)`` with what it has, and the formats that can hold it.
    func check(_ id: UInt32, _ format: EdgeFileFormat, in place: Places) throws(LoadError) {
        guard suspects.contains(id) else { return }
        let text = String(decoding: bytes[range(id)], as: UTF8.self)
        guard let flaw = format.flaw(of: text, in: place) else { return }
        let able = EdgeFileFormat.complete.filter { $0.flaw(of: text, in: place) == nil }
        throw .cannotExport(
            reason: "the key '\(text)' has \(flaw), which \(format.plural) cannot hold; \(able.advice)")
    }

    var count: Int { ends.count }

    func range(_ id: UInt32) -> Range<Int> { (id == 0 ? 0 : ends[Int(id) - 1])..<ends[Int(id)] }
    func isMissing(_ id: UInt32) -> Bool { range(id).isEmpty }
    func contains(_ id: UInt32) -> Bool { Int(id) < ends.count && !isMissing(id) }
}

extension EdgeFileFormat {
    /// The formats that can hold whatever edges have, if their keys are such that they fit.
    static let complete: [EdgeFileFormat] = [.tsv, .csv, .jsonl]

    /// A key as rows have it.
    fileprivate func field(_ text: String) -> String {
        switch self {
        case .jsonl: return EdgeFileFormat.quotedJSON(text)
        case .csv:
            let isPlain = text.utf8.allSatisfy { byte in !",;|\t\"\n\r".utf8.contains(byte) }
            return isPlain
                ? text
                : "\"" + text.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"") + "\""
        case .tsv, .edges, .adjacency: return text
        }
    }

    /// What a key has that would be read as something else; nil when it has nothing.
    fileprivate func flaw(of text: String, in places: KeyTexts.Places) -> String? {
        func has(_ bytes: UInt8...) -> Bool { text.utf8.contains { bytes.contains($0) } }
        if self == .csv || self == .jsonl { return nil }
        if has(9, 10, 13) { return "a tab or a line end" }
        if self == .edges, has(UInt8(ascii: " ")) { return "a blank" }
        if self == .adjacency, places.contains(.listed), has(UInt8(ascii: ",")) { return "a comma" }
        let startsComment = text.utf8.first == UInt8(ascii: "#") || text.utf8.first == UInt8(ascii: "%")
        return self != .tsv && places.contains(.first) && startsComment ? "the start of a comment" : nil
    }

    private static func quotedJSON(_ text: String) -> String {
        var quoted = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"", "\\": quoted += "\\" + String(scalar)
            case _ where scalar.value < 0x20:
                let hex = String(scalar.value, radix: 16)
                quoted += "\\u" + String(repeating: "0", count: 4 - hex.count) + hex
            default: quoted.unicodeScalars.append(scalar)
            }
        }
        return quoted + "\""
    }
}

extension [EdgeFileFormat] {
    /// That these are to be taken instead.
    var advice: String { "export as " + map(\.rawValue).joined(separator: " or ") }
}
