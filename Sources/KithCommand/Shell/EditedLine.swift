/// A line that is being typed: its letters, and the place in it.
struct EditedLine {
    private(set) var letters: [Character] = []
    /// Before which letter the next is put.
    private(set) var cursor = 0

    var text: String { String(letters) }

    init(_ text: String = "") {
        letters = Array(text)
        cursor = letters.count
    }

    mutating func insert(_ text: some Sequence<Character>) {
        let new = Array(text)
        letters.insert(contentsOf: new, at: cursor)
        cursor += new.count
    }

    /// Puts `text` in place of what stands from `start` to the cursor.
    mutating func replace(from start: Int, with text: String) {
        letters.removeSubrange(start..<cursor)
        cursor = start
        insert(text)
    }

    mutating func move(by steps: Int) { cursor = min(max(0, cursor + steps), letters.count) }
    mutating func moveToStart() { cursor = 0 }
    mutating func moveToEnd() { cursor = letters.count }
    mutating func moveToWordStart() { cursor = wordStart }

    mutating func moveToWordEnd() {
        while cursor < letters.count, letters[cursor].isWhitespace { cursor += 1 }
        while cursor < letters.count, !letters[cursor].isWhitespace { cursor += 1 }
    }

    mutating func deleteBefore() { if cursor > 0 { replace(from: cursor - 1, with: "") } }
    mutating func deleteAfter() { if cursor < letters.count { letters.remove(at: cursor) } }
    mutating func deleteWord() { replace(from: wordStart, with: "") }
    mutating func deleteToStart() { replace(from: 0, with: "") }
    mutating func deleteToEnd() { letters.removeSubrange(cursor...) }

    private var wordStart: Int {
        var place = cursor
        while place > 0, letters[place - 1].isWhitespace { place -= 1 }
        while place > 0, !letters[place - 1].isWhitespace { place -= 1 }
        return place
    }

    /// What to show in `width` columns: letters around the cursor, as a terminal may read them, and the cursor's column
    /// among them.
    func window(of width: Int) -> (text: String, column: Int) {
        var first = cursor
        var column = 0
        while first > 0 {
            let letter = String(letters[first - 1]).printable.columns
            if column + letter >= width { break }
            column += letter
            first -= 1
        }
        var (text, taken) = ("", 0)
        for letter in letters[first...] {
            let shown = String(letter).printable
            taken += shown.columns
            if taken >= width { break }
            text += shown
        }
        return (text, column)
    }
}
