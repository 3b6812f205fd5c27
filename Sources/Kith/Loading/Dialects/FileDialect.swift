/// What is said by hand of how the rows of a file are laid out. What is not said is found out from the file.
///
/// ```swift
/// let file = BulkLoader.EdgeFile(
///     type: .follows, path: "follows.txt",
///     dialect: FileDialect(columns: [.source, .skipped, .target], header: .none, delimiter: .semicolon))
/// ```
/// It is for files of columns: `csv`, `tsv` and `edges`; the other formats have none of it, but for the lines to skip, and a
/// load refuses it for them.
public struct FileDialect: Sendable, Hashable {
    /// What each column is, from the first on. A row may have no more. When nil, a header tells, or the place of a column.
    public var columns: [FileColumn.Role]?
    /// Whether the first row names the columns.
    public var header: Header
    /// What stands between two columns.
    public var delimiter: Delimiter?
    /// What a field may be put in, so that it can hold delimiters and line ends.
    public var quote: Quote?
    /// What a line begins with that is no row.
    public var comment: Comment?
    /// How many lines at the start of the file are passed over, whatever is in them.
    public var skippedLines: Int
    /// How times are written.
    public var timeFormat: TimeFormat?
    /// A file whose first row names the columns of this one, as neo4j-admin has it.
    public var headerFile: String?

    /// A dialect.
    public init(
        columns: [FileColumn.Role]? = nil, header: Header = .automatic, delimiter: Delimiter? = nil,
        quote: Quote? = nil,
        comment: Comment? = nil, skippedLines: Int = 0, timeFormat: TimeFormat? = nil, headerFile: String? = nil
    ) {
        self.columns = columns
        self.header = header
        self.delimiter = delimiter
        self.quote = quote
        self.comment = comment
        self.skippedLines = skippedLines
        self.timeFormat = timeFormat
        self.headerFile = headerFile
    }
}

extension FileDialect {
    /// Whether the first row of a file names its columns.
    public enum Header: String, Sendable, Hashable, CaseIterable {
        /// As the file looks; a load stops where that cannot be told.
        case automatic = "auto"
        /// It does.
        case row = "yes"
        /// It is a row like the others.
        case none = "no"
    }

    /// What stands between two columns.
    public struct Delimiter: Sendable, Hashable {
        /// The character; nil for runs of blanks and tabs.
        let byte: UInt8?
        /// Whether the character stands there twice, as in `1::2`.
        let isDoubled: Bool

        /// Runs of blanks and tabs.
        public static let blanks = Delimiter(byte: nil, isDoubled: false)
        /// One tab.
        public static let tab = Delimiter(byte: FieldTokenizer.tab, isDoubled: false)
        /// `,`
        public static let comma = Delimiter(byte: UInt8(ascii: ","), isDoubled: false)
        /// `;`
        public static let semicolon = Delimiter(byte: UInt8(ascii: ";"), isDoubled: false)
        /// `|`
        public static let bar = Delimiter(byte: UInt8(ascii: "|"), isDoubled: false)

        init(byte: UInt8?, isDoubled: Bool) {
            self.byte = byte
            self.isDoubled = isDoubled
        }

        /// A delimiter by its name, `tab` or `blanks`, or as it is: one of `, ; | : ^ ~ ! / & * + =`, or a tab, or a blank for runs
        /// of them; twice the same of these characters, such as `::`, for both together. Nil for all else.
        public init?(_ text: String) {
            switch text {
            case "tab", "\t", "\\t": self = .tab
            case "blanks", "blank", " ": self = .blanks
            default:
                let bytes = Array(text.utf8)
                guard let first = bytes.first, ",;|:^~!/&*+=".utf8.contains(first),
                    bytes.count == 1 || bytes == [first, first]
                else { return nil }
                self.init(byte: first, isDoubled: bytes.count == 2)
            }
        }

        /// Its name, or the characters.
        public var text: String {
            switch byte {
            case nil: "blanks"
            case FieldTokenizer.tab?: "tab"
            case let byte?: String(repeating: String(UnicodeScalar(byte)), count: isDoubled ? 2 : 1)
            }
        }
    }

    /// What a field may be put in.
    public enum Quote: String, Sendable, Hashable, CaseIterable {
        /// `"`
        case double = "\""
        /// `'`
        case single = "'"
        /// Nothing: quotes are letters.
        case none

        var byte: UInt8? { self == .none ? nil : rawValue.utf8.first }
    }

    /// What begins a line that is no row.
    public struct Comment: Sendable, Hashable {
        /// The characters, each of which begins a comment.
        let bytes: [UInt8]

        /// No line is a comment.
        public static let none = Comment(bytes: [])

        init(bytes: [UInt8]) {
            self.bytes = bytes
        }

        /// One or two of the characters `# % ; / ! *`, each of which begins a comment; or `none`. Nil for all else.
        public init?(_ text: String) {
            if text == "none" {
                self = .none
                return
            }
            let bytes = Array(text.utf8)
            guard (1...2).contains(bytes.count), bytes.allSatisfy("#%;/!*".utf8.contains) else { return nil }
            self.init(bytes: bytes)
        }

        /// The characters, or `none`.
        public var text: String { bytes.isEmpty ? "none" : String(decoding: bytes, as: UTF8.self) }
    }
}

extension FileDialect {
    /// What of it a format without columns could not heed; empty when there is nothing.
    var saidOfColumns: [String] {
        var said: [String] = []
        if columns != nil { said.append("columns") }
        if header != .automatic || headerFile != nil { said.append("a header") }
        if delimiter != nil { said.append("a delimiter") }
        if quote != nil { said.append("quotes") }
        if comment != nil { said.append("comments") }
        if timeFormat != nil { said.append("a format of times") }
        return said
    }
}
