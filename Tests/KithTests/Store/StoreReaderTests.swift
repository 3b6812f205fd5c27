import Foundation
import GraphTesting
import Kith
import ProcessTesting
import Testing

@Suite("Readers of a store")
struct StoreReaderTests {
    @Test("are listed with what they read and how old it is")
    func ages() throws {
        let folder = try TemporaryFolder()
        let store = try GraphStore(creating: folder.file("people.kith"), options: .forTests)
        try store.read { _ in
            for number in 1...3 as ClosedRange<UInt64> {
                try store.write { graph in _ = try graph.add(0, .follows, NodeKey(number)) }
            }
            let readers = try store.readers().filter { $0.transaction != nil }
            #expect(readers.map(\.commitsBehind) == [3])
            #expect(readers.map(\.process) == [Int(getpid())])
            #expect(readers.map(\.isAlive) == [true])
            #expect(try store.statistics().oldestReaderCommitsBehind == 3)
        }
        #expect(try store.readers().allSatisfy { $0.commitsBehind == nil })
    }

    @Test("that died are told from those that live, and their places are freed on demand")
    func dead() throws {
        let folder = try TemporaryFolder()
        let path = folder.file("people.kith")
        let store = try GraphStore(creating: path, options: .forTests)
        let process = try Process.builtProgram("CrashingWriter", [path, "1"])
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        #expect(!output.fileHandleForReading.availableData.isEmpty)
        let other = Int(process.processIdentifier)
        #expect(try store.readers().contains { $0.process == other && $0.isAlive })
        kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
        let places = try store.readers().filter { $0.process == other }
        #expect(!places.isEmpty && places.allSatisfy { !$0.isAlive })
        #expect(try store.clearDeadReaders() == places.count)
        #expect(try !store.readers().contains { $0.process == other })
        #expect(try store.clearDeadReaders() == 0)
    }
}
