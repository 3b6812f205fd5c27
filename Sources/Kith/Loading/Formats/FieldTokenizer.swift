import Glibc

/// Cuts text into records, and records into fields, as RFC 4180 says where there are quotes.
///
/// ```
///               delimiter                              quote, quote
///             +-----------+                             +-------+
///             v           |                             v       |
///        start of a field +--quote--> between quotes ---+-------+
///             |           ^                |
///             | any other |                | quote, anything else
///             v           |                v
///         in a field ----delimiter---- behind quotes
///             |                            |
///             +---- line end: the next record starts behind it
/// ```
/// This is the only code that knows it. Whoever sniffs a file takes the fields of its first records, whoever cuts it into
/// blocks takes the ends of records and no fields, and whoever reads rows takes both: so the three cannot disagree.
///
/// A quote that is not closed within ``EdgeFileSource/recordBytesMax`` bytes of the record's start, or at all, or only in
/// another line and with text behind it or the delimiter before it, is a mistake in its line, and costs that line alone.
/// Behind text after a quote no other quote is opened in the record. A record that is too long is read to its line end and
/// turned down.
///
/// Blanks around a field are no part of it, unless quotes are around them; tabs are blanks where they are no delimiters.
///
/// Cost: one pass over the bytes, with one comparison for a byte that is greater than all that have a meaning.
struct FieldTokenizer: Sendable {
    /// What stands between two fields; runs of spaces and tabs, which may surround a record too, when nil.
    var delimiter: UInt8?
    /// What a field that begins with it ends with; nil when it is a letter like others.
    var quote: UInt8?
    /// What lines that are comments begin with.
    var comments = Comments.none

    static let doubleQuote: UInt8 = 34
    static let tab: UInt8 = 9
    private static let space: UInt8 = 32

    /// One field a line: what ends a line stands in none.
    static let wholeLines = FieldTokenizer(delimiter: LineEnds.lineFeed)

    /// Up to two bytes that begin comments. No text has the byte that stands for none.
    struct Comments: Sendable, Hashable {
        private(set) var first: UInt8 = 0xFF
        private(set) var second: UInt8 = 0xFF

        static let none = Comments()
        /// `#` and `%`.
        static let usual = Comments([UInt8(ascii: "#"), UInt8(ascii: "%")])
        static let hash = Comments([UInt8(ascii: "#")])

        private init() {}

        init(_ bytes: [UInt8]) {
            first = bytes.first ?? 0xFF
            second = bytes.dropFirst().first ?? 0xFF
        }

        var bytes: [UInt8] { [first, second].filter { $0 != 0xFF } }

        @inline(__always)
        func contains(_ byte: UInt8) -> Bool { byte == first || byte == second }
    }

    /// What stands from one place of the text to where the next record starts.
    struct Record {
        enum Kind: UInt8 {
            case row
            case blankLine
            case comment
            case openQuote
            case textAfterQuote
            case tooLong
        }

        var kind: Kind
        /// Where it ends, before its line end.
        let end: Int
        /// Where the next one starts.
        let next: Int
        /// How many lines it takes.
        var lines = 1
        /// Whether some field has quotes that are written twice.
        var hasDoubledQuotes = false
        /// Whether text that comes later may close its quote.
        var mayClose = false

        /// Whether it is a row, good or bad.
        var isRow: Bool { kind != .blankLine && kind != .comment }
    }

    /// Reads the record that starts at `start`; `onField` is given its fields, in order.
    ///
    /// Of a record that is turned down, the fields as far as they were read.
    @inline(__always)
    func scan(_ text: UnsafeBufferPointer<UInt8>, _ start: Int, _ onField: (Field) -> Void) -> Record {
        if start < text.count, unsafe comments.contains(text[start]) {
            return unsafe line(text, start, .comment)
        }
        guard let delimiter else { return unsafe scanBlanks(text, start, onField) }
        let base = unsafe text.baseAddress.unsafelyUnwrapped
        let count = text.count
        // No byte above it has a meaning in a field.
        let last = max(delimiter, LineEnds.carriageReturn)
        // Tabs are blanks unless they are delimiters.
        let otherBlank = delimiter == FieldTokenizer.tab ? FieldTokenizer.space : FieldTokenizer.tab
        let quoteEnd = quote == nil ? start : min(count, start + EdgeFileSource.recordBytesMax)
        let quote = quote ?? 0
        var kind = Record.Kind.row
        var (isQuoted, hasDoubledQuotes) = (false, false)
        var index = start
        while true {
            let fieldStart = index
            while index < count, unsafe base[index] == FieldTokenizer.space || base[index] == otherBlank { index &+= 1 }
            if index < quoteEnd, kind == .row, unsafe base[index] == quote {
                isQuoted = true
                let first = index + 1
                guard let (closed, isDoubled) = unsafe FieldTokenizer.closingQuote(quote, text, first, quoteEnd) else {
                    var record = unsafe line(text, start, .openQuote)
                    record.mayClose = true
                    return record
                }
                index = closed + 1
                while index < count, unsafe base[index] == FieldTokenizer.space || base[index] == otherBlank {
                    index += 1
                }
                let isFollowed = unsafe index < count && base[index] != delimiter && !LineEnds.isLineEnd(base[index])
                // The quote that seems to close it, lines below, is the first of another field, or all of one.
                let isNone = unsafe isFollowed || isBetweenQuotes(text, first..<closed, delimiter)
                if isNone, unsafe LineEnds.find(text, first) < closed {
                    var record = unsafe line(text, start, .openQuote)
                    // The next byte may be a quote that belongs to this one.
                    record.mayClose = closed + 1 == count
                    return record
                }
                unsafe onField(
                    Field(base + first, count: closed - first, isQuoted: true, doubledQuote: isDoubled ? quote : nil))
                if isDoubled { hasDoubledQuotes = true }
                if isFollowed {
                    kind = .textAfterQuote
                    while index < count, unsafe base[index] != delimiter, unsafe !LineEnds.isLineEnd(base[index]) {
                        index += 1
                    }
                }
            } else {
                let first = index
                while index < count {
                    let byte = unsafe base[index]
                    if byte <= last, byte == delimiter || LineEnds.isLineEnd(byte) { break }
                    index &+= 1
                }
                var end = index
                while end > first, unsafe base[end &- 1] == FieldTokenizer.space || base[end &- 1] == otherBlank {
                    end &-= 1
                }
                unsafe onField(Field(base + first, count: end &- first))
                if first == index, fieldStart == start, unsafe index == count || LineEnds.isLineEnd(base[index]) {
                    kind = .blankLine
                }
            }
            guard index < count, unsafe !LineEnds.isLineEnd(base[index]) else { break }
            index &+= 1
        }
        let quotes = (isQuoted, hasDoubledQuotes)
        return unsafe FieldTokenizer.record(text, start..<index, kind, quotes: quotes)
    }

    @inline(__always)
    private func scanBlanks(_ text: UnsafeBufferPointer<UInt8>, _ start: Int, _ onField: (Field) -> Void) -> Record {
        let base = unsafe text.baseAddress.unsafelyUnwrapped
        let count = text.count
        let quoteEnd = quote == nil ? start : min(count, start + EdgeFileSource.recordBytesMax)
        let quote = quote ?? 0
        var kind = Record.Kind.blankLine
        var (isQuoted, hasDoubledQuotes) = (false, false)
        var index = start
        while true {
            while index < count, unsafe base[index] == FieldTokenizer.space || base[index] == FieldTokenizer.tab {
                index &+= 1
            }
            let first = index
            if index < quoteEnd, kind != .textAfterQuote, unsafe base[index] == quote {
                isQuoted = true
                guard let (closed, isDoubled) = unsafe FieldTokenizer.closingQuote(quote, text, first + 1, quoteEnd)
                else {
                    var record = unsafe line(text, start, .openQuote)
                    record.mayClose = true
                    return record
                }
                index = closed + 1
                let isFollowed = unsafe index < count && !FieldTokenizer.isBlankOrLineEnd(base[index])
                if isFollowed, unsafe LineEnds.find(text, first) < closed {
                    return unsafe line(text, start, .openQuote)
                }
                if kind == .blankLine { kind = .row }
                unsafe onField(
                    Field(
                        base + first + 1, count: closed - first - 1, isQuoted: true,
                        doubledQuote: isDoubled ? quote : nil))
                if isDoubled { hasDoubledQuotes = true }
                if isFollowed { kind = .textAfterQuote }
                while index < count, unsafe !FieldTokenizer.isBlankOrLineEnd(base[index]) { index += 1 }
                continue
            }
            while index < count {
                let byte = unsafe base[index]
                if byte <= FieldTokenizer.space, FieldTokenizer.isBlankOrLineEnd(byte) { break }
                index &+= 1
            }
            // Behind the last blanks of a record there is no field.
            if index == first { break }
            if kind == .blankLine { kind = .row }
            unsafe onField(Field(base + first, count: index &- first))
        }
        let quotes = (isQuoted, hasDoubledQuotes)
        return unsafe FieldTokenizer.record(text, start..<index, kind, quotes: quotes)
    }

    /// The record between two places.
    @inline(__always)
    private static func record(
        _ text: UnsafeBufferPointer<UInt8>, _ range: Range<Int>, _ kind: Record.Kind,
        quotes: (are: Bool, areDoubled: Bool)
    ) -> Record {
        let isTooLong = range.count > EdgeFileSource.recordBytesMax
        var record = unsafe Record(
            kind: isTooLong ? .tooLong : kind, end: range.upperBound, next: LineEnds.next(text, range.upperBound))
        if quotes.are {
            record.lines += unsafe LineEnds.count(UnsafeBufferPointer(rebasing: text[range]))
            record.hasDoubledQuotes = quotes.areDoubled
        }
        return record
    }

    @inline(__always)
    private static func isBlankOrLineEnd(_ byte: UInt8) -> Bool {
        byte == space || byte == tab || LineEnds.isLineEnd(byte)
    }

    /// Whether text between two quotes begins and ends as what stands between two fields that are a quote each:
    /// `ann,",3` and lines below `",bob,2`. Text in quotes may begin and end with line ends, but hardly with a delimiter.
    private func isBetweenQuotes(_ text: UnsafeBufferPointer<UInt8>, _ range: Range<Int>, _ delimiter: UInt8) -> Bool {
        guard let start = range.first, let end = range.last else { return false }
        let (first, last) = unsafe (text[start], text[end])
        return first == delimiter && (last == delimiter || LineEnds.isLineEnd(last))
            || last == delimiter && LineEnds.isLineEnd(first)
    }

    /// The line that starts at `start`, whatever is in it.
    private func line(_ text: UnsafeBufferPointer<UInt8>, _ start: Int, _ kind: Record.Kind) -> Record {
        let end = unsafe LineEnds.find(text, start)
        let isTooLong = end - start > EdgeFileSource.recordBytesMax
        return unsafe Record(kind: isTooLong ? .tooLong : kind, end: end, next: LineEnds.next(text, end))
    }

    /// Where the quote before `first` is closed, and whether quotes are written twice before that; nil when it is open at `end`.
    private static func closingQuote(
        _ quote: UInt8, _ text: UnsafeBufferPointer<UInt8>, _ first: Int, _ end: Int
    ) -> (index: Int, isDoubled: Bool)? {
        var isDoubled = false
        var index = first
        while let found = unsafe find(quote, text, index, end) {
            guard found + 1 < end, unsafe text[found + 1] == quote else { return (found, isDoubled) }
            isDoubled = true
            index = found + 2
        }
        return nil
    }

    private static func find(
        _ byte: UInt8, _ text: UnsafeBufferPointer<UInt8>, _ start: Int, _ end: Int
    ) -> Int? {
        guard start < end, let base = text.baseAddress,
            let found = unsafe memchr(base + start, Int32(byte), end - start)
        else { return nil }
        return unsafe UnsafeRawPointer(found) - UnsafeRawPointer(base)
    }
}

extension FieldTokenizer {
    /// Where the last record of the text that is there whole ends; 0 when none is.
    ///
    /// Only a quote can make more than a line of a record: lines without one are passed over at once.
    func lastRecordEnd(_ text: UnsafeBufferPointer<UInt8>) -> Int {
        var start = 0
        while let quote, let found = unsafe FieldTokenizer.find(quote, text, start, text.count) {
            let recordStart = unsafe LineEnds.start(text, of: found, from: start)
            let record = unsafe scan(text, recordStart) { _ in }
            // A quote may be closed by what comes next, while the record is short enough for that.
            let mayClose = record.mayClose && text.count - recordStart <= EdgeFileSource.recordBytesMax
            if unsafe mayClose || LineEnds.isOpen(text, record.end) { return recordStart }
            start = record.next
        }
        return unsafe LineEnds.lastEnd(text, from: start)
    }
}
