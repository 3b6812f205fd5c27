import Foundation

/// A state did not come about in minutes.
public struct Hang: Error, CustomStringConvertible {
    /// The state that was waited for.
    public let description: String
}

/// Waits until a state holds; the only loop of the tests that sleeps between two looks.
///
/// The limit tells a hang from a slow machine. A passing test never depends on it.
///
/// - Parameter state: the state that is waited for, in words; an error says that it is missing.
/// - Throws: ``Hang`` after ten minutes, what `holds` throws.
public func waitUntil(_ state: @autoclosure () -> String, _ holds: () throws -> Bool) throws {
    let limit = ContinuousClock.now + .seconds(600)
    while try !holds() {
        guard ContinuousClock.now < limit else {
            throw Hang(description: "ten minutes have passed without: \(state())")
        }
        usleep(1_000)
    }
}
