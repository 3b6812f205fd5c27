/// The members of a line of JSON that say something of an edge, or of a node, as they stand.
///
/// A member that is `null` is missing. Two members of one name are an error, and so are two names of one role: no guess is
/// made.
struct JSONRow {
    /// A member that is there and not null.
    struct Member {
        let name: Name
        let value: JSONToken
    }

    private(set) var source: Member?
    private(set) var target: Member?
    private(set) var key: Member?
    private(set) var type: Member?
    private(set) var weight: Member?
    private(set) var time: Member?

    /// Reads an object.
    ///
    /// - Parameters:
    ///   - names: the members to read.
    ///   - aliases: what they may be called too.
    ///   - onOther: is given the names of all others.
    @inline(__always)
    init(
        _ object: Field, reading names: Names, aliases: JSONAliases, onOther: (JSONToken) -> Void
    ) throws(JSONFault) {
        var tokenizer = try JSONTokenizer(object)
        var seen: Names = []
        var rivals: (Name, Name)?
        while let (name, value) = try tokenizer.nextMember() {
            guard let known = Name(name) ?? aliases.meaning(of: name), names.contains(known) else {
                onOther(name)
                continue
            }
            if seen.contains(known) { rivals = (known, known) }
            seen.formUnion(Names(known))
            guard value.kind != .null else { continue }
            if let other = take(Member(name: known, value: value)) { rivals = (other, known) }
        }
        // A fault of the syntax comes first.
        if let rivals { throw .rivals(rivals.0, rivals.1) }
    }

    /// Keeps a member; its rival when there is one of this role.
    @inline(__always)
    private mutating func take(_ member: Member) -> Name? {
        func keep(_ place: inout Member?) -> Name? {
            defer { place = member }
            return place?.name
        }
        switch member.name {
        case .from, .source, .src: return keep(&source)
        case .to, .target, .dst: return keep(&target)
        case .key, .id: return keep(&key)
        case .type: return keep(&type)
        case .weight: return keep(&weight)
        case .time: return keep(&time)
        }
    }
}

extension JSONRow {
    /// The names of members that are known.
    enum Name: String {
        case from, source, src
        case to, target, dst
        case key, id
        case type, weight, time

        /// The name of a member; nil when it is not known.
        @inline(__always)
        init?(_ name: JSONToken) {
            guard name.isPlain else {
                self.init(rawValue: name.text)
                return
            }
            self.init(name.field)
        }

        @inline(__always)
        private init?(_ name: Field) {
            switch name.count {
            case 2 where name.isEqual(to: "to"): self = .to
            case 2 where name.isEqual(to: "id"): self = .id
            case 3 where name.isEqual(to: "src"): self = .src
            case 3 where name.isEqual(to: "dst"): self = .dst
            case 3 where name.isEqual(to: "key"): self = .key
            case 4 where name.isEqual(to: "from"): self = .from
            case 4 where name.isEqual(to: "time"): self = .time
            case 4 where name.isEqual(to: "type"): self = .type
            case 6 where name.isEqual(to: "weight"): self = .weight
            case 6 where name.isEqual(to: "source"): self = .source
            case 6 where name.isEqual(to: "target"): self = .target
            default: return nil
            }
        }

        /// What the member says.
        var role: FileColumn.Role {
            switch self {
            case .from, .source, .src: .source
            case .to, .target, .dst: .target
            case .key, .id: .key
            case .type: .type
            case .weight: .weight
            case .time: .time
            }
        }

        fileprivate var bit: UInt16 {
            switch self {
            case .from: 1
            case .source: 2
            case .src: 4
            case .to: 8
            case .target: 16
            case .dst: 32
            case .key: 64
            case .id: 128
            case .type: 256
            case .weight: 512
            case .time: 1_024
            }
        }
    }

    /// A set of them.
    struct Names: OptionSet {
        let rawValue: UInt16
        /// What a line says of an edge whose type is known.
        static let ofEdge = [Name.from, .source, .src, .to, .target, .dst, .weight, .time].reduce(into: Names()) {
            $0.formUnion(Names($1))
        }
        /// What a line says of an edge of the type it names.
        static let ofTypedEdge = ofEdge.union(Names(.type))
        /// What a line says of a node.
        static let ofNode = Names(.key).union(Names(.id))

        init(rawValue: UInt16) {
            self.rawValue = rawValue
        }

        @inline(__always)
        init(_ name: Name) {
            rawValue = name.bit
        }

        @inline(__always)
        func contains(_ name: Name) -> Bool { rawValue & name.bit != 0 }
    }
}

extension JSONRow.Member {
    /// The key that it is: a text, or an integer, which is the key that its digits are.
    func key() throws(JSONFault) -> RowKey {
        try checkKey()
        do throws(RowError) {
            return try RowKey(value.field, column: 1)
        } catch {
            if case .badKey(_, let reason) = error { throw .member(name, "\(reason)") }
            throw .member(name, "\(error)")
        }
    }

    /// The same for a text with escapes, which stands nowhere in the block.
    func unescapedKey() throws(JSONFault) -> NodeKey {
        try checkKey()
        do throws(NodeKeyError) {
            return try NodeKey(value.text)
        } catch {
            throw .member(name, "\(error)")
        }
    }

    private func checkKey() throws(JSONFault) {
        switch value.kind {
        case .text: return
        case .number:
            if value.isPlain { return }
            throw .member(
                name, "a key that is a number is an integer, found \(value.shown); write others as text, in quotes")
        default: throw .member(name, "a key is a text or an integer, found \(value.shown)")
        }
    }

    /// The text that it is.
    func text() throws(JSONFault) -> String {
        guard value.kind == .text else { throw .member(name, "a text is expected, found \(value.shown)") }
        return value.text
    }

    /// The number that it is, as it stands.
    func number() throws(JSONFault) -> Field {
        guard value.kind == .number else { throw .member(name, "a number is expected, found \(value.shown)") }
        return value.field
    }

    /// Sees to it that it can be a time: a number or a text.
    func checkTime() throws(JSONFault) {
        guard value.kind == .number || value.kind == .text else {
            throw .member(name, "a time is a number or a text, found \(value.shown)")
        }
    }

    /// The time that it is, and how it was read.
    func time() throws(RowError) -> (seconds: UInt32, readings: Readings) {
        // `e` or `E`.
        let hasExponent =
            value.kind == .number && !value.isPlain && value.field.text.utf8.contains { $0 | 0x20 == 0x65 }
        if value.kind == .number ? !hasExponent : value.isPlain { return try RowValues.time(value.field, column: 1) }
        let text = value.text
        do throws(TimestampError.Reason) {
            guard hasExponent else {
                let read = try Timestamp.parse(text.utf8.span)
                return (read.time.rawValue, read.readings)
            }
            guard let number = Double(text), let whole = UInt64(exactly: number.rounded(.down)) else {
                throw .outOfRange
            }
            let read = try Timestamp.moment(of: whole)
            return (
                read.time.rawValue, number == number.rounded(.down) ? read.readings : read.readings.union(.fraction)
            )
        } catch {
            throw .badTime(column: 1, TimestampError(text, error))
        }
    }
}
