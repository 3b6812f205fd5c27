/// How the weight and the time of a row are read: plain ones digit by digit, all others by the library's one reader of each.
package enum RowValues {
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
        try check(text, weight, isRounded: false, column: column, .single)
        return weight
    }

    /// A weight of double precision, by the same rules.
    private static func preciseWeight(_ field: Field, column: Int) throws(RowError) -> EdgeValue {
        let text = field.text
        guard let weight = Double(text) else { throw .badWeight(column: column, text) }
        let value = EdgeValue(precise: weight)
        try check(text, weight, isRounded: value.preciseWeight != weight, column: column, .double)
        return value
    }

    /// Sees to it that what `text` was read as is a number that a weight can be.
    ///
    /// - Parameter isRounded: whether it is too near to 0 to be stored as it was read.
    private static func check(
        _ text: String, _ weight: some BinaryFloatingPoint, isRounded: Bool, column: Int,
        _ precision: EdgeType.Precision
    ) throws(RowError) {
        if weight.isNaN { throw .badWeight(column: column, text) }
        guard Float(weight).isFinite else {
            // A number beyond Float is read as infinite, and so is the word.
            let isNumber = text.utf8.contains { $0 &- UInt8(ascii: "0") <= 9 }
            throw isNumber ? .weightOutOfRange(column: column, text, precision) : .badWeight(column: column, text)
        }
        let isLost = Float(weight) == 0 && Double(text).map { $0 != 0 } ?? false
        if isRounded || isLost { throw .weightOutOfRange(column: column, text, precision) }
        // A whole number without a point is a count, and a count is stored exactly or not at all: see EdgeSum.
        if isAnother(text, than: weight) { throw .weightNotExact(column: column, text, precision) }
    }

    /// Whether a text is a whole number, without a point or an exponent, and another one than it was read as.
    package static func isAnother(_ text: String, than number: some BinaryFloatingPoint) -> Bool {
        // As far as a Float goes; there is none beyond.
        let digits = text.first == "-" || text.first == "+" ? text.dropFirst() : text[...]
        guard let whole = UInt128(digits) else { return false }
        return UInt128(exactly: number.magnitude) != whole
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
