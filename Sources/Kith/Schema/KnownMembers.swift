/// Reading JSON in which every member must be one that is known.
///
/// A member that nobody reads is a wish that nobody grants: `"limt": 5` would be answered with ten. So objects are read
/// through these, which name what they do not know, where it stands, and what was probably meant.
extension Decoder {
    /// The members of an object, all of which have a name of `names`.
    ///
    /// - Parameter nested: for names that belong to an object inside, the member that holds it.
    /// - Throws: `DecodingError.dataCorrupted` that names the first unknown member.
    func members<Names: CodingKey & CaseIterable>(
        _ names: Names.Type, nested: [(member: String, names: [String])] = []
    ) throws -> KeyedDecodingContainer<Names> {
        let known = names.allCases.map(\.stringValue)
        let found = try container(keyedBy: AnyName.self).allKeys.sorted { $0.stringValue < $1.stringValue }
        for member in found where !known.contains(member.stringValue) {
            var reason = "there is no such member; known are \(known.joined(separator: ", "))"
            if let holder = nested.first(where: { $0.names.contains(member.stringValue) })?.member {
                reason += "; did you mean '\(member.stringValue)' inside '\(holder)'?"
            } else if let meant = nearestName(to: member.stringValue, among: known) {
                reason += "; did you mean '\(meant)'?"
            }
            throw DecodingError.dataCorrupted(.init(codingPath: codingPath + [member], debugDescription: reason))
        }
        return try container(keyedBy: names)
    }
}

/// A member of any name.
private struct AnyName: CodingKey {
    let stringValue: String
    let intValue: Int? = nil

    init(stringValue: String) {
        self.stringValue = stringValue
    }

    init?(intValue: Int) {
        nil
    }
}

extension KeyedDecodingContainer {
    /// One of the values that have names; nil where there is none.
    ///
    /// - Throws: `DecodingError.dataCorrupted` that lists the names.
    func value<Value: RawRepresentable & CaseIterable>(
        _ type: Value.Type, forKey key: Key
    ) throws -> Value? where Value.RawValue == String {
        guard let name = try decodeIfPresent(String.self, forKey: key) else { return nil }
        if let value = Value(rawValue: name) { return value }
        let known = Value.allCases.map(\.rawValue)
        let meant = nearestName(to: name, among: known).map { "; did you mean '\($0)'?" } ?? ""
        throw DecodingError.dataCorruptedError(
            forKey: key, in: self,
            debugDescription: "'\(name)' is none of \(known.joined(separator: ", "))\(meant)")
    }
}
