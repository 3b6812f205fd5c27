/// How the weight and the time of a row are read: plain ones digit by digit, all others by the library's one reader of each.
enum RowValues {
    private static let powersOfTen: [Float] = [1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7]

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
        guard let weight = Float(text), !weight.isNaN else { throw .badWeight(column: column, text) }
        guard weight.isFinite else {
            // A number beyond Float is read as infinite, and so is the word.
            let isNumber = unsafe bytes.contains { $0 &- UInt8(ascii: "0") <= 9 }
            throw isNumber ? .weightOutOfRange(column: column, text) : .badWeight(column: column, text)
        }
        // A number too close to 0 for Float is read as 0.
        if weight == 0, let number = Double(text), number != 0 {
            throw .weightOutOfRange(column: column, text)
        }
        // A whole number without a point is a count, and a count is stored exactly or not at all: see EdgeSum.
        if let whole = Int64(text), Int64(exactly: weight) != whole {
            throw .weightNotExact(column: column, text)
        }
        return weight
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
