import Foundation
import Kith

// Damages a store byte by byte and says what becomes of each damage.
//
//   FlippedFiles make STORE               makes a small store with every kind of page
//   FlippedFiles plan STORE SEED COUNT    prints COUNT flips, dense where the structure is: offset:mask
//   FlippedFiles try STORE SCRATCH        reads flips from standard input, one or more a line, and tries each line
//
// For each line it prints "begins LINE" before and "ends VERDICT", a tab and the line after: a process that dies in between died of that
// line. What is tried, and the verdicts, are those of `Trial`.

let arguments = CommandLine.arguments

/// Prints a line at once, so that it is there when the process dies.
func say(_ line: String) { FileHandle.standardOutput.write(Data((line + "\n").utf8)) }

switch (arguments.dropFirst().first, arguments.count) {
case ("make", 3):
    try SmallStore.make(at: arguments[2])
case ("plan", 5):
    let plan = try FlipPlan(of: arguments[2])
    for flip in plan.flips(Int(arguments[4]) ?? 0, seed: UInt64(arguments[3]) ?? 0) { print(flip) }
case ("try", 4):
    let trial = try Trial(of: arguments[2], in: arguments[3])
    while let line = readLine() {
        say("begins \(line)")
        let flips = line.split(separator: " ").compactMap { Flip(String($0)) }
        say("ends \(try trial.verdict(on: flips))\t\(line)")
    }
default:
    FileHandle.standardError.write(Data("usage: make STORE | plan STORE SEED COUNT | try STORE SCRATCH\n".utf8))
    exit(64)
}
