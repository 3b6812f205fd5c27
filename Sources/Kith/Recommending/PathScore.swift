import CVectors

/// What a two-hop walk can add up per candidate: a count of paths, or a sum of their weights.
protocol PathScore: Comparable, BitwiseCopyable, Sendable {
    static var zero: Self { get }
    /// The least score above zero.
    static var least: Self { get }
    /// `self + amount`; counts cannot overflow by the choice of their width.
    func adding(_ amount: Self) -> Self
    /// Makes scores zero, by lines, up to a line with some that are at least `least`; answers where it starts, or `end`, and
    /// leaves in `found` a bit for each of the line that is.
    static func clear(
        _ scores: UnsafeMutablePointer<Self>, from start: Int, to end: Int, until least: Self, _ found: inout UInt64
    ) -> Int
}

/// A whole number of paths, or of units of what they add.
protocol CountScore: PathScore, FixedWidthInteger {
    /// How many of the scores before `end`, a whole number of lines, are at least `least`, which is above zero.
    static func count(_ scores: UnsafePointer<Self>, to end: Int, reaching least: Self) -> Int
}

extension PathScore {
    /// How many scores a cache line holds.
    @inline(__always) static var lineCount: Int { Int(SCORES_LINE) / MemoryLayout<Self>.stride }
    /// So many scores, and those that share a line with the last of them.
    @inline(__always) static func wholeLines(_ count: Int) -> Int { (count + lineCount - 1) / lineCount * lineCount }
    /// How many of the nodes with the smallest ids are looked at to learn what the best reach: half a microsecond's worth.
    @inline(__always) static var firstCount: Int { 4_096 }
}

extension UInt8: CountScore {
    static var least: UInt8 { 1 }
    @inline(__always) func adding(_ amount: UInt8) -> UInt8 { self &+ amount }
    @inline(__always) static func clear(
        _ scores: UnsafeMutablePointer<UInt8>, from start: Int, to end: Int, until least: UInt8, _ found: inout UInt64
    ) -> Int { unsafe clear_until_u8(scores, start, end, least, &found) }
    static func count(_ scores: UnsafePointer<UInt8>, to end: Int, reaching least: UInt8) -> Int {
        unsafe count_reaching_u8(scores, end, least)
    }
}

extension UInt16: CountScore {
    static var least: UInt16 { 1 }
    @inline(__always) func adding(_ amount: UInt16) -> UInt16 { self &+ amount }
    @inline(__always) static func clear(
        _ scores: UnsafeMutablePointer<UInt16>, from start: Int, to end: Int, until least: UInt16, _ found: inout UInt64
    ) -> Int { unsafe clear_until_u16(scores, start, end, least, &found) }
    static func count(_ scores: UnsafePointer<UInt16>, to end: Int, reaching least: UInt16) -> Int {
        unsafe count_reaching_u16(scores, end, least)
    }
}

extension UInt32: CountScore {
    static var least: UInt32 { 1 }
    @inline(__always) func adding(_ amount: UInt32) -> UInt32 { self &+ amount }
    @inline(__always) static func clear(
        _ scores: UnsafeMutablePointer<UInt32>, from start: Int, to end: Int, until least: UInt32, _ found: inout UInt64
    ) -> Int { unsafe clear_until_u32(scores, start, end, least, &found) }
    static func count(_ scores: UnsafePointer<UInt32>, to end: Int, reaching least: UInt32) -> Int {
        unsafe count_reaching_u32(scores, end, least)
    }
}

extension Double: PathScore {
    static var least: Double { .leastNonzeroMagnitude }
    @inline(__always) func adding(_ amount: Double) -> Double { self + amount }
    @inline(__always) static func clear(
        _ scores: UnsafeMutablePointer<Double>, from start: Int, to end: Int, until least: Double, _ found: inout UInt64
    ) -> Int { unsafe clear_until_double(scores, start, end, least, &found) }
}
