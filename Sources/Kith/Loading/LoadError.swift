import Glibc
import OperatingSystem

/// Why a row of a file is no edge.
public enum RowError: Error, Hashable, Sendable, CustomStringConvertible {
    /// Fewer columns than an edge needs.
    case tooFewColumns(found: Int, expected: Int)
    /// More columns than the header, than the first row, or than an edge of this type has.
    case tooManyColumns(found: Int, expectedMax: Int)
    /// One delimiter where the rows of the file have two.
    case loneDelimiter(column: Int)
    /// The source or the target is no key.
    case badKey(column: Int, NodeKeyError)
    /// The weight is not a finite number.
    case badWeight(column: Int, String)
    /// The weight is a number, and greater than a `Float` holds.
    case weightOutOfRange(column: Int, String, EdgeType.Precision)
    /// The weight is a whole number that a `Float` does not hold.
    case weightNotExact(column: Int, String, EdgeType.Precision)
    /// The time is none.
    case badTime(column: Int, TimestampError)
    /// The time is none in the format that times of the file were said to have.
    case badTimeInFormat(column: Int, TimestampError, TimeFormat)
    /// Source and target are the same, which the edge type does not allow.
    case selfLoop
    /// What an account sets is near a setting that is known, and is none.
    case unknownSetting(String)
    /// The column of edge types names none of the schema.
    case unknownEdgeType(column: Int, String)
    /// The line is no JSON object with the members of an edge, or of a node.
    case badJSON(String)
    /// An end of an edge is no number from 1 to the greatest that the head of the file allows.
    case badIndex(column: Int, String, max: Int)
    /// What stands behind the ends of an edge is no dictionary of Python.
    case badDictionary(String)
    /// The line is no JSON object that says a change.
    case badChange(String)
    /// The row asks for a change that cannot be, say for an edge of a type that the schema does not have.
    case refused(code: String, reason: String)
    /// A quoted field does not end.
    case openQuote
    /// Something stands between a closing quote and the next delimiter.
    case textAfterQuote
    /// A field begins or ends with quotes as those around a field of CSV, in a file whose quotes are letters.
    case quotedField(column: Int, String)
    /// The line begins as comments do, and has as many columns as a row.
    case rowOrComment
    /// The line begins as comments do, where the writer of such files writes none: between rows.
    case commentBetweenRows
    /// A row of more than a mebibyte.
    case recordTooLong
    /// The file cannot be read on, say because its compressed data is damaged.
    case unreadable(String)

    /// A short name for the reason, the same for every row it befalls.
    public var code: String {
        switch self {
        case .tooFewColumns: "too-few-columns"
        case .tooManyColumns: "too-many-columns"
        case .loneDelimiter: "lone-delimiter"
        case .badKey: "bad-key"
        case .badWeight, .weightOutOfRange, .weightNotExact: "bad-weight"
        case .badTime, .badTimeInFormat: "bad-time"
        case .selfLoop: "self-loop"
        case .unknownSetting: "unknown-setting"
        case .unknownEdgeType: "unknown-edge-type"
        case .badJSON: "bad-json"
        case .badIndex: "bad-index"
        case .badDictionary: "bad-dictionary"
        case .badChange: "bad-change"
        case .refused(let code, _): code
        case .openQuote: "open-quote"
        case .textAfterQuote: "text-after-quote"
        case .quotedField: "quoted-field"
        case .rowOrComment, .commentBetweenRows: "row-or-comment"
        case .recordTooLong: "record-too-long"
        case .unreadable: "unreadable"
        }
    }

    /// The column the error is in, from 1, when it is in one.
    public var column: Int? {
        switch self {
        case .loneDelimiter(let column), .badKey(let column, _), .badWeight(let column, _),
            .weightOutOfRange(let column, _, _), .weightNotExact(let column, _, _), .badTime(let column, _),
            .badTimeInFormat(let column, _, _),
            .unknownEdgeType(let column, _), .quotedField(let column, _),
            .badIndex(let column, _, _):
            column
        default: nil
        }
    }

    /// What was expected, what was found.
    public var description: String {
        switch self {
        case .tooFewColumns(let found, let expected):
            "a row of this file needs \(expected) columns, and this one has \(found); if another delimiter is between them, or "
                + "it is a comment, see `--delimiter`, `--comment` and `--input-format`"
        case .tooManyColumns(let found, let expectedMax):
            "the rows of this file have at most \(expectedMax) columns, and this one has \(found); put a field with a "
                + "delimiter in it in quotes, or say by a header or by `--columns` what the columns are"
        case .loneDelimiter(let column):
            "column \(column): two delimiters stand between columns of this file, and here is one"
        case .badKey(let column, let error): "column \(column): \(error)"
        case .badWeight(let column, let text): "column \(column): a weight is a finite number, found '\(text)'"
        case .weightOutOfRange(let column, let text, let precision):
            "column \(column): a weight is 0, or at least \(precision.leastMagnitude) and at most \(Float.greatestFiniteMagnitude) "
                + "either side of 0, found '\(text)'; scale the weights"
        case .weightNotExact(let column, let text, .single):
            "column \(column): a weight is stored as a 32-bit float, which above 16777216 holds only some whole numbers, and not "
                + "\(text); scale the weights, give the type \"precision\": \"double\", or write them with a point, \(text).0, "
                + "to have them rounded"
        case .weightNotExact(let column, let text, .double):
            "column \(column): a weight of double precision holds above 9007199254740992 only some whole numbers, and not "
                + "\(text); scale the weights, or write them with a point, \(text).0, to have them rounded"
        case .badTime(let column, let error): "column \(column): \(error)"
        case .badTimeInFormat(let column, let error, let format):
            switch error.reason {
            case .unknownForm:
                "column \(column): times of this file are said to be '\(format.text)', found '\(error.text)'"
            default: "column \(column): \(error)"
            }
        case .selfLoop: "the edge joins a node to itself, which its type does not allow"
        case .unknownSetting(let text):
            "an account has no setting '\(text)'; there are \(Setting.all.map(\.description).joined(separator: ", "))"
        case .unknownEdgeType(let column, let text): "column \(column): the schema has no edge type '\(text)'"
        case .badJSON(let reason): reason
        case .badIndex(let column, let text, let max):
            "column \(column): the head of the file allows the numbers from 1 to \(max), found '\(text)'"
        case .badDictionary(let reason):
            "the data of an edge is a dictionary such as {'weight': 3.0, 'time': 1700000000}: \(reason)"
        case .badChange(let reason):
            "a change is an object such as {\"add\": \"follows\", \"from\": \"a\", \"to\": \"b\"} or "
                + "{\"remove\": {\"kind\": \"user\", \"key\": \"a\"}}: \(reason)"
        case .refused(_, let reason): reason
        case .openQuote: "a quoted field does not end; close it with '\"'"
        case .textAfterQuote: "after a closing quote comes a delimiter or the end of the line"
        case .quotedField(let column, let text):
            "column \(column): quotes are letters in this file, and \(text) begins or ends with one as a field in quotes does; "
                + "say `--quote '\"'` if it is one, or `--quote none`"
        case .rowOrComment:
            "the line begins as a comment does, and has as many columns as a row; say `--comment none` if it is a row, or "
                + "`--comment '#'`, '%' or '#%' if it is a comment"
        case .commentBetweenRows:
            "the line begins as a comment does, and NetworkX writes none between its rows: it may be a node whose key begins with "
                + "'#', which its lists cannot tell from one; write the edges as CSV"
        case .recordTooLong: "a row has at most \(EdgeFileSource.recordBytesMax) bytes; is this an edge file?"
        case .unreadable(let reason): "the file cannot be read on: \(reason)"
        }
    }
}

/// Why a load failed; nothing was loaded.
public enum LoadError: Error, Hashable, Sendable, CustomStringConvertible {
    /// A file is missing, is a folder, or may not be read by this user.
    case cannotRead(path: String, reason: String)
    /// The system failed to open a file or to read on, or a limit of it was reached.
    case readFailed(path: String, reason: String)
    /// A row is no edge, and the load was to stop at the first such.
    case badRow(RejectedRow)
    /// More rows are bad than were to be left out.
    case tooManyRejects(maximum: Int, RejectedRow)
    /// Every row of a file is bad: it is not what it was taken for.
    case noGoodRow(count: Int, RejectedRow)
    /// A header names no source or no target, or a column the type does not have.
    case badHeader(path: String, reason: String)
    /// A file is not as its format, or its own head, says.
    case badFile(path: String, line: Int, reason: String)
    /// A file holds something else than rows, or rows in a way that is not read.
    case otherFormat(path: String, reason: String)
    /// A row of a file of changes is none, and the changes were to stop at the first such. The lines up to `linesDone` are
    /// committed, 0 when nothing was changed.
    case badChange(RejectedRow, linesDone: Int)
    /// A folder is none that an export wrote, or is of another schema than the store.
    case badFolder(path: String, reason: String)
    /// The file of rejected rows, or a temporary file, cannot be written.
    case cannotWrite(path: String, reason: String)
    /// The disk is full.
    case diskFull(folder: String)
    /// The disk has less room than the load will need.
    case notEnoughRoom(folder: String, needed: Int, found: Int)
    /// The process may not have as much memory as the keys of the load need.
    case notEnoughMemory(needed: Int, found: Int)
    /// A graph cannot be written in the format asked for.
    case cannotExport(reason: String)

    /// Where, what was expected, what was found.
    public var description: String {
        switch self {
        case .cannotRead(let path, let reason), .readFailed(let path, let reason):
            "'\(path)' cannot be read: \(reason)"
        case .badRow(let row):
            "\(row.path):\(row.line): \(row.error); nothing was loaded"
                + (row.error.code == "unreadable" ? "" : ": mend the row, or pass `--on-error skip`")
        case .tooManyRejects(let maximum, let row):
            "\(row.path):\(row.line): \(row.error); this is bad row \(maximum + 1), and at most \(maximum) were to be left out; "
                + "nothing was loaded"
        case .noGoodRow(let count, let row):
            "'\(row.path)' has \(count) rows, and all are bad, the first in line \(row.line): \(row.error); nothing was loaded: is "
                + "the file what it was taken for?"
        case .badHeader(let path, let reason): "\(path):1: \(reason)"
        case .badFile(let path, let line, let reason): "\(path):\(line): \(reason)"
        case .otherFormat(let path, let reason): "'\(path)' cannot be read as rows: \(reason)"
        case .badChange(let row, 0):
            "\(row.path):\(row.line): \(row.error); nothing was changed: mend the row, or pass `--on-error skip`"
        case .badChange(let row, let linesDone):
            "\(row.path):\(row.line): \(row.error); mend the row, and apply what stands behind line \(linesDone)"
        case .badFolder(let path, let reason): "the folder '\(path)' cannot be loaded: \(reason)"
        case .cannotWrite(let path, let reason): "'\(path)' cannot be written: \(reason)"
        case .diskFull(let folder):
            "the disk of '\(folder)' is full; nothing was loaded: make room, or give the load more memory"
        case .notEnoughRoom(let folder, let needed, let found):
            "the load needs about \(needed >> 20) MiB on the disk of '\(folder)' for the store and its temporary files, "
                + "and there are \(found >> 20) MiB; make room, or give the load more memory"
        case .notEnoughMemory(let needed, let found):
            "the keys of the load need about \(needed >> 20) MiB of memory more, and `ulimit -v` leaves this process "
                + "\(found >> 20) MiB; nothing was loaded: raise it"
        case .cannotExport(let reason): reason
        }
    }
}

extension LoadError {
    /// What the number of an error says of an input that is opened or read.
    package static func reading(_ path: String, _ code: Int32) -> LoadError {
        let reason = "\(Refusal(code))"
        return switch code {
        case ENOENT, ENOTDIR, EACCES, EPERM, EISDIR, ELOOP, ENAMETOOLONG: .cannotRead(path: path, reason: reason)
        default: .readFailed(path: path, reason: reason)
        }
    }
}

/// A row that is no edge, and where it is.
public struct RejectedRow: Hashable, Sendable {
    /// The file.
    public let path: String
    /// The line it starts at, from 1.
    public let line: Int
    /// Why.
    public let error: RowError
    /// The row as it was read, as far as it is UTF-8, at most 200 bytes of it.
    public let text: String
}
