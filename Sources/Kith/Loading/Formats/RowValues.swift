/// How the weight and the time of a row are read: plain ones digit by digit, all others by the library's one reader of each.
enum RowValues {
    private static let powersOfTen: [Float] = [1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7]

    /// `value` with the weight of a field, as types of this precision store it.
    ///
    /// - Parameter column: the field's, from 1.
    @inline(__always)
    static func weighted(
        _ value: EdgeValue, by field: Field, column: Int, _ precision: EdgeType.Precision
    ) throws(RowError) -> EdgeValue {
        switch precision {
        case .single: EdgeValue(weight: try weight(field, column: column), time: value.time)
        case .double: try preciseWeight(field, column: column)
        }
    }

    /// A weight. Up to seven digits are read here: both they and the power of ten are exact as `Float`, so one division
    /// rounds once, as it should (Clinger, *PLDI* 1990); all else is the standard library's.
    ///
    /// - Parameter column: the field's, from 1.
    static func weight(_ field: Field, column: Int) throws(RowError) -> Float {
        let bytes = unsafe field.bytes
        var digits: Float = 0
        var digitCount = 0
        var fractionDigits: Int?
        for index in 0..<bytes.count {
            let byte = unsafe bytes[index]
            if byte == UInt8(ascii: "."), fractionDigits == nil {
                fractionDigits = 0
            } else if byte &- UInt8(ascii: "0") <= 9 {
                digits = digits * 10 + Float(byte &- UInt8(ascii: "0"))
                digitCount += 1
                fractionDigits = fractionDigits.map { $0 + 1 }
            } else {
                digitCount = 0
                break
            }
        }
        if (1...7).contains(digitCount), fractionDigits != 0 {
            return digits / powersOfTen[fractionDigits ?? 0]
        }
        let text = field.text
        guard let weight = Float(text) else { throw .badWeight(column: column, text) }
        try check(text, weight, column: column)
        // A whole number without a point is a count, and a count is stored exactly or not at all: see EdgeSum.
        if let whole = Int64(text), Int64(exactly: weight) != whole {
            throw .weightNotExact(column: column, text, .single)
        }
        return weight
    }

    /// A weight of double precision, by the same rules.
    private static func preciseWeight(_ field: Field, column: Int) throws(RowError) -> EdgeValue {
        let text = field.text
        guard let weight = Double(text) else { throw .badWeight(column: column, text) }
        let value = EdgeValue(precise: weight)
        try check(text, weight.isNaN ? .nan : value.weight, column: column)
        if let whole = Int64(text), Int64(exactly: weight) != whole {
            throw .weightNotExact(column: column, text, .double)
        }
        return value
    }

    /// Sees to it that what `text` was read as is a number, and neither infinite nor 0 for want of range.
    private static func check(_ text: String, _ weight: Float, column: Int) throws(RowError) {
        if weight.isNaN { throw .badWeight(column: column, text) }
        guard weight.isFinite else {
            // A number beyond Float is read as infinite, and so is the word.
            let isNumber = text.utf8.contains { $0 &- UInt8(ascii: "0") <= 9 }
            throw isNumber ? .weightOutOfRange(column: column, text) : .badWeight(column: column, text)
        }
        if weight == 0, let number = Double(text), number != 0 { throw .weightOutOfRange(column: column, text) }
    }

    /// A time, and how it was read. Plain seconds are read here; eight digits may be a date to warn of.
    ///
    /// - Parameter format: how times are written, where that was said.
    /// - Parameter column: the field's, from 1.
    static func time(
        _ field: Field, as format: TimeFormat? = nil, column: Int
    ) throws(RowError) -> (seconds: UInt32, readings: Readings) {
        if let format {
            do throws(TimestampError.Reason) {
                let read = try format.parse(field.text)
                return (read.time.rawValue, read.readings)
            } catch {
                throw .badTimeInFormat(column: column, TimestampError(field.text, error), format)
            }
        }
        let bytes = unsafe field.rawBytes
        if bytes.count != 8, let value = unsafe NodeKey.canonicalInteger(bytes), let seconds = UInt32(exactly: value) {
            return (seconds, [])
        }
        do throws(TimestampError.Reason) {
            let read = try Timestamp.parse(unsafe Span(_unsafeBytes: bytes))
            return (read.time.rawValue, read.readings)
        } catch {
            throw .badTime(column: column, TimestampError(field.text, error))
        }
    }
}
