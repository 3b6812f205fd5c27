import Measuring

/// A store that takes LinkBench's calls.
protocol Side: Sendable {
    /// What it is called.
    var name: String { get }
    /// What one thread needs to ask it.
    func session() throws -> any Session
}

/// One thread's way to a store.
protocol Session: AnyObject {
    /// Does what is asked; a write is on the disk when this returns. Answers how many rows or neighbours were read, so
    /// that nothing is left out because nobody looks.
    func perform(_ call: Call) throws -> Int
}
