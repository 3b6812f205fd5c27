/// Why a text is no ``Timestamp``.
public struct TimestampError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What is wrong with it.
    public enum Reason: Error, Hashable, Sendable {
        /// It is written in no way that is read.
        case unknownForm
        /// It names a day that the calendar does not have, such as 2023-02-29.
        case noSuchDay
        /// It names a time that no day has, such as 25:00 or 23:59:60, or a zone that far from UTC.
        case noSuchTimeOfDay
        /// It is before 1970 or after 2106-02-07T06:28:15Z.
        case outOfRange
    }

    /// The text, at most 64 bytes of it.
    public let text: String
    /// What is wrong with it.
    public let reason: Reason

    static let shownBytesMax = 64

    init(_ text: String, _ reason: Reason) {
        let shown = text.utf8.prefix(TimestampError.shownBytesMax)
        self.text = shown.count < text.utf8.count ? String(decoding: shown, as: UTF8.self) + "..." : text
        self.reason = reason
    }

    /// What was expected, what was found.
    public var description: String {
        switch reason {
        case .unknownForm:
            "a time is seconds, milliseconds or microseconds since 1970, or ISO 8601 such as 2024-05-01T08:00:00Z, "
                + "from 1970 to 2106, found '\(text)'"
        case .noSuchDay:
            "a time needs a day that the calendar has, found '\(text)'"
        case .noSuchTimeOfDay:
            "a time of day is 00:00:00 to 23:59:59, a zone up to 23:59 from UTC, found '\(text)'"
        case .outOfRange:
            "a time is from 1970-01-01T00:00:00Z to 2106-02-07T06:28:15Z, found '\(text)'"
        }
    }
}
