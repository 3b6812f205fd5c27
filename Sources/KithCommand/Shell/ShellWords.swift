/// A line as a shell takes it apart: words between blanks; '...' and "..." and a backslash keep blanks in a word; #
/// starts a comment where a word could start.
struct ShellWords {
    /// The words, without their quotes.
    private(set) var words: [String] = []
    /// The words before the one that is being typed.
    private(set) var before: [String] = []
    /// Where the last word starts in the line, and what it is so far; behind a blank an empty one. For completion.
    private(set) var lastStart = 0
    private(set) var last = ""
    /// What is missing at the end, if anything: a quote, or what a backslash is for.
    private(set) var missing: Character?

    init(_ line: some Sequence<Character>) {
        var word: String?
        var quote: Character?
        var isEscaped = false
        var start = 0
        var isComment = false
        var end = 0
        for (index, character) in line.enumerated() {
            end = index + 1
            if isComment { continue }
            if word == nil { start = index }
            if isEscaped {
                // In double quotes a backslash is one, but before what means something there.
                if quote == "\"", !"\"\\".contains(character) { word?.append("\\") }
                word?.append(character)
                isEscaped = false
            } else if character == "\\", quote != "'" {
                word = word ?? ""
                isEscaped = true
            } else if let open = quote {
                if character == open { quote = nil } else { word?.append(character) }
            } else if character == "'" || character == "\"" {
                word = word ?? ""
                quote = character
            } else if character.isWhitespace {
                if let word { words.append(word) }
                word = nil
            } else if character == "#", word == nil {
                isComment = true
            } else {
                word = (word ?? "") + String(character)
            }
        }
        missing = quote ?? (isEscaped ? "\\" : nil)
        (lastStart, last) = word.map { (start, $0) } ?? (end, "")
        before = words
        if let word { words.append(word) }
    }

    /// A word as it has to be typed.
    static func quoted(_ word: String) -> String {
        word.map { $0.isWhitespace || "'\"\\#".contains($0) ? "\\\($0)" : String($0) }.joined()
    }
}
