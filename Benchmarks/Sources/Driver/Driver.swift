import Foundation
import Kith

/// A store kept open for a program in another language, so that it can time Kith as it times its other peers: questions
/// are lines of JSON on standard input, answers lines on standard output, and the seconds in an answer are those of the
/// library's calls alone.
///
///     Driver people.kith
///     {"seconds":0.0004,"sum":16777216}                 opened; how many edges there are
///     {"do":"paths","users":["42"],"limit":10,"budget":1}  {"each":[{"results":[["77",12]],"seconds":0.0002}],"seconds":0.0002}
///     {"do":"lists","nodes":["1","2"]}                 {"seconds":3e-06,"sum":5120}
///
/// A question that cannot be answered ends the program with the reason on standard error.
@main
struct Driver {
    static func main() {
        guard CommandLine.arguments.count == 2 else { fail("expected the path of a store", code: 64) }
        do {
            try answer(from: CommandLine.arguments[1])
        } catch {
            fail("\(error)", code: 1)
        }
    }

    private static func answer(from path: String) throws {
        let start = ContinuousClock.now
        let store = try GraphStore(opening: path)
        let edges = try store.read { snapshot in
            try snapshot.schema.edgeTypes.reduce(0) { sum, type in sum + (try snapshot.edgeCount(of: type.name)) }
        }
        try say(Answer(seconds: start.duration(to: .now) / .seconds(1), sum: UInt64(edges)))
        while let line = readLine() {
            try say(try JSONDecoder().decode(Question.self, from: Data(line.utf8)).answer(from: store))
        }
    }

    private static func fail(_ reason: String, code: Int32) -> Never {
        FileHandle.standardError.write(Data("Driver: \(reason)\n".utf8))
        exit(code)
    }

    private static func say(_ answer: Answer) throws {
        var line = try JSONEncoder().encode(answer)
        line.append(10)
        FileHandle.standardOutput.write(line)
    }
}

/// What is reported.
struct Answer: Encodable {
    /// What the library's calls took.
    var seconds: Double
    /// Of several users' requests: the answer to each that was asked.
    var each: [Answer]?
    /// Of lists and edges: what was found, added up.
    var sum: UInt64?
    /// Of one user's request: keys and scores, best first.
    var results: [Result]?
    /// Of neighbours: the keys of out- and of in-neighbours.
    var neighbors: [[String]]?
    /// Of PageRank: the probability that was left unassigned.
    var residual: Double?

    struct Result: Encodable {
        let key: NodeKey
        let score: Double

        func encode(to encoder: any Encoder) throws {
            var pair = encoder.unkeyedContainer()
            try pair.encode(key.description)
            try pair.encode(score)
        }
    }
}
