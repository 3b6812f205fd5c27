/// Where lines end: one rule for all formats, for sniffing, for cutting a file into blocks, and for rows.
///
/// | bytes | written by |
/// |---|---|
/// | LF | Unix |
/// | CR LF | Windows, and what follows its habits |
/// | CR CR LF | a program on Windows that wrote CR LF as text |
/// | CR, where neither goes on from it | the Macintosh before 2001 |
///
/// What a CR at the end of a text is depends on what comes behind it; so a file is cut behind it only where that is known.
enum LineEnds {
    static let lineFeed: UInt8 = 10
    static let carriageReturn: UInt8 = 13

    /// Where the line that starts at `start` ends: at its line end, or at the end of the text.
    static func find(_ text: UnsafeBufferPointer<UInt8>, _ start: Int) -> Int {
        var index = start
        while index < text.count, unsafe !isLineEnd(text[index]) { index += 1 }
        return index
    }

    /// Where the next line starts, when one ends at `index`.
    @inline(__always)
    static func next(_ text: UnsafeBufferPointer<UInt8>, _ index: Int) -> Int {
        let rest = text.count - index
        if rest == 0 { return index }
        if unsafe text[index] == lineFeed { return index + 1 }
        if rest > 1, unsafe text[index + 1] == lineFeed { return index + 2 }
        if rest > 2, unsafe text[index + 1] == carriageReturn && text[index + 2] == lineFeed { return index + 3 }
        return index + 1
    }

    /// Whether it takes more text to know where the line that ends at `index` does so, or what its line end is.
    static func isOpen(_ text: UnsafeBufferPointer<UInt8>, _ index: Int) -> Bool {
        switch text.count - index {
        case 0: true
        case 1: unsafe text[index] == carriageReturn
        case 2: unsafe text[index] == carriageReturn && text[index + 1] == carriageReturn
        default: false
        }
    }

    /// Where the line starts that `index` is in; `start` when that is in the same line.
    static func start(_ text: UnsafeBufferPointer<UInt8>, of index: Int, from start: Int) -> Int {
        var index = index
        while index > start, unsafe !isLineEnd(text[index - 1]) { index -= 1 }
        return index
    }

    /// Where the last line from `start` on that is whole ends, with its line end; `start` when none is.
    static func lastEnd(_ text: UnsafeBufferPointer<UInt8>, from start: Int) -> Int {
        var index = text.count
        while index > start {
            index -= 1
            // A CR with an LF behind it is never met: the LF was.
            if unsafe isLineEnd(text[index]) && !isOpen(text, index) { return index + 1 }
        }
        return start
    }

    /// How many line ends the text has.
    static func count(_ text: UnsafeBufferPointer<UInt8>) -> Int {
        var lines = 0
        var index = unsafe find(text, 0)
        while index < text.count {
            lines += 1
            index = unsafe find(text, next(text, index))
        }
        return lines
    }

    @inline(__always)
    static func isLineEnd(_ byte: UInt8) -> Bool { byte == lineFeed || byte == carriageReturn }
}
