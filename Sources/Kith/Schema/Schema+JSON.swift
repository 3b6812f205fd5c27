import FoundationEssentials

/// A schema as a file people write:
/// ```json
/// {"nodeKinds": ["user", "topic"],
///  "edgeTypes": [{"name": "follows", "from": "user", "to": "user", "columns": ["time"]},
///                {"name": "friends", "from": "user", "to": "user", "symmetric": true},
///                {"name": "interacts", "from": "user", "to": "user", "columns": ["weight", "time"],
///                 "accumulates": true, "halfLifeDays": 30}]}
/// ```
/// `columns` is empty, `symmetric`, `accumulates` and `selfLoops` are false where they are not written. Members of other
/// names are refused.
extension Schema {
    /// The schema that `json` describes.
    ///
    /// - Throws: ``SchemaError`` that says what is wrong and where.
    public init(json: some Sequence<UInt8>) throws(SchemaError) {
        let file: SchemaFile = try decode(json)
        var types: [EdgeType] = []
        for declaration in file.edgeTypes {
            types.append(try declaration.edgeType)
        }
        try self.init(nodeKinds: file.nodeKinds, edgeTypes: types)
    }

    /// The schema as JSON, indented, keys in a fixed order; ``init(json:)`` reads it back.
    public var json: String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        let file = SchemaFile(nodeKinds: nodeKinds, edgeTypes: edgeTypes.map(SchemaFile.Declaration.init))
        do {
            return String(decoding: try encoder.encode(file), as: UTF8.self)
        } catch {
            preconditionFailure("a checked schema holds only finite numbers and strings: \(error)")
        }
    }
}

extension EdgeType {
    /// The edge type that `json` describes, as a schema writes one: `{"name": "mentors", "from": "user", "to": "user"}`.
    ///
    /// - Throws: ``SchemaError`` that says what is wrong and where.
    public init(json: some Sequence<UInt8>) throws(SchemaError) {
        let declaration: SchemaFile.Declaration = try decode(json)
        self = try declaration.edgeType
    }
}

/// A part of a schema from JSON.
private func decode<Part: Decodable>(_ json: some Sequence<UInt8>) throws(SchemaError) -> Part {
    do {
        return try StrictJSON.decode(Part.self, from: json)
    } catch let error as DecodingError {
        throw .badJSON(SchemaFile.explain(error))
    } catch {
        throw .badJSON("\(error)")
    }
}

/// The shape of the file.
private struct SchemaFile: Codable {
    struct Declaration: Codable {
        var name: EdgeType.Name
        var from: NodeKind
        var to: NodeKind
        var columns: [String]?
        var precision: String?
        var symmetric: Bool?
        var accumulates: Bool?
        var halfLifeDays: Double?
        var selfLoops: Bool?

        enum CodingKeys: String, CodingKey, CaseIterable {
            case name, from, to, columns, precision, symmetric, accumulates, halfLifeDays, selfLoops
        }
    }

    var nodeKinds: [NodeKind]
    var edgeTypes: [Declaration]

    enum CodingKeys: String, CodingKey, CaseIterable {
        case nodeKinds, edgeTypes
    }

    static let secondsPerDay = 86_400.0

    /// Where in the file, and what is wrong there.
    static func explain(_ error: DecodingError) -> String {
        let place = error.place.isEmpty ? "at the top" : "at " + error.place
        return switch error {
        case .keyNotFound(let key, _): "\(place) the key \"\(key.stringValue)\" is missing"
        default: "\(place) \(error.reason)"
        }
    }
}

extension SchemaFile {
    init(from decoder: any Decoder) throws {
        let members = try decoder.members(CodingKeys.self)
        nodeKinds = try members.decode([NodeKind].self, forKey: .nodeKinds)
        edgeTypes = try members.decode([Declaration].self, forKey: .edgeTypes)
    }
}

extension SchemaFile.Declaration {
    init(from decoder: any Decoder) throws {
        let members = try decoder.members(CodingKeys.self)
        name = try members.decode(EdgeType.Name.self, forKey: .name)
        from = try members.decode(NodeKind.self, forKey: .from)
        to = try members.decode(NodeKind.self, forKey: .to)
        columns = try members.decodeIfPresent([String].self, forKey: .columns)
        precision = try members.decodeIfPresent(String.self, forKey: .precision)
        symmetric = try members.decodeIfPresent(Bool.self, forKey: .symmetric)
        accumulates = try members.decodeIfPresent(Bool.self, forKey: .accumulates)
        halfLifeDays = try members.decodeIfPresent(Double.self, forKey: .halfLifeDays)
        selfLoops = try members.decodeIfPresent(Bool.self, forKey: .selfLoops)
    }

    init(_ type: EdgeType) {
        name = type.name
        from = type.source
        to = type.target
        var columns: [String] = []
        if type.columns.contains(.weight) { columns.append("weight") }
        if type.columns.contains(.time) { columns.append("time") }
        self.columns = columns
        if type.precision != .single { precision = type.precision.rawValue }
        symmetric = type.isSymmetric
        if case .accumulate(let halfLifeSeconds) = type.repetition {
            accumulates = true
            halfLifeDays = halfLifeSeconds.map { $0 / SchemaFile.secondsPerDay }
        }
        if type.allowsSelfLoops { selfLoops = true }
    }

    var edgeType: EdgeType {
        get throws(SchemaError) {
            var set: EdgeType.Columns = []
            for column in columns ?? [] {
                switch column {
                case "weight": set.insert(.weight)
                case "time": set.insert(.time)
                default: throw .badJSON("\"columns\" of '\(name)' takes \"weight\" and \"time\", found \"\(column)\"")
                }
            }
            guard let precision = EdgeType.Precision(rawValue: precision ?? "single") else {
                throw .badJSON(
                    "\"precision\" of '\(name)' is \"single\" or \"double\", found \"\(self.precision ?? "")\"")
            }
            if halfLifeDays != nil, accumulates != true {
                throw .badJSON("'\(name)' has \"halfLifeDays\" but not \"accumulates\": true")
            }
            return EdgeType(
                name, from: from, to: to, isSymmetric: symmetric ?? false, columns: set, precision: precision,
                repetition: accumulates == true
                    ? .accumulate(halfLifeSeconds: halfLifeDays.map { $0 * SchemaFile.secondsPerDay }) : .replace,
                allowsSelfLoops: selfLoops ?? false)
        }
    }
}
