import Adjacency

/// A small seeded generator: Steele, Lea and Flood, *Fast splittable pseudorandom number generators*, OOPSLA 2014.
struct SplitMix64: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) {
        state = seed
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}

extension SplitMix64 {
    /// A number of at most `bits` bits; narrow ones are as likely as wide ones.
    mutating func number(bits: Int) -> UInt32 {
        let width = Int.random(in: 0...bits, using: &self)
        return width == 0 ? 0 : UInt32.random(in: 0...(UInt32.max >> UInt32(32 - width)), using: &self)
    }

    /// `count` neighbours whose gaps have up to `gapBits` bits, as far as 32 bits go.
    mutating func list(_ count: Int, gapBits: Int, columns: EdgeColumns, timeBits: Int = 32) -> ReferenceList {
        var list = ReferenceList()
        list.columns = columns
        var next = UInt64(number(bits: 32 - min(gapBits, 31)))
        for left in stride(from: count, to: 0, by: -1) {
            let room = UInt64(UInt32.max) - UInt64(left - 1)
            let neighbor = min(next, room)
            list.neighbors.append(UInt32(neighbor))
            next = neighbor + 1 + UInt64(number(bits: gapBits))
        }
        if columns.contains(.weight) {
            list.weights = (0..<count).map { _ in UInt32.random(in: 0...UInt32.max, using: &self) }
        }
        if columns.contains(.time) {
            let base = UInt32.random(in: 0...UInt32.max, using: &self)
            list.times = (0..<count).map { _ in
                let offset = number(bits: timeBits)
                return base.addingReportingOverflow(offset).overflow ? base : base + offset
            }
        }
        return list
    }
}

/// Every set of columns there is.
let allColumns: [EdgeColumns] = [[], .weight, .time, [.weight, .time]]
