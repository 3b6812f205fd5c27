import CZstd
import Foundation
import Kith

/// Files of zstd(1): frames one behind the other, and frames to be skipped (RFC 8878). All of the file must be frames.
///
/// A frame whose window is larger than 128 MiB, as `zstd --long=28` and above make it, is refused as zstd(1) does.
struct ZstdCoding: ByteCoding {
    let name = "zstd"
    let format: EdgeFileFormat? = nil

    func isRecognized(by head: UnsafeRawBufferPointer) -> Bool {
        if unsafe head.starts(with: [0x28, 0xB5, 0x2F, 0xFD]) { return true }
        return unsafe head.count >= 4 && head[0] & 0xF0 == 0x50 && head[1...3].elementsEqual([0x2A, 0x4D, 0x18])
    }

    func makeDecoder(ofFile path: String, holding rows: DecodedRows) throws -> any ByteDecoder {
        try ZstdDecoder(ofFile: path)
    }
}

/// Decodes the frames of one file.
@safe private final class ZstdDecoder: ByteDecoder {
    private let context: OpaquePointer
    /// Whether all of the last frame was taken and given.
    private var isBehindFrame = false

    init(ofFile path: String) throws {
        guard let context = unsafe ZSTD_createDCtx() else { throw LoadError.reading(path, ENOMEM) }
        unsafe self.context = context
    }

    deinit {
        unsafe ZSTD_freeDCtx(context)
    }

    func decode(
        _ input: UnsafeRawBufferPointer, into text: UnsafeMutableRawBufferPointer
    ) throws -> (taken: Int, given: Int) {
        var from = unsafe ZSTD_inBuffer(src: input.baseAddress, size: input.count, pos: 0)
        var to = unsafe ZSTD_outBuffer(dst: text.baseAddress, size: text.count, pos: 0)
        let code = unsafe ZSTD_decompressStream(context, &to, &from)
        guard ZSTD_isError(code) == 0 else {
            throw RowError.unreadable("its zstd data is damaged: \(unsafe String(cString: ZSTD_getErrorName(code)))")
        }
        isBehindFrame = code == 0
        return unsafe (from.pos, to.pos)
    }

    func finish(into text: UnsafeMutableRawBufferPointer) throws -> Int {
        if isBehindFrame { return 0 }
        // What the decoder holds back for want of room.
        let given = unsafe try decode(UnsafeRawBufferPointer(start: nil, count: 0), into: text).given
        guard isBehindFrame || given > 0 else { throw RowError.unreadable("it is cut off") }
        return given
    }
}
