import Foundation
import GraphTesting
import Kith
import ProcessTesting
import Testing

/// LDBC's tests of transactions: in one process, in two, and with one that is killed.
///
/// One after the other: each has threads that look at the store all the time, and writers must get their share.
@Suite("Transactions of clients that work side by side", .serialized)
struct ACIDTests {
    @Test(
        "of threads show no anomaly, each with its commit or in groups", arguments: ACIDTest.allCases,
        ACIDClients.Writing.allCases)
    func threads(test: ACIDTest, writing: ACIDClients.Writing) async throws {
        let folder = try TemporaryFolder()
        let store = try GraphStore(creating: folder.file("people.kith"), options: .forTests)
        let (clients, count) = (4, Repetitions.of(10))
        let all = ACIDClients(test, on: store, total: clients * count)
        try all.prepare()
        try await all.run(0..<clients, count: count, writing: writing)
        try test.verify(store, count: clients * count)
        #expect(try store.check().problems == [])
    }

    @Test("of two processes show no anomaly to either", arguments: ACIDTest.allCases)
    func processes(test: ACIDTest) async throws {
        let folder = try TemporaryFolder()
        let path = folder.file("people.kith")
        let store = try GraphStore(creating: path)
        let count = Repetitions.of(10)
        let all = ACIDClients(test, on: store, total: 2 * count)
        try all.prepare()
        let other = try Process.builtProgram("ACIDClient", [path, test.rawValue, "1", "\(count)", "\(2 * count)"])
        let output = Pipe()
        other.standardOutput = output
        try other.run()
        try await all.run(0..<1, count: count, writing: .one)
        _ = output.fileHandleForReading.readDataToEndOfFile()
        other.waitUntilExit()
        #expect(other.terminationStatus == 0)
        try test.verify(store, count: 2 * count)
        #expect(try store.check().problems == [])
    }

    @Test("that were acknowledged before their process was killed are there, whole", arguments: ACIDTest.allCases)
    func durability(test: ACIDTest) throws {
        let folder = try TemporaryFolder()
        let path = folder.file("people.kith")
        let store = try GraphStore(creating: path)
        try ACIDClients(test, on: store, total: .max).prepare()
        let other = try Process.builtProgram("ACIDClient", [path, test.rawValue, "1", "1000000", "1000000"])
        let output = Pipe()
        other.standardOutput = output
        try other.run()
        var text = ""
        // It is in the middle: there is a million to do.
        while text.count(where: { $0 == "\n" }) < 10 {
            let more = output.fileHandleForReading.availableData
            try #require(!more.isEmpty, "the client has ended")
            text += String(decoding: more, as: UTF8.self)
        }
        kill(other.processIdentifier, SIGKILL)
        other.waitUntilExit()
        text += String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        // The last line may be cut off.
        let acknowledged = text.split(separator: "\n").dropLast(text.hasSuffix("\n") ? 0 : 1)
        let found = try store.read { snapshot in
            for name in acknowledged {
                let edge = try snapshot.edge(from: "log", .follows, to: NodeKey(String(name)))
                #expect(edge != nil, "\(name) is lost")
            }
            return try snapshot.degree(of: "log", via: .follows)
        }
        // One more may have been committed, and not said so.
        #expect((acknowledged.count...acknowledged.count + 1).contains(found))
        try test.verify(store, count: found)
        #expect(try store.check().problems == [])
    }
}
