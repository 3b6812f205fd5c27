import CZstd
import Foundation
import GraphTesting
import Kith
import ProcessTesting
import Testing

@testable import KithCommand

/// All of a zstd file is frames, or it is damaged.
@Suite("A zstd file")
struct ZstdTests {
    private static let coding = ZstdCoding()

    /// A frame with its checksum, as zstd(1) writes one.
    private static func frame(_ text: String) -> [UInt8] {
        let context = ZSTD_createCCtx()
        defer { ZSTD_freeCCtx(context) }
        ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, 1)
        let bytes = Array(text.utf8)
        var frame = [UInt8](repeating: 0, count: ZSTD_compressBound(bytes.count))
        let count = ZSTD_compress2(context, &frame, frame.count, bytes, bytes.count)
        precondition(ZSTD_isError(count) == 0)
        return Array(frame[..<count])
    }

    private func text(_ bytes: [UInt8], pieceBytes: Int = 1 << 16) throws -> String {
        try Self.coding.text(of: bytes, holding: .edges(undirected: .once), pieceBytes: pieceBytes)
    }

    private static let first = frame("1 2\n")
    private static let second = frame("3 4\n")
    private static let skippable: [UInt8] = [0x53, 0x2A, 0x4D, 0x18, 3, 0, 0, 0, 7, 8, 9]

    @Test(
        "of several frames is read whole, frames to be skipped aside, however it is cut into pieces",
        arguments: [1, 7, 1 << 16])
    func frames(pieceBytes: Int) throws {
        #expect(try text(Self.first + Self.second, pieceBytes: pieceBytes) == "1 2\n3 4\n")
        #expect(
            try text(Self.skippable + Self.first + Self.skippable + Self.frame(""), pieceBytes: pieceBytes) == "1 2\n")
        let rows = (0..<20_000).map { "\($0) \($0 * 7 % 20_000)\n" }.joined()
        #expect(try text(Self.frame(rows) + Self.first, pieceBytes: max(7, pieceBytes)) == rows + "1 2\n")
        for bytes in [Self.first, Self.skippable] { #expect(Self.coding.isRecognized(by: bytes)) }
        for text in ["1 2\n", "", "(", "P*M"] { #expect(!Self.coding.isRecognized(by: Array(text.utf8))) }
    }

    @Test("that is cut off anywhere but between frames, or goes on with something else, is damaged")
    func cutOff() throws {
        let whole = Self.first + Self.second
        for count in 1..<whole.count where count != Self.first.count {
            #expect(throws: RowError.unreadable("it is cut off"), "\(count)") { try text(Array(whole.prefix(count))) }
        }
        for tail in [[0, 0, 0, 0, 0], Array("3 4\n".utf8), [0x28, 0xB5, 0x2F, 0xFE, 0]] as [[UInt8]] {
            #expect(throws: RowError.self) { try text(Self.first + tail) }
        }
    }

    @Test(
        "with any bit of its second frame changed is damaged, or gives the same text where the bit says nothing of it")
    func flipped() throws {
        let start = Self.first.count
        for place in start..<start + Self.second.count {
            for bit in 0..<8 {
                var bytes = Self.first + Self.second
                bytes[place] ^= 1 << bit
                let read = Result { try text(bytes) }
                // Of the frame's head some bits tell how it is to be decoded, and no other text comes of it.
                let isSame = place == start + 4 && (try? read.get()) == "1 2\n3 4\n"
                #expect(isSame || read.isUnreadable, "bit \(bit) of byte \(place - start)")
            }
        }
    }

    @Test("mutated anywhere is read or refused, and nothing else", arguments: Repetitions.seeds(200))
    func mutated(seed: UInt64) throws {
        var random = SplitMix64(seed: 300_000 + seed)
        var bytes = Self.first + Self.skippable + Self.second
        for _ in 0..<Int.random(in: 1...4, using: &random) {
            let place = Int.random(in: 0..<bytes.count, using: &random)
            switch Int.random(in: 0..<3, using: &random) {
            case 0: bytes[place] = .random(in: 0...255, using: &random)
            case 1: bytes.remove(at: place)
            default: bytes.insert(.random(in: 0...255, using: &random), at: place)
            }
        }
        do {
            _ = try text(bytes, pieceBytes: Int.random(in: 1...64, using: &random))
        } catch is RowError {
        }
    }

    @Test("of any format is loaded by its name, and a damaged one stores nothing")
    func loaded() throws {
        let folder = try TemporaryFolder()
        let url = URL(fileURLWithPath: folder.file("e.csv.zst"))
        try Data(Self.frame("source,target\n1,2\n") + Self.frame("3,4\n")).write(to: url)
        let loaded = try kith(in: folder, "load", "s.kith", "--edges", "follows=e.csv.zst", "--format", "json")
        #expect(try loaded.object()["edges"] as? [String: Int] == ["follows": 2])
        try Data(Self.frame("1,2\n") + Self.second.dropLast()).write(to: url)
        let damaged = try kith(in: folder, "load", "t.kith", "--edges", "follows=e.csv.zst", "--on-error", "skip")
        #expect(damaged.code == 65 && damaged.errors.contains("it is cut off"))
        #expect(try folder.names().filter { !$0.hasSuffix("-lock") } == ["e.csv.zst", "s.kith"])
    }
}

extension Result {
    /// Whether it is the error of a damaged file.
    fileprivate var isUnreadable: Bool {
        guard case .failure(let error) = self, case .unreadable? = error as? RowError else { return false }
        return true
    }
}
