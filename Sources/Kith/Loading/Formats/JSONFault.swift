/// Why a line of JSON is no row.
enum JSONFault: Error, CustomStringConvertible {
    /// What should be at a byte of the line, counted from 1, and what is; nil for the end of the line.
    case syntax(StaticString, byte: Int, found: UInt8?)
    /// Some text is not UTF-8.
    case notUTF8
    /// Two members say the same, by one name or by two.
    case rivals(JSONRow.Name, JSONRow.Name)
    /// A member that is needed is not there, or null.
    case missing(JSONRow.Name)
    /// A member is not what it should be.
    case member(JSONRow.Name, String)

    var description: String {
        switch self {
        case .syntax(let expected, let byte, let found):
            "byte \(byte): \(expected), found \(JSONFault.shown(found))"
        case .notUTF8: "the line is not UTF-8; convert it to UTF-8 first"
        case .rivals(let first, let second) where first == second: "\"\(first)\" is there twice; leave one out"
        case .rivals(let first, let second):
            "\"\(first)\" and \"\(second)\" are both there and say the same; leave one out"
        case .missing(let name): "\"\(name)\" is missing"
        case .member(let name, let reason): "\"\(name)\": \(reason)"
        }
    }

    private static func shown(_ byte: UInt8?) -> String {
        switch byte {
        case nil: "the end of the line"
        case let byte? where byte > 0x20 && byte < 0x7F: "'\(UnicodeScalar(byte))'"
        case let byte?: "the byte 0x\(String(byte, radix: 16))"
        }
    }
}
