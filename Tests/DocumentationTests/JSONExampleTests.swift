import Kith
import Testing

@Suite("A JSON example")
struct JSONExampleTests {
    @Test("is a schema that a store can be made with")
    func schemas() throws {
        let blocks = Document.all.flatMap(\.blocks).filter { $0.language == "json" }
        #expect(!blocks.isEmpty)
        for block in blocks {
            let schema = try Schema(json: block.lines.joined(separator: "\n").utf8)
            #expect(!schema.edgeTypes.isEmpty)
        }
    }
}
