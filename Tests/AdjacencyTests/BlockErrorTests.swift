import Testing

@testable import Adjacency

@Suite("Each kind of damage has its own error")
struct BlockErrorTests {
    /// `rest` behind flags and a right check byte.
    private static func block(flags: UInt8, _ rest: UInt8...) -> [UInt8] {
        var bytes = [flags, 0] + rest
        bytes[1] = ReferenceBlock.checkByte(of: bytes)
        return bytes
    }

    struct Case: Sendable {
        let bytes: [UInt8]
        let columns: EdgeColumns
        let error: BlockError

        init(_ bytes: [UInt8], _ error: BlockError, columns: EdgeColumns = []) {
            self.bytes = bytes
            self.columns = columns
            self.error = error
        }
    }

    static let cases: [Case] = [
        Case([], .truncated(bytes: 0)),
        Case([1, 0, 1], .truncated(bytes: 3)),
        Case(block(flags: 1, 2, 7), .truncated(bytes: 4)),
        Case(block(flags: 1, 2, 7, 8), .truncated(bytes: 5)),
        Case(block(flags: 1, 1, 7, 0), .trailingBytes(1)),
        Case(block(flags: 0x11, 1, 7), .unknownFlags(0x11)),
        Case(block(flags: 1, 0, 7), .emptyBlock),
        Case(block(flags: 1, 0x81, 0x20, 7), .tooManyNeighbors(4_097)),
        Case(block(flags: 2, 2, 2, 7, 0), .degreeMismatch(degree: 2, count: 2, isLast: false)),
        Case(block(flags: 3, 2, 9, 7, 0), .degreeMismatch(degree: 9, count: 2, isLast: true)),
        Case(block(flags: 1, 1, 0xFF, 0xFF, 0xFF, 0xFF, 0x10), .integerOverflow),
        Case(block(flags: 1, 1, 0xFF, 0xFF, 0xFF, 0xFF, 0x8F, 0), .integerOverflow),
        Case(block(flags: 1, 0x81, 0, 7), .notCanonical(.integer)),
        Case(block(flags: 1, 2, 7, 33, 1, 2, 3, 4, 5), .widthTooLarge(33)),
        Case(block(flags: 1, 2, 1, 32, 0xFF, 0xFF, 0xFF, 0xFF), .neighborOverflow),
        Case(block(flags: 1, 2, 7, 2, 1), .notCanonical(.gapWidth)),
        Case(block(flags: 1, 2, 7, 1, 3), .notCanonical(.gapPadding)),
        Case([1, 0, 1, 7], .checkMismatch(found: 0, expected: ReferenceBlock.checkByte(of: [1, 0, 1, 7]))),
        Case(block(flags: 5, 1, 7, 0, 0, 0, 64), .columnsMismatch(found: .weight, expected: .time), columns: .time),
        Case(block(flags: 9, 1, 7, 5, 0, 0, 0, 1, 1), .notCanonical(.timeBase), columns: .time),
        Case(block(flags: 9, 1, 7, 5, 0, 0, 0, 1, 0), .notCanonical(.timeWidth), columns: .time),
        Case(block(flags: 9, 2, 7, 0, 5, 0, 0, 0, 1, 0b110), .notCanonical(.timePadding), columns: .time),
        Case(block(flags: 9, 2, 7, 0, 0xFF, 0xFF, 0xFF, 0xFF, 1, 0b10), .timeOverflow, columns: .time),
        Case(block(flags: 9, 1, 7, 5, 0, 0, 0, 40), .widthTooLarge(40), columns: .time),
        Case(block(flags: 5, 1, 7, 0, 0, 0), .truncated(bytes: 7), columns: .weight),
    ]

    @Test("Validating names the damage", arguments: cases)
    func validating(_ damaged: Case) throws {
        #expect(throws: damaged.error) {
            try NeighborBlock(damaged.bytes.span.bytes).validate(columns: damaged.columns)
        }
    }

    @Test("A flag that is reserved for what edges may carry is refused by that name")
    func reservedFlag() {
        #expect("\(BlockError.unknownFlags(0x11))".contains("times at which edges end"))
        #expect(!"\(BlockError.unknownFlags(0x21))".contains("times at which edges end"))
    }

    @Test("A block of more bytes than a block may have is refused")
    func tooLong() throws {
        var list = ReferenceList()
        list.columns = .weight
        list.neighbors = Array(0..<510)
        list.weights = Array(repeating: 0, count: 510)
        let bytes = ReferenceBlock(list).bytes
        #expect(throws: BlockError.tooLong(bytes: bytes.count)) {
            try NeighborBlock(bytes.span.bytes).validate(columns: .weight)
        }
    }

    @Test("Every error says what was expected and what was found", arguments: cases)
    func advice(_ damaged: Case) {
        let description = damaged.error.description
        #expect(description.contains("expected") && description.contains("found"))
    }
}
