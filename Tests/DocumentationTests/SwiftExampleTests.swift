import Foundation
import GraphTesting
import Testing

/// The Swift examples of the documents are parts of programs that are built and run.
@Suite("A Swift example")
struct SwiftExampleTests {
    /// What stands between the marks in the programs, line by line, without what all lines are indented by.
    private static let compiled: [[String]] = {
        var examples: [[String]] = []
        for folder in ["Tests/DocumentedExamples", "Tests/ExampleService"] {
            let names = (try? FileManager.default.contentsOfDirectory(atPath: Document.root.path + "/" + folder)) ?? []
            for name in names {
                var example: [String]?
                for line in Document.lines(of: folder + "/" + name) {
                    switch line.drop(while: { $0 == " " }) {
                    case "// example": example = []
                    case "// end":
                        if let example { examples.append(outdented(example)) }
                        example = nil
                    default: example?.append(line)
                    }
                }
            }
        }
        return examples
    }()

    private static func outdented(_ lines: [String]) -> [String] {
        let indents = lines.filter { !$0.isEmpty }.map { $0.prefix { $0 == " " }.count }
        return lines.map { String($0.dropFirst(indents.min() ?? 0)) }
    }

    /// What an example says beside its imports, which stand at the top of a file.
    private static func statements(_ block: Document.Block) -> [String] {
        Array(block.lines.drop { $0.hasPrefix("import ") || $0.isEmpty })
    }

    private static let documents = Document.all.filter { $0.blocks.contains { $0.language == "swift" } }

    @Test("in a document is one of those that are compiled, line by line", arguments: documents)
    func isCompiled(_ document: Document) {
        for block in document.blocks where block.language == "swift" {
            let isCompiled = Self.compiled.contains(Self.statements(block))
            #expect(isCompiled, "\(document.path):\(block.line): write it into Tests/DocumentedExamples too")
        }
    }

    @Test("that is compiled stands in a document")
    func isShown() {
        let shown = Self.documents.flatMap(\.blocks).filter { $0.language == "swift" }.map(Self.statements)
        #expect(shown.count > 10)
        for example in Self.compiled {
            #expect(shown.contains(example), "no document shows:\n\(example.joined(separator: "\n"))")
        }
    }

    @Test("of the README has at most 15 lines")
    func readme() {
        let blocks = Document(path: "README.md").blocks.filter { $0.language == "swift" }
        #expect(blocks.count == 1 && blocks.allSatisfy { $0.lines.count <= 15 })
    }

    @Test("runs, each with the outcome its program expects")
    func run() throws {
        let folder = try TemporaryFolder()
        let outcome = try BuiltProgram("DocumentedExamples").run(in: folder)
        #expect(outcome.code == 0, "\(outcome.output)")
        #expect(outcome.output.contains("== comments"))
    }
}
