import Foundation
import Measuring

/// What the command line says: pairs of `--name` and a value.
struct Arguments {
    private var values: [String: String] = [:]

    /// Reads the pairs; ends the program when one has a name that is not known, or no value.
    init(_ words: some Sequence<String>, known: [String]) {
        var words = words.makeIterator()
        while let word = words.next() {
            let name = String(word.dropFirst(2))
            guard word.hasPrefix("--"), known.contains(name), let value = words.next() else {
                Arguments.refuse("'\(word)' is no argument with a value; the head of LiveLoad.swift lists all")
            }
            values[name] = value
        }
    }

    /// The value of a name, as it is written; nil when it is not given.
    subscript(name: String) -> String? { values[name] }

    /// The value of a name, which has to be a number.
    func number(_ name: String, unless missing: Int, in range: ClosedRange<Int>) -> Int {
        guard let text = values[name] else { return missing }
        guard let number = Int(text), range.contains(number) else {
            Arguments.refuse(
                "--\(name) needs a number from \(range.lowerBound) to \(range.upperBound), found '\(text)'")
        }
        return number
    }

    private static func refuse(_ reason: String) -> Never {
        note("LiveLoad: \(reason)")
        exit(64)
    }
}
