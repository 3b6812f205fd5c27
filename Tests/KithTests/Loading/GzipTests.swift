import Foundation
import GraphTesting
import ProcessTesting
import Testing

@testable import Kith

/// All of a gzip file is members, or it is damaged.
@Suite("A gzip file")
struct GzipTests {
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
    }

    private func text(_ bytes: [UInt8], chunkBytes: Int = 1 << 16) throws -> String {
        let path = folder.file("e.txt.gz")
        try Data(bytes).write(to: URL(fileURLWithPath: path))
        return String(decoding: try EdgeFileSource.text(of: path, chunkBytes: chunkBytes), as: UTF8.self)
    }

    private static let first = GzipMember.bytes(Array("1 2\n".utf8))
    private static let second = GzipMember.bytes(Array("3 4\n".utf8))

    @Test(
        "of several members is read whole: of pigz, of bgzip with its fields and its empty last member, of two files one behind the other"
    )
    func members() throws {
        #expect(try text(Self.first + Self.second) == "1 2\n3 4\n")
        #expect(try text(GzipMember.bytes([])) == "")
        #expect(try text(Self.first + GzipMember.bytes([]) + Self.second) == "1 2\n3 4\n")
        // The field BC of bgzip (SAM/BAM format, 4.1): the size of the member less one.
        let field: [UInt8] = [66, 67, 2, 0, 27, 0]
        let blocks =
            GzipMember.bytes(Array("1 2\n3".utf8), extra: field) + GzipMember.bytes(Array(" 4\n".utf8), extra: field)
        #expect(try text(blocks + GzipMember.bytes([], extra: field)) == "1 2\n3 4\n")
    }

    @Test("has the same text however it is cut into members, blocks and chunks", arguments: [40, 1 << 12, 1 << 20])
    func large(chunkBytes: Int) throws {
        let rows = (0..<80_000).map { "\($0) \($0 * 7 % 80_000)\n" }.joined()
        let bytes = Array(rows.utf8)
        var members: [UInt8] = []
        var random = SplitMix64(seed: UInt64(chunkBytes))
        var start = 0
        while start < bytes.count {
            let end = min(bytes.count, start + Int.random(in: 0..<200_000, using: &random))
            members += GzipMember.bytes(Array(bytes[start..<end]))
            start = end
        }
        #expect(try text(members, chunkBytes: chunkBytes) == rows)
    }

    @Test("may be filled up with zero bytes, as gzip(1) accepts it, and with nothing else")
    func padding() throws {
        #expect(try text(Self.first + [UInt8](repeating: 0, count: 300_000)) == "1 2\n")
        for tail in [[0, 0, 7], [7], Array("3 4\n".utf8), [0] + Self.second] as [[UInt8]] {
            #expect(throws: RowError.self) { try text(Self.first + tail) }
        }
    }

    @Test("that is cut off anywhere but between members is damaged")
    func cutOff() throws {
        let whole = Self.first + Self.second
        for count in 2..<whole.count where count != Self.first.count {
            #expect(throws: RowError.unreadable("it is cut off"), "\(count)") { try text(Array(whole.prefix(count))) }
        }
    }

    @Test("with a bit of its second member changed is damaged, but for the bits that say when and where it was made")
    func flipped() throws {
        let start = Self.first.count
        for place in start..<start + Self.second.count where !(start + 4..<start + 10).contains(place) {
            for bit in 0..<8 {
                var bytes = Self.first + Self.second
                bytes[place] ^= 1 << bit
                // These mean nothing: a flag that says there is text in it, and what fills the byte before a stored block.
                if place == start + 3, bit == 0 { continue }
                if place == start + 10, bit > 2 { continue }
                #expect(throws: RowError.self, "bit \(bit) of byte \(place - start)") { try text(bytes) }
            }
        }
    }

    @Test("whose second member is damaged stores nothing")
    func store() throws {
        var bytes = Self.first + Self.second
        bytes[Self.first.count + 1] = 0
        let path = folder.file("e.tsv.gz")
        try Data(bytes).write(to: URL(fileURLWithPath: path))
        for policy: BulkLoader.RowErrorPolicy in [.stop, .skip] {
            let failure = #expect(throws: LoadError.self) {
                try BulkLoader(onError: policy).load([.init(type: .follows, path: path)], into: folder.file("s.kith"))
            }
            #expect("\(try #require(failure))".contains("cannot be read on: its gzip data is damaged"))
            #expect(try folder.names() == ["e.tsv.gz"])
        }
    }

    @Test("inside of another is refused by name, and so is one that holds itself")
    func twice() throws {
        let path = folder.file("e.txt.gz")
        try Data(GzipMember.bytes(Self.first)).write(to: URL(fileURLWithPath: path))
        let failure = #expect(throws: LoadError.self) { try EdgeFileSource.text(of: path) }
        #expect("\(try #require(failure))".contains("compressed by gzip twice"))
    }

    @Test("mutated anywhere is read or refused, and nothing else", arguments: Repetitions.seeds(200))
    func mutated(seed: UInt64) throws {
        var random = SplitMix64(seed: 96_000 + seed)
        var bytes = Self.first + GzipMember.bytes([]) + Self.second
        for _ in 0..<Int.random(in: 1...4, using: &random) {
            let place = Int.random(in: 0..<bytes.count, using: &random)
            switch Int.random(in: 0..<4, using: &random) {
            case 0: bytes[place] = .random(in: 0...255, using: &random)
            case 1: bytes.remove(at: place)
            case 2: bytes.insert(.random(in: 0...255, using: &random), at: place)
            default: bytes.removeLast(Int.random(in: 0..<bytes.count / 2, using: &random))
            }
        }
        do {
            _ = try text(bytes)
        } catch is RowError {
        } catch is LoadError {
        }
    }
}
