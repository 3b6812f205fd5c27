import FoundationEssentials

extension Timestamp {
    /// A moment from text: seconds since 1970, milliseconds (13 digits), or ISO 8601, a date or a date with a time.
    ///
    /// Nil when the text is none of these, or the moment is before 1970 or after 2106.
    public init?(_ text: String) {
        if !text.isEmpty, text.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) {
            guard var value = UInt64(text) else { return nil }
            if text.utf8.count == 13 { value /= 1_000 }
            guard let seconds = UInt32(exactly: value) else { return nil }
            self.init(rawValue: seconds)
            return
        }
        let styles: [Date.ISO8601FormatStyle] = [
            .iso8601, Date.ISO8601FormatStyle(includingFractionalSeconds: true),
            Date.ISO8601FormatStyle().year().month().day(),
        ]
        for style in styles {
            if let date = try? style.parse(text) {
                guard let seconds = UInt32(exactly: date.timeIntervalSince1970.rounded(.down)) else { return nil }
                self.init(rawValue: seconds)
                return
            }
        }
        return nil
    }
}
