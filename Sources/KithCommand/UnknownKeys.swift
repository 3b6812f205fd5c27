import Kith

/// Keys of a list that the store does not have: slips, or people who are gone.
struct UnknownKeys: Error, CustomStringConvertible {
    /// Where the list stands: a flag, or a member of a request.
    let list: String
    /// How many keys it has.
    let count: Int
    /// How many of them are not in the store.
    let unknownCount: Int
    /// The first of those.
    let first: NodeKey
    let kind: NodeKind

    var description: String {
        "\(unknownCount) of the \(count) keys of \(list) are no \(kind) in the store, '\(first)' for one; "
            + "check their spelling"
    }

    /// Says so on standard error, or throws where the caller is strict.
    func report(isStrict: Bool) throws {
        if isStrict { throw self }
        Terminal.say("kith: \(self)\n")
    }
}
