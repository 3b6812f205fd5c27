import CLinux
import Glibc

/// How the times of a file are written, where that is said by hand.
public enum TimeFormat: Sendable, Hashable {
    /// Numbers of seconds since 1970.
    case seconds
    /// Numbers of milliseconds since 1970.
    case milliseconds
    /// Numbers of microseconds since 1970.
    case microseconds
    /// Numbers of nanoseconds since 1970.
    case nanoseconds
    /// As strptime(3) reads them, such as `%d.%m.%Y %H:%M`; UTC where the pattern has no `%z`.
    case pattern(String)

    /// One of the words `seconds`, `milliseconds`, `microseconds`, `nanoseconds`, or a pattern, which has a `%`. Nil for all else.
    public init?(_ text: String) {
        switch text {
        case "seconds": self = .seconds
        case "milliseconds": self = .milliseconds
        case "microseconds": self = .microseconds
        case "nanoseconds": self = .nanoseconds
        case _ where TimeFormat.isPattern(text): self = .pattern(text)
        default: return nil
        }
    }

    /// Whether strptime(3) reads what strftime(3) writes by a text: all of its directives are known then.
    private static func isPattern(_ text: String) -> Bool {
        guard text.contains("%"), !text.utf8.contains(0) else { return false }
        var moment = unsafe tm()
        var seconds = time_t(1_714_550_400)
        unsafe gmtime_r(&seconds, &moment)
        var written = [CChar](repeating: 0, count: 1_024)
        let count = unsafe strftime(&written, written.count, text, &moment)
        let bytes = written[..<count].map { UInt8(bitPattern: $0) }
        return unsafe read(String(decoding: bytes, as: UTF8.self), by: text) != nil
    }

    /// The parts of a text that is read to its end; nil when it is not. A day that is not named is the first.
    private static func read(_ text: String, by pattern: String) -> tm? {
        var parts = unsafe tm()
        unsafe parts.tm_mday = 1
        let isWhole = unsafe text.withCString { text in
            unsafe pattern.withCString { pattern in
                guard let end = unsafe strptime(text, pattern, &parts) else { return false }
                return unsafe end.pointee == 0
            }
        }
        return isWhole && !text.utf8.contains(0) ? unsafe parts : nil
    }

    /// How it is said: a unit, or the pattern.
    var text: String {
        switch self {
        case .seconds: "seconds"
        case .milliseconds: "milliseconds"
        case .microseconds: "microseconds"
        case .nanoseconds: "nanoseconds"
        case .pattern(let pattern): pattern
        }
    }

    /// How many of the unit make a second; nil for a pattern.
    private var unitsPerSecond: UInt64? {
        switch self {
        case .seconds: 1
        case .milliseconds: 1_000
        case .microseconds: 1_000_000
        case .nanoseconds: 1_000_000_000
        case .pattern: nil
        }
    }

    /// The moment of a text. Fractions of a second are dropped.
    func parse(_ text: String) throws(TimestampError.Reason) -> (time: Timestamp, readings: Readings) {
        guard case .pattern(let pattern) = self else { return try parseNumber(text) }
        guard let parts = unsafe TimeFormat.read(text, by: pattern) else { throw .unknownForm }
        return (unsafe try TimeFormat.moment(parts), pattern.contains("%z") ? [] : .withoutZone)
    }

    private static func moment(_ parts: tm) throws(TimestampError.Reason) -> Timestamp {
        let (year, month, dayOfMonth) = unsafe (1900 + Int(parts.tm_year), 1 + Int(parts.tm_mon), Int(parts.tm_mday))
        // The system takes the 31st of any month, and a leap second.
        guard year >= 0, let day = CalendarDay(year: year, month: month, day: dayOfMonth) else { throw .noSuchDay }
        guard unsafe parts.tm_sec < 60 else { throw .noSuchTimeOfDay }
        let clock = unsafe Int(parts.tm_hour) * 3_600 + Int(parts.tm_min) * 60 + Int(parts.tm_sec)
        let seconds = unsafe day.daysSince1970 * CalendarDay.seconds + clock - Int(parts.tm_gmtoff)
        guard let value = UInt32(exactly: seconds) else { throw .outOfRange }
        return Timestamp(rawValue: value)
    }

    private func parseNumber(_ text: String) throws(TimestampError.Reason) -> (time: Timestamp, readings: Readings) {
        let parts = text.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        let isNumber = parts.allSatisfy { !$0.isEmpty && $0.utf8.allSatisfy { $0 &- UInt8(ascii: "0") <= 9 } }
        guard isNumber, let whole = parts.first else { throw .unknownForm }
        guard let number = UInt64(whole), let seconds = UInt32(exactly: number / (unitsPerSecond ?? 1)) else {
            throw .outOfRange
        }
        return (Timestamp(rawValue: seconds), parts.count > 1 ? .fraction : [])
    }
}
