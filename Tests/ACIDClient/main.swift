import Foundation
import GraphTesting
import Kith

// Runs a client of an ACID test beside those of another process, and looks at the store meanwhile.
//
//   ACIDClient STORE TEST CLIENT COUNT TOTAL
//
// It says on standard output which of its COUNT transactions have ended, and ends with 0 unless it saw an anomaly; TOTAL
// is how many transactions all processes run.

let arguments = CommandLine.arguments
guard arguments.count == 6, let test = ACIDTest(rawValue: arguments[2]), let client = Int(arguments[3]),
    let count = Int(arguments[4]), let total = Int(arguments[5])
else { fatalError("usage: ACIDClient STORE TEST CLIENT COUNT TOTAL") }
let clients = ACIDClients(test, on: try GraphStore(opening: arguments[1]), total: total)
do {
    try await clients.run(client..<client + 1, count: count, writing: .one) { name in
        FileHandle.standardOutput.write(Data("\(name)\n".utf8))
    }
} catch {
    FileHandle.standardError.write(Data("ACIDClient: \(error)\n".utf8))
    exit(1)
}
