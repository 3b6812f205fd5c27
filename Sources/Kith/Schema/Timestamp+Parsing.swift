/// The one reader of times: rows of files, arguments of the command, requests and Swift.
///
/// ```
/// time      = number | day [("T" | " ") clock] | word         nothing before it, nothing behind it
/// number    = digits ["." digits]                             by size, see below; what is behind the point is dropped
/// day       = YYYY "-" MM "-" DD                              a day of the calendar
/// clock     = hh ":" mm [":" ss [("." | ",") digits]] [zone]  00:00 to 23:59:59; fractions are dropped
/// zone      = [" "] ("Z" | "UTC" | ("+" | "-") hh [[":"] mm]) UTC where it is missing
/// word      = digits ("s" | "m" | "h" | "d" | "w") | "now" | "today" | "yesterday"
/// ```
/// | number | unit |
/// |---|---|
/// | below 2^32 | seconds; eight digits too, though 20240501 looks like a date |
/// | 10^11 to below 2^32 * 10^3 | milliseconds, from March 1973 on |
/// | 10^14 to below 2^32 * 10^6 | microseconds, likewise |
/// | any other | out of range |
///
/// Unix time has no leap seconds, so 23:59:60 is no time of day; nor is 24:00, which is the next day's 00:00.
extension Timestamp {
    /// What was understood of a text beyond what it says, for reports of loads.
    public enum Reading: String, CaseIterable, Hashable, Sendable {
        /// A number was taken for milliseconds.
        case milliseconds
        /// A number was taken for microseconds.
        case microseconds
        /// A time without a zone was taken for UTC.
        case withoutZone
        /// A fraction of a second was dropped.
        case fraction
        /// A number of eight digits looks like a date and was taken for seconds.
        case likeDate
    }

    /// A moment from text: seconds, milliseconds or microseconds since 1970, by size, or ISO 8601 with `T` or a blank, with
    /// or without seconds and zone (then it is UTC), as `2024-05-01`, `2024-05-01 08:00`, `2024-05-01T08:00:00.5+02:00`.
    /// Fractions of a second are dropped.
    ///
    /// - Parameter present: what words count from: `30d` is 30 times 86,400 seconds before it (`s`, `m`, `h`, `d`, `w` are
    ///   seconds, minutes, hours, days and weeks), `today` and `yesterday` are 00:00 UTC of its day and the day before,
    ///   `now` is itself. Words are no times when it is nil.
    /// - Complexity: O(length).
    /// - Throws: ``TimestampError``.
    public init(parsing text: String, relativeTo present: Timestamp? = nil) throws(TimestampError) {
        do {
            if let present, let moment = try Timestamp.word(text.utf8.span, before: present) {
                self = moment
            } else {
                self = try Timestamp.parse(text.utf8.span).time
            }
        } catch {
            throw TimestampError(text, error)
        }
    }

    /// Whether a text is a number of eight digits that looks like a date and is read as seconds.
    package static func isLikeDate(_ text: String) -> Bool {
        guard let (_, readings) = try? parse(text.utf8.span) else { return false }
        return readings.contains(.likeDate)
    }

    /// The moment of a text, and what was understood of it. Allocates nothing.
    static func parse(_ text: Span<UInt8>) throws(TimestampError.Reason) -> (time: Timestamp, readings: Readings) {
        var place = 0
        let isNegative = text.count > 1 && take(UInt8(ascii: "-"), of: text, &place)
        let start = place
        let number = digits(text, &place)
        let hasFraction = place > start && take(UInt8(ascii: "."), of: text, &place)
        guard place > start, !hasFraction || skipDigits(text, &place), place == text.count else {
            return try calendarTime(text)
        }
        guard let number, !isNegative else { throw .outOfRange }
        var read = try moment(of: number)
        if hasFraction { read.readings.insert(.fraction) }
        return read
    }

    /// The moment of a number, and what it was taken for.
    static func moment(of number: UInt64) throws(TimestampError.Reason) -> (time: Timestamp, readings: Readings) {
        let end: UInt64 = 1 << 32
        switch number {
        case ..<end:
            return (Timestamp(rawValue: UInt32(number)), looksLikeDate(Int(number)) ? .likeDate : [])
        case 100_000_000_000..<end * 1_000:
            return (Timestamp(rawValue: UInt32(number / 1_000)), .milliseconds)
        case 100_000_000_000_000..<end * 1_000_000:
            return (Timestamp(rawValue: UInt32(number / 1_000_000)), .microseconds)
        default: throw .outOfRange
        }
    }

    /// Whether a number has eight digits and is a day as YYYYMMDD, from 1970 to 2106.
    private static func looksLikeDate(_ number: Int) -> Bool {
        (1970...2106).contains(number / 10_000)
            && CalendarDay(year: number / 10_000, month: number / 100 % 100, day: number % 100) != nil
    }
}

/// Which readings a text had, or several texts had.
struct Readings: OptionSet {
    let rawValue: UInt8
    static let milliseconds = Readings(.milliseconds)
    static let microseconds = Readings(.microseconds)
    static let withoutZone = Readings(.withoutZone)
    static let fraction = Readings(.fraction)
    static let likeDate = Readings(.likeDate)
    /// Zero for each set of readings, by its bits.
    static let noCounts = Array(repeating: 0, count: 1 << Timestamp.Reading.allCases.count)

    init(rawValue: UInt8) {
        self.rawValue = rawValue
    }

    init(_ reading: Timestamp.Reading) {
        rawValue =
            switch reading {
            case .milliseconds: 1
            case .microseconds: 2
            case .withoutZone: 4
            case .fraction: 8
            case .likeDate: 16
            }
    }
}

/// Days and times of day.
extension Timestamp {
    private static func calendarTime(
        _ text: Span<UInt8>
    ) throws(TimestampError.Reason) -> (time: Timestamp, readings: Readings) {
        var place = 0
        guard let year = number(text, &place, digits: 4), take(UInt8(ascii: "-"), of: text, &place),
            let month = number(text, &place, digits: 2), take(UInt8(ascii: "-"), of: text, &place),
            let dayOfMonth = number(text, &place, digits: 2)
        else { throw .unknownForm }
        var readings: Readings = []
        var seconds = 0
        var isTimeOfDay = true
        if place == text.count {
            readings.insert(.withoutZone)
        } else {
            guard takeAny(UInt8(ascii: "T"), UInt8(ascii: "t"), UInt8(ascii: " "), of: text, &place),
                let hour = number(text, &place, digits: 2),
                take(UInt8(ascii: ":"), of: text, &place), let minute = number(text, &place, digits: 2)
            else { throw .unknownForm }
            var second = 0
            if take(UInt8(ascii: ":"), of: text, &place) {
                guard let found = number(text, &place, digits: 2) else { throw .unknownForm }
                second = found
                if takeAny(UInt8(ascii: "."), UInt8(ascii: ","), of: text, &place) {
                    guard skipDigits(text, &place) else { throw .unknownForm }
                    readings.insert(.fraction)
                }
            }
            seconds = hour * 3_600 + minute * 60 + second
            isTimeOfDay = hour < 24 && minute < 60 && second < 60
            if place == text.count {
                readings.insert(.withoutZone)
            } else {
                guard let zone = try offset(text, &place) else { throw .unknownForm }
                isTimeOfDay = isTimeOfDay && zone.isOne
                seconds -= zone.seconds
            }
        }
        guard let day = CalendarDay(year: year, month: month, day: dayOfMonth) else { throw .noSuchDay }
        guard isTimeOfDay else { throw .noSuchTimeOfDay }
        guard let value = UInt32(exactly: day.daysSince1970 * CalendarDay.seconds + seconds) else { throw .outOfRange }
        return (Timestamp(rawValue: value), readings)
    }

    /// How many seconds a zone is ahead of UTC; nil when the rest of the text is no zone.
    private static func offset(
        _ text: Span<UInt8>, _ place: inout Int
    ) throws(TimestampError.Reason) -> (seconds: Int, isOne: Bool)? {
        _ = take(UInt8(ascii: " "), of: text, &place)
        if takeAny(UInt8(ascii: "Z"), UInt8(ascii: "z"), of: text, &place) {
            return place == text.count ? (0, true) : nil
        }
        if text.count - place == 3, text[place] == UInt8(ascii: "U"), text[place + 1] == UInt8(ascii: "T"),
            text[place + 2] == UInt8(ascii: "C")
        {
            return (0, true)
        }
        let isBehind = take(UInt8(ascii: "-"), of: text, &place)
        guard isBehind || take(UInt8(ascii: "+"), of: text, &place), let hours = number(text, &place, digits: 2)
        else { return nil }
        var minutes = 0
        if place < text.count {
            _ = take(UInt8(ascii: ":"), of: text, &place)
            guard let found = number(text, &place, digits: 2), place == text.count else { return nil }
            minutes = found
        }
        let seconds = hours * 3_600 + minutes * 60
        return (isBehind ? -seconds : seconds, hours < 24 && minutes < 60)
    }
}

/// Words that count from the present.
extension Timestamp {
    /// The moment of a word; nil when the text is none.
    private static func word(
        _ text: Span<UInt8>, before present: Timestamp
    ) throws(TimestampError.Reason) -> Timestamp? {
        let today = present.rawValue / UInt32(CalendarDay.seconds) * UInt32(CalendarDay.seconds)
        if isWord("now", text) { return present }
        if isWord("today", text) { return Timestamp(rawValue: today) }
        if isWord("yesterday", text) {
            guard today >= UInt32(CalendarDay.seconds) else { throw .outOfRange }
            return Timestamp(rawValue: today - UInt32(CalendarDay.seconds))
        }
        var place = 0
        let number = digits(text, &place)
        guard place > 0, place == text.count - 1, let unit = secondsOfUnit(text[place]) else { return nil }
        guard let number, number <= UInt64(UInt32.max), number * unit <= UInt64(present.rawValue) else {
            throw .outOfRange
        }
        return Timestamp(rawValue: present.rawValue - UInt32(number * unit))
    }

    private static func secondsOfUnit(_ letter: UInt8) -> UInt64? {
        switch letter {
        case UInt8(ascii: "s"): 1
        case UInt8(ascii: "m"): 60
        case UInt8(ascii: "h"): 3_600
        case UInt8(ascii: "d"): 86_400
        case UInt8(ascii: "w"): 604_800
        default: nil
        }
    }

    private static func isWord(_ word: String, _ text: Span<UInt8>) -> Bool {
        guard text.count == word.utf8.count else { return false }
        for (index, byte) in word.utf8.enumerated() where text[index] != byte { return false }
        return true
    }
}

/// Steps along a text; each moves `place` behind what it took.
extension Timestamp {
    /// The value of the digits from `place` on; nil when there are none, or for more than 64 bits.
    @inline(__always)
    private static func digits(_ text: Span<UInt8>, _ place: inout Int) -> UInt64? {
        var value: UInt64 = 0
        var isLarge = false
        let start = place
        while place < text.count {
            let digit = text[place] &- UInt8(ascii: "0")
            if digit > 9 { break }
            let (tens, overflow) = value.multipliedReportingOverflow(by: 10)
            let (sum, carry) = tens.addingReportingOverflow(UInt64(digit))
            isLarge = isLarge || overflow || carry
            value = sum
            place += 1
        }
        return place == start || isLarge ? nil : value
    }

    private static func skipDigits(_ text: Span<UInt8>, _ place: inout Int) -> Bool {
        let start = place
        while place < text.count, text[place] &- UInt8(ascii: "0") <= 9 { place += 1 }
        return place > start
    }

    /// The value of exactly so many digits.
    private static func number(_ text: Span<UInt8>, _ place: inout Int, digits count: Int) -> Int? {
        guard place + count <= text.count else { return nil }
        var value = 0
        for index in place..<place + count {
            let digit = text[index] &- UInt8(ascii: "0")
            guard digit <= 9 else { return nil }
            value = value * 10 + Int(digit)
        }
        place += count
        return value
    }

    private static func take(_ byte: UInt8, of text: Span<UInt8>, _ place: inout Int) -> Bool {
        guard place < text.count, text[place] == byte else { return false }
        place += 1
        return true
    }

    private static func takeAny(
        _ first: UInt8, _ second: UInt8, _ third: UInt8? = nil, of text: Span<UInt8>, _ place: inout Int
    ) -> Bool {
        guard place < text.count, text[place] == first || text[place] == second || text[place] == third else {
            return false
        }
        place += 1
        return true
    }
}
