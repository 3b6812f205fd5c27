import Foundation
import GraphTesting

/// A byte of a file to change: `offset:mask`, the bits of the mask turned over.
struct Flip: CustomStringConvertible {
    let offset: Int
    let mask: UInt8

    init(offset: Int, mask: UInt8) {
        (self.offset, self.mask) = (offset, mask)
    }

    init?(_ text: String) {
        let parts = text.split(separator: ":")
        guard parts.count == 2, let offset = Int(parts[0]), let mask = UInt8(parts[1]) else { return nil }
        self.init(offset: offset, mask: mask)
    }

    var description: String { "\(offset):\(mask)" }
}

/// Where to damage a file of LMDB's: every byte of its meta pages, and of the pages that hold the free list and the table of
/// tables; of the others the headers, and some of the pointers, the nodes' heads, the keys and the data.
///
/// Reads pages by their offsets, as `PageBytes` of the library draws them, and believes them: the file is sound.
struct FlipPlan {
    private let bytes: [UInt8]
    private static let pageBytes = 4_096
    /// Bytes that are all tried, and those of which some are.
    private(set) var all: [Int] = []
    private(set) var some: [Int] = []
    /// Bytes that nothing else in the file says as well: the number of the latest commit, which a commit that failed leaves
    /// as that of two before.
    private(set) var untold: Set<Int> = []

    init(of path: String) throws {
        bytes = try Array(Data(contentsOf: URL(fileURLWithPath: path)))
        for page in 0...1 { all += page * FlipPlan.pageBytes..<page * FlipPlan.pageBytes + 152 }
        let latest = integer(144, UInt64.self) > integer(FlipPlan.pageBytes + 144, UInt64.self) ? 0 : FlipPlan.pageBytes
        untold.formUnion(latest + 144..<latest + 152)
        add(tree: integer(latest + 40 + 40), isWhole: true)
        add(tree: integer(latest + 88 + 40), isWhole: true, hasTables: true)
    }

    private func integer<Value: FixedWidthInteger>(_ offset: Int, _: Value.Type = Value.self) -> Value {
        bytes.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: offset, as: Value.self) }
    }

    private mutating func add(tree root: UInt64, isWhole: Bool, hasTables: Bool = false) {
        guard root != .max else { return }
        let page = Int(root) * FlipPlan.pageBytes
        all += page..<page + 16
        let isLeaf = integer(page + 10, UInt16.self) & 2 != 0
        let (lower, upper) = (Int(integer(page + 12, UInt16.self)), Int(integer(page + 14, UInt16.self)))
        let used = Array(page + 16..<page + lower) + Array(page + upper..<page + FlipPlan.pageBytes)
        if isWhole { all += used } else { some += used }
        for pointer in stride(from: page + 16, to: page + lower, by: 2) {
            let node = page + Int(integer(pointer, UInt16.self))
            let flags: UInt16 = integer(node + 4)
            let data = node + 8 + Int(integer(node + 6, UInt16.self))
            if !isLeaf {
                add(
                    tree: integer(node, UInt64.self) & 0xFFFF_FFFF_FFFF, isWhole: isWhole, hasTables: hasTables)
            } else if flags & 1 != 0 {
                let overflow = Int(integer(data, UInt64.self)) * FlipPlan.pageBytes
                all += overflow..<overflow + 16
                some += overflow + 16..<overflow + 16 + Int(integer(node, UInt32.self))
            } else if hasTables {
                let isMeta = bytes[node + 8..<data].elementsEqual("meta".utf8)
                add(tree: integer(data + 40), isWhole: isMeta)
            }
        }
    }

    /// So many flips, the bytes that are all tried first, in an order by `seed`.
    func flips(_ count: Int, seed: UInt64) -> [Flip] {
        var random = SplitMix64(seed: seed)
        func chance(_ count: Int) -> Int { Int.random(in: 0..<count, using: &random) }
        func flip(_ offset: Int) -> Flip {
            Flip(offset: offset, mask: chance(4) == 0 ? 0xFF : 1 << UInt8(chance(8)))
        }
        var chosen = all.shuffled(using: &random).prefix(max(count / 2, count - some.count)).map(flip)
        for offset in some.shuffled(using: &random).prefix(count - chosen.count) { chosen.append(flip(offset)) }
        return chosen.shuffled(using: &random)
    }
}
