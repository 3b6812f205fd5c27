import ProcessTesting
import Testing

@testable import Adjacency

@Suite("A list is edited in place")
struct NeighborListTests {
    private struct Row: Equatable {
        var neighbor: UInt32
        var weight: Float
        var time: UInt32
    }

    @Test("Random edits leave what a dictionary says", arguments: allColumns)
    func randomEdits(columns: EdgeColumns) {
        var random = SplitMix64(seed: 11_000 + UInt64(columns.rawValue))
        var list = NeighborList(columns: columns)
        var rows: [UInt32: Row] = [:]
        for _ in 0..<Repetitions.of(5_000) {
            let neighbor = UInt32.random(in: 0..<200, using: &random)
            let index = list.insertionIndex(of: neighbor)
            let row = Row(
                neighbor: neighbor, weight: columns.contains(.weight) ? Float(random.number(bits: 10)) : 1,
                time: columns.contains(.time) ? random.number(bits: 32) : 0)
            #expect(list.firstIndex(of: neighbor) == (rows[neighbor] == nil ? nil : index))
            switch (Int.random(in: 0..<3, using: &random), rows[neighbor]) {
            case (0, .some):
                list.remove(at: index)
                rows[neighbor] = nil
            case (_, .some):
                list.replace(at: index, weight: row.weight, time: row.time)
                rows[neighbor] = row
            case (_, nil):
                list.insert(neighbor, weight: row.weight, time: row.time, at: index)
                rows[neighbor] = row
            }
            let found = (0..<list.count).map { index in
                let value = list.value(at: index)
                return Row(neighbor: list.neighbors[index], weight: value.weight, time: value.time)
            }
            #expect(found == rows.values.sorted { $0.neighbor < $1.neighbor })
            #expect(list.weights.count == (columns.contains(.weight) ? list.count : 0))
            #expect(list.times.count == (columns.contains(.time) ? list.count : 0))
        }
    }

    @Test("Blocks are appended one behind the other; one that does not belong leaves the list as it was")
    func appending() throws {
        var random = SplitMix64(seed: 12_000)
        let whole = random.list(100, gapBits: 5, columns: [.weight, .time])
        var buffer = BlockBuffer()
        var list = NeighborList(columns: [.weight, .time])
        for range in [0..<40, 40..<41, 41..<100] {
            buffer.encode(range, of: whole.list, isLast: false, degree: nil)
            try list.append(NeighborBlock(buffer.span))
        }
        #expect(ReferenceList(list) == whole)

        let last = whole.neighbors[99]
        #expect(throws: BlockError.notAscending(neighbor: whole.neighbors[41], previous: last)) {
            try list.append(NeighborBlock(buffer.span))
        }
        let others = ReferenceBlock(random.list(3, gapBits: 3, columns: .time)).bytes
        var weighed = NeighborList(columns: .weight)
        #expect(throws: BlockError.columnsMismatch(found: .time, expected: .weight)) {
            try weighed.append(NeighborBlock(others.span.bytes))
        }
        // The neighbours are whole, the times are not: offset 1 of a base of 2^32 - 1.
        var beyond = ReferenceList()
        beyond.columns = [.weight, .time]
        beyond.neighbors = [last + 1, last + 2]
        beyond.weights = [0, 0]
        beyond.times = [.max - 1, .max]
        var damaged = ReferenceBlock(beyond).bytes
        damaged[damaged.count - 6] = 0xFF
        #expect(throws: BlockError.timeOverflow) {
            try list.append(NeighborBlock(damaged.span.bytes))
        }
        #expect(ReferenceList(list) == whole)

        // A time of exactly 2^32, by itself: base 2^32 - 1, offset 1.
        let alone: [UInt8] = [0x09, 0, 1, 7, 0xFF, 0xFF, 0xFF, 0xFF, 1, 1]
        var times = NeighborList(columns: .time)
        #expect(throws: BlockError.timeOverflow) {
            try times.append(NeighborBlock(alone.span.bytes))
        }
        #expect(throws: BlockError.timeOverflow) {
            try NeighborBlock(alone.span.bytes).time(at: 0)
        }
        #expect(times.isEmpty && times.times.isEmpty)
    }

    @Test("A column in which every edge is as if it were not there is left out, and comes back as it was")
    func defaultColumns() throws {
        var buffer = BlockBuffer()
        for columns: EdgeColumns in [.weight, .time, [.weight, .time]] {
            var list = NeighborList(columns: columns)
            for neighbor in 0..<70 as Range<UInt32> { list.append(3 * neighbor, weight: 1, time: 0) }
            buffer.encode(0..<70, of: list, isLast: true, degree: nil)
            #expect(try NeighborBlock(buffer.span).columns == [])
            try NeighborBlock(buffer.span).validate(columns: columns)
            var back = NeighborList(columns: columns)
            try back.append(NeighborBlock(buffer.span))
            #expect(ReferenceList(back) == ReferenceList(list))

            list.replace(at: 69, weight: 2, time: 9)
            buffer.encode(0..<70, of: list, isLast: true, degree: nil)
            #expect(try NeighborBlock(buffer.span).columns == columns)
            back.removeAll()
            try back.append(NeighborBlock(buffer.span))
            #expect(ReferenceList(back) == ReferenceList(list))
        }
    }

    @Test("An emptied list has no neighbours and the columns it was given")
    func emptying() {
        var list = NeighborList(columns: .weight)
        list.append(7, weight: 2)
        list.removeAll()
        #expect(list.isEmpty && list.weights.isEmpty && list.columns == .weight)
        list.removeAll(columns: .time, keepingCapacity: false)
        list.append(7, weight: 2, time: 3)
        #expect(list.weights.isEmpty && list.times == [3])
        #expect(list.value(at: 0) == (weight: 1, time: 3))
    }
}
