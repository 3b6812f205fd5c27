import Foundation
import Testing

/// A text with examples in it: the README, an article, or the comments of a source file.
struct Document: Sendable, CustomTestStringConvertible {
    /// A fenced block of code.
    struct Block {
        let language: String
        /// Its first line, from 1.
        let line: Int
        let lines: [String]
    }

    /// Where it is, from the folder of the package.
    let path: String
    let blocks: [Block]

    var testDescription: String { path }

    /// The folder of the package.
    static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    /// All of them.
    static let all: [Document] = {
        var paths = ["README.md"]
        for path in FileManager.default.enumerator(atPath: root.appendingPathComponent("Sources").path)! {
            guard let path = path as? String, path.hasSuffix(".md") || path.hasSuffix(".swift") else { continue }
            paths.append("Sources/" + path)
        }
        return paths.sorted().map(Document.init(path:)).filter { !$0.blocks.isEmpty }
    }()

    init(path: String) {
        self.path = path
        var blocks: [Block] = []
        var open: Block?
        var lines: [String] = []
        for (number, line) in Document.lines(of: path).enumerated() {
            var text = Substring(line)
            if path.hasSuffix(".swift") {
                // Only what stands in comments, and without their marks.
                let comment = line.drop { $0 == " " }
                guard comment.hasPrefix("///") else { continue }
                text = comment.dropFirst(comment.hasPrefix("/// ") ? 4 : 3)
            }
            if let begun = open {
                if text == "```" {
                    blocks.append(Block(language: begun.language, line: begun.line, lines: lines))
                    open = nil
                } else {
                    lines.append(String(text))
                }
            } else if text.hasPrefix("```") {
                open = Block(language: String(text.dropFirst(3)), line: number + 2, lines: [])
                lines = []
            }
        }
        self.blocks = blocks
    }

    /// The lines of a file of the package; none when it cannot be read, which leaves nothing to find.
    static func lines(of path: String) -> [String] {
        let text = (try? String(contentsOf: root.appendingPathComponent(path), encoding: .utf8)) ?? ""
        return text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    }
}
