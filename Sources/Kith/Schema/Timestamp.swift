/// A moment in whole seconds since 1970-01-01T00:00:00Z, up to the year 2106: what the time column of an edge holds.
public struct Timestamp: RawRepresentable, Hashable, Comparable, Sendable, ExpressibleByIntegerLiteral {
    /// Seconds since 1970.
    public var rawValue: UInt32

    /// The moment `rawValue` seconds after 1970 began.
    public init(rawValue: UInt32) {
        self.rawValue = rawValue
    }

    /// A moment written in code as seconds since 1970.
    public init(integerLiteral value: UInt32) {
        rawValue = value
    }

    /// Whether `left` is before `right`.
    public static func < (left: Timestamp, right: Timestamp) -> Bool {
        left.rawValue < right.rawValue
    }
}

extension Timestamp: CustomStringConvertible {
    /// The moment as ISO 8601 in UTC, which ``init(parsing:relativeTo:)`` reads back: `2024-05-01T08:00:00Z`.
    public var description: String {
        let day = CalendarDay(daysSince1970: Int(rawValue) / CalendarDay.seconds)
        let second = Int(rawValue) % CalendarDay.seconds
        func digits(_ value: Int, _ count: Int) -> String {
            let text = String(value)
            return String(repeating: "0", count: max(0, count - text.utf8.count)) + text
        }
        return "\(digits(day.year, 4))-\(digits(day.month, 2))-\(digits(day.day, 2))"
            + "T\(digits(second / 3_600, 2)):\(digits(second / 60 % 60, 2)):\(digits(second % 60, 2))Z"
    }
}

extension Timestamp: Codable {
    /// Reads a number, or a text, by the rules of ``init(parsing:relativeTo:)``. Words such as `30d` need the present, which
    /// the decoder's `userInfo` has under ``Swift/CodingUserInfoKey/present``.
    public init(from decoder: any Decoder) throws {
        do {
            self = try Timestamp.read(from: decoder).time
        } catch let error as TimestampError {
            throw DecodingError.dataCorrupted(
                .init(codingPath: decoder.codingPath, debugDescription: "\(error)", underlyingError: error))
        }
    }

    /// The moment of a number or a text, and what was understood of it.
    ///
    /// - Throws: ``TimestampError``, `DecodingError` for what is neither.
    static func read(from decoder: any Decoder) throws -> (time: Timestamp, readings: Readings) {
        let container = try decoder.singleValueContainer()
        if let text = try? container.decode(String.self) {
            if let present = decoder.userInfo[.present] as? Timestamp {
                return (try Timestamp(parsing: text, relativeTo: present), [])
            }
            do {
                return try parse(text.utf8.span)
            } catch {
                throw TimestampError(text, error)
            }
        }
        if let whole = try? container.decode(UInt64.self) {
            do {
                return try moment(of: whole)
            } catch {
                throw TimestampError(String(whole), error)
            }
        }
        let number = try container.decode(Double.self)
        guard let whole = UInt64(exactly: number.rounded(.down)) else { throw TimestampError("\(number)", .outOfRange) }
        do {
            let read = try moment(of: whole)
            return (read.time, read.readings.union(.fraction))
        } catch {
            throw TimestampError("\(number)", error)
        }
    }

    /// Writes the seconds since 1970.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(rawValue)
    }
}

extension CodingUserInfoKey {
    /// Has the ``Timestamp`` that words such as `30d` and `yesterday` count from in what is decoded.
    public static let present: CodingUserInfoKey = {
        guard let key = CodingUserInfoKey(rawValue: "kith.present") else { preconditionFailure("a name makes a key") }
        return key
    }()
}
