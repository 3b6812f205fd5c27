import Kith
import Testing

@Suite("A JSON example")
struct JSONExampleTests {
    @Test("is a schema that a store can be made with, or a request that can be asked")
    func parses() throws {
        let texts = Document.all.flatMap(\.blocks).filter { $0.language == "json" }.map {
            $0.lines.joined(separator: "\n")
        }
        let requests = texts.filter { $0.contains("recommenders") }
        #expect(!requests.isEmpty && requests.count < texts.count)
        for text in requests { try RecommendationRequest(json: text.utf8, relativeTo: .ofSystemClock).validate() }
        for text in texts where !requests.contains(text) {
            #expect(try !Schema(json: text.utf8).edgeTypes.isEmpty)
        }
    }
}
