import Foundation
import Kith

// Writes edges to the store it is given and says on standard output which are durable, until it is killed.
//
//   CrashingWriter STORE FIRST [follow|stop]
//
// Edge i joins i to i / 2 and to a hub, so that lists of every length are edited; every seventh edge is taken out again.
// When another store is put in the place of the one it has open, it goes on with that (follow), or ends and says so (stop).
// With the word "hold" in place of FIRST it begins one write, says so, and holds on.

let follows = CommandLine.arguments.count > 3 && CommandLine.arguments[3] == "follow"
let store = try GraphStore(opening: CommandLine.arguments[1], options: .init(followsReplacement: follows))
if CommandLine.arguments[2] == "hold" {
    try store.write { graph in
        try graph.addNode("held")
        FileHandle.standardOutput.write(Data("\n".utf8))
        // A loop that can be seen to have no end would let the compiler end the transaction before it.
        while pause() != 0 {}
    }
}
var number = UInt64(CommandLine.arguments[2]) ?? 1
while true {
    do {
        try store.write { graph in
            for edge in number..<number + 5 {
                try graph.add(NodeKey(edge), .follows, NodeKey(edge / 2))
                try graph.add(NodeKey(edge), .friends, 0)
                if edge % 7 == 0 { try graph.remove(NodeKey(edge), .follows, NodeKey(edge / 2)) }
            }
        }
    } catch GraphStoreError.replaced {
        FileHandle.standardOutput.write(Data("replaced\n".utf8))
        exit(0)
    }
    FileHandle.standardOutput.write(Data("\(number + 4)\n".utf8))
    number += 5
}
