import Foundation

/// A JSON value that keeps the order of its keys, so that output reads as the contract writes it.
enum JSON {
    case string(String)
    case integer(Int)
    case number(Double)
    case bool(Bool)
    case null
    case array([JSON])
    case object([(String, JSON)])

    /// The value on one line.
    var text: String {
        switch self {
        case .string(let text): JSON.quoted(text)
        case .integer(let value): String(value)
        case .number(let value): value.isFinite ? "\(value)" : "null"
        case .bool(let value): value ? "true" : "false"
        case .null: "null"
        case .array(let values): "[" + values.map(\.text).joined(separator: ", ") + "]"
        case .object(let members):
            "{" + members.map { JSON.quoted($0.0) + ": " + $0.1.text }.joined(separator: ", ") + "}"
        }
    }

    private static func quoted(_ text: String) -> String {
        var quoted = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": quoted += "\\\""
            case "\\": quoted += "\\\\"
            case "\n": quoted += "\\n"
            case "\r": quoted += "\\r"
            case "\t": quoted += "\\t"
            case _ where scalar.value < 0x20: quoted += String(format: "\\u%04x", scalar.value)
            default: quoted.unicodeScalars.append(scalar)
            }
        }
        return quoted + "\""
    }

    /// The value as a cell of a table or of CSV.
    var cell: String {
        switch self {
        case .string(let text): text
        case .null: ""
        case .array(let values): values.map(\.cell).joined(separator: " ")
        default: text
        }
    }

    /// The value as a field of CSV.
    var csv: String { Report.csvField(cell) }

    var isNumber: Bool {
        switch self {
        case .integer, .number: true
        default: false
        }
    }
}
