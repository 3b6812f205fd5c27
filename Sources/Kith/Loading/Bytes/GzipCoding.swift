import CZlib
import Glibc

/// Files of gzip(1), pigz and bgzip: members one behind the other (RFC 1952), each proved by its checksum and its length.
///
/// zlib's own reading of files takes what stands behind the first member for the end where it is damaged. Here all of the
/// file must be members, but for zero bytes behind the last, which fill the blocks of a tape or a disk and which gzip(1)
/// passes over too.
struct GzipCoding: ByteCoding {
    static let magic: [UInt8] = [0x1F, 0x8B]

    let name = "gzip"
    let format: EdgeFileFormat? = nil

    func isRecognized(by head: UnsafeRawBufferPointer) -> Bool { unsafe head.starts(with: GzipCoding.magic) }

    func makeDecoder(ofFile path: String, holding rows: DecodedRows) throws -> any ByteDecoder {
        try GzipDecoder(ofFile: path)
    }
}

/// Decodes the members of one file.
///
/// **Unsafety:** zlib's state points back at the stream, so the stream has an address of its own.
@safe private final class GzipDecoder: ByteDecoder {
    private enum Place {
        case inMember, behindMember, inPadding
    }

    private let path: String
    private let stream: UnsafeMutablePointer<z_stream>
    private var place = Place.behindMember

    /// A member may have a header and a trailer as gzip says, and a window of 2^15 bytes.
    private static let gzipWindowBits: Int32 = 16 + 15

    init(ofFile path: String) throws(LoadError) {
        self.path = path
        unsafe stream = .allocate(capacity: 1)
        unsafe stream.initialize(to: z_stream())
        let code = unsafe inflateInit2_(
            stream, GzipDecoder.gzipWindowBits, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
        guard code == Z_OK else { throw .reading(path, ENOMEM) }
    }

    deinit {
        unsafe inflateEnd(stream)
        unsafe stream.deallocate()
    }

    func decode(
        _ input: UnsafeRawBufferPointer, into text: UnsafeMutableRawBufferPointer
    ) throws -> (taken: Int, given: Int) {
        switch place {
        case .inMember: return unsafe try inflateMember(input, into: text)
        case .behindMember:
            switch unsafe input[0] {
            case GzipCoding.magic[0]:
                unsafe inflateReset(stream)
                place = .inMember
                return unsafe try inflateMember(input, into: text)
            case 0: place = .inPadding
            default:
                throw RowError.unreadable("behind its gzip data stands something else; it was damaged, or added to")
            }
        case .inPadding: break
        }
        guard unsafe input.allSatisfy({ $0 == 0 }) else {
            throw RowError.unreadable("behind its gzip data stand zero bytes, and something else behind them")
        }
        return (input.count, 0)
    }

    private func inflateMember(
        _ input: UnsafeRawBufferPointer, into text: UnsafeMutableRawBufferPointer
    ) throws -> (taken: Int, given: Int) {
        let (inputCount, textCount) = (min(input.count, 1 << 30), min(text.count, 1 << 30))
        // zlib does not change what it reads; its type says so only where ZLIB_CONST is defined.
        unsafe stream.pointee.next_in = UnsafeMutablePointer(
            mutating: input.baseAddress?.assumingMemoryBound(to: UInt8.self))
        unsafe stream.pointee.avail_in = UInt32(inputCount)
        unsafe stream.pointee.next_out = text.baseAddress?.assumingMemoryBound(to: UInt8.self)
        unsafe stream.pointee.avail_out = UInt32(textCount)
        let code = unsafe inflate(stream, Z_NO_FLUSH)
        switch code {
        case Z_OK: break
        case Z_STREAM_END: place = .behindMember
        case Z_MEM_ERROR: throw LoadError.reading(path, ENOMEM)
        default:
            let reason = unsafe stream.pointee.msg.map { unsafe ": " + String(cString: $0) } ?? ""
            throw RowError.unreadable("its gzip data is damaged\(reason)")
        }
        return unsafe (inputCount - Int(stream.pointee.avail_in), textCount - Int(stream.pointee.avail_out))
    }

    func finish(into text: UnsafeMutableRawBufferPointer) throws -> Int {
        guard place != .inMember else { throw RowError.unreadable("it is cut off") }
        return 0
    }
}
