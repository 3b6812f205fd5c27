import Foundation
import FoundationNetworking
import GraphTesting
import Kith
import Testing

@Suite("The example service")
struct ExampleServiceTests {
    @Test("takes follows, suggests people, and knows after a kill what it has acknowledged")
    func service() async throws {
        let folder = try TemporaryFolder()
        let path = folder.file("people.kith")
        try await withService(path) { url in
            for (follower, followed) in [("alice", "bob"), ("bob", "carol"), ("bob", "dora"), ("carol", "dora")] {
                let answer = try await ask(url, "POST", "/follow/\(follower)/\(followed)")
                #expect(answer.status == 200 && answer.body["new"] as? Bool == true)
            }
            #expect(try await ask(url, "POST", "/follow/alice/bob").body["new"] as? Bool == false)
            let list = try await ask(url, "GET", "/suggestions/alice?limit=1").body["results"] as? [[String: Any]]
            #expect(list?.count == 1)
            #expect(try await ask(url, "GET", "/suggestions/eve").status == 404)
            #expect(try await ask(url, "POST", "/follow/alice/alice").status == 400)
            #expect(try await ask(url, "GET", "/elsewhere").status == 404)
        }
        try await withService(path) { url in
            let list = try await ask(url, "GET", "/suggestions/alice").body["results"] as? [[String: Any]]
            #expect(Set(list?.compactMap { $0["user"] as? String } ?? []) == ["carol", "dora"])
        }
        #expect(try GraphStore(opening: path).check().isSound)
    }

    /// Starts the service, and kills it when `body` is done with it.
    private func withService(_ path: String, _ body: (URL) async throws -> Void) async throws {
        let process = Process()
        process.executableURL = try BuiltProgram("ExampleService").url
        process.arguments = [path, "0"]
        let output = Pipe()
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try process.run()
        defer {
            kill(process.processIdentifier, SIGKILL)
            process.waitUntilExit()
        }
        let said = String(decoding: output.fileHandleForReading.availableData, as: UTF8.self)
        let port = try #require(said.split(separator: " ").last.flatMap { Int($0.dropLast()) })
        try await body(try #require(URL(string: "http://127.0.0.1:\(port)")))
    }

    private func ask(_ url: URL, _ method: String, _ path: String) async throws -> (status: Int, body: [String: Any]) {
        var request = URLRequest(url: try #require(URL(string: path, relativeTo: url)))
        request.httpMethod = method
        let (data, response) = try await URLSession.shared.data(for: request)
        let body = try JSONSerialization.jsonObject(with: data) as? [String: Any]
        return (try #require(response as? HTTPURLResponse).statusCode, try #require(body))
    }
}
