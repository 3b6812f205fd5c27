import Adjacency

/// A list as a test sees it: rows, nothing clever.
struct ReferenceList: Equatable {
    var columns: EdgeColumns = []
    var neighbors: [UInt32] = []
    /// Bit patterns, so that NaN equals itself.
    var weights: [UInt32] = []
    var times: [UInt32] = []

    init() {}

    init(_ list: NeighborList) {
        columns = list.columns
        neighbors = list.neighbors
        weights = list.weights.map(\.bitPattern)
        times = list.times
    }

    var list: NeighborList {
        var list = NeighborList(columns: columns)
        for index in neighbors.indices {
            list.append(
                neighbors[index], weight: weights.isEmpty ? 1 : Float(bitPattern: weights[index]),
                time: times.isEmpty ? 0 : times[index])
        }
        return list
    }
}

/// A block read and written bit by bit from the description of the format: the oracle of the codec.
struct ReferenceBlock: Equatable {
    var isLast = true
    var degree: UInt32?
    var list = ReferenceList()

    init(_ list: ReferenceList, isLast: Bool = true, degree: UInt32? = nil) {
        self.list = list
        self.isLast = isLast
        self.degree = degree
    }

    /// Nil when the bytes hold no list; does not ask whether its parts are canonical.
    init?(_ bytes: [UInt8]) {
        var rest = bytes[...]
        func byte() -> UInt8? { rest.popFirst() }
        func varint() -> UInt32? {
            var value: UInt64 = 0
            for position in 0..<5 {
                guard let next = byte() else { return nil }
                value |= UInt64(next & 0x7F) << UInt64(7 * position)
                if next < 0x80 { return next == 0 && position > 0 ? nil : UInt32(exactly: value) }
            }
            return nil
        }
        func word() -> UInt32? {
            guard rest.count >= 4 else { return nil }
            return (0..<4).reduce(0) { word, position in word | UInt32(byte() ?? 0) << UInt32(8 * position) }
        }
        func packed(_ count: Int) -> [UInt64]? {
            guard let width = byte(), width <= 32 else { return nil }
            let byteCount = (count * Int(width) + 7) / 8
            guard rest.count >= byteCount else { return nil }
            let bits = rest.prefix(byteCount).flatMap { byte in (0..<8).map { UInt64(byte >> UInt8($0) & 1) } }
            rest = rest.dropFirst(byteCount)
            return (0..<count).map { index in
                (0..<Int(width)).reduce(UInt64(0)) { $0 | bits[index * Int(width) + $1] << UInt64($1) }
            }
        }
        guard let flags = byte(), flags < 16, byte() != nil, let count = varint(), (1...4_096).contains(count) else {
            return nil
        }
        isLast = flags & 1 != 0
        list.columns = EdgeColumns(rawValue: flags >> 2)
        if flags & 2 != 0 {
            guard let degree = varint(), degree > count, !isLast else { return nil }
            self.degree = degree
        }
        guard let first = varint() else { return nil }
        list.neighbors = [first]
        while list.neighbors.count < Int(count) {
            guard let gaps = packed(min(32, Int(count) - list.neighbors.count)) else { return nil }
            for gap in gaps {
                guard let next = UInt32(exactly: UInt64(list.neighbors.last ?? 0) + 1 + gap) else { return nil }
                list.neighbors.append(next)
            }
        }
        if list.columns.contains(.weight) {
            for _ in 0..<count {
                guard let weight = word() else { return nil }
                list.weights.append(weight)
            }
        }
        if list.columns.contains(.time) {
            guard let base = word(), let offsets = packed(Int(count)) else { return nil }
            for offset in offsets {
                guard let time = UInt32(exactly: UInt64(base) + offset) else { return nil }
                list.times.append(time)
            }
        }
    }

    /// The one encoding of the block.
    var bytes: [UInt8] {
        var bytes: [UInt8] = []
        func varint(_ value: UInt32) {
            var value = value
            while value >= 0x80 {
                bytes.append(UInt8(value & 0x7F) | 0x80)
                value >>= 7
            }
            bytes.append(UInt8(value))
        }
        func word(_ value: UInt32) {
            for position in 0..<4 { bytes.append(UInt8(truncatingIfNeeded: value >> UInt32(8 * position))) }
        }
        func packed(_ numbers: [UInt32]) {
            let width = 32 - (numbers.max() ?? 0).leadingZeroBitCount
            bytes.append(UInt8(width))
            var bits = numbers.flatMap { number in (0..<width).map { UInt8(number >> UInt32($0) & 1) } }
            while bits.count % 8 != 0 { bits.append(0) }
            for start in stride(from: 0, to: bits.count, by: 8) {
                bytes.append((0..<8).reduce(0) { $0 | bits[start + $1] << UInt8($1) })
            }
        }
        bytes.append((isLast ? 1 : 0) | (degree == nil ? 0 : 2) | list.columns.rawValue << 2)
        bytes.append(0)
        varint(UInt32(list.neighbors.count))
        if let degree { varint(degree) }
        varint(list.neighbors[0])
        for start in stride(from: 1, to: list.neighbors.count, by: 32) {
            let end = min(start + 32, list.neighbors.count)
            packed((start..<end).map { list.neighbors[$0] - list.neighbors[$0 - 1] - 1 })
        }
        list.weights.forEach(word)
        if list.columns.contains(.time) {
            let base = list.times.min() ?? 0
            word(base)
            packed(list.times.map { $0 - base })
        }
        bytes[1] = ReferenceBlock.checkByte(of: bytes)
        return bytes
    }

    /// CRC-32C one bit at a time.
    static func crc32c(_ bytes: some Sequence<UInt8>) -> UInt32 {
        var state = UInt32.max
        for byte in bytes {
            state ^= UInt32(byte)
            for _ in 0..<8 { state = state >> 1 ^ (state & 1 == 0 ? 0 : 0x82F6_3B78) }
        }
        return ~state
    }

    static func checkByte(of block: [UInt8]) -> UInt8 {
        UInt8(truncatingIfNeeded: crc32c(block.prefix(1) + block.dropFirst(2)))
    }
}
