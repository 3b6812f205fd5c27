import Foundation
import Kith
import Logging

// A service that suggests whom to follow, over HTTP; see the article "A service that suggests".
//
//   ExampleService STORE PORT
//
//   GET  /suggestions/USER?limit=N     {"results": [{"user": "7", "score": 1.5}, …]}
//   POST /follow/FOLLOWER/FOLLOWED     {"new": true}

let service = try SuggestionService(
    path: CommandLine.arguments[1],
    logger: Logger(label: "suggestions", factory: StreamLogHandler.standardError(label:)))
let listener = try HTTPListener(port: UInt16(CommandLine.arguments[2]) ?? 8_080)
FileHandle.standardOutput.write(Data("listening on \(listener.port)\n".utf8))
listener.run { request in
    do {
        switch (request.method, request.path.first, request.path.count) {
        case ("GET", "suggestions", 2):
            let limit = request.query["limit"].flatMap(Int.init) ?? 10
            guard let list = try await service.suggestions(for: NodeKey(request.path[1]), limit: limit) else {
                return HTTPAnswer(status: 404, body: ["error": "there is no user '\(request.path[1])'"])
            }
            let results: [[String: any Sendable]] = list.map { ["user": $0.user.description, "score": $0.score] }
            return HTTPAnswer(body: ["results": results])
        case ("POST", "follow", 3):
            let isNew = try await service.follow(NodeKey(request.path[1]), NodeKey(request.path[2]))
            return HTTPAnswer(body: ["new": isNew])
        default:
            return HTTPAnswer(status: 404, body: ["error": "there is nothing here"])
        }
    } catch {
        return HTTPAnswer(status: 400, body: ["error": "\(error)"])
    }
}
