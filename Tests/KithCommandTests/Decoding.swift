import Kith

@testable import KithCommand

extension ByteCoding {
    /// The text that a file of these bytes holds, taken and given in pieces of so many bytes.
    func text(of bytes: [UInt8], holding rows: DecodedRows, pieceBytes: Int = 1 << 16) throws -> String {
        let decoder = try makeDecoder(ofFile: "file", holding: rows)
        var text: [UInt8] = []
        var room = [UInt8](repeating: 0, count: pieceBytes)
        var start = 0
        while start < bytes.count {
            let piece = Array(bytes[start...].prefix(pieceBytes))
            let step = try piece.withUnsafeBytes { piece in
                try room.withUnsafeMutableBytes { try decoder.decode(piece, into: $0) }
            }
            precondition(step.taken + step.given > 0)
            start += step.taken
            text += room[..<step.given]
        }
        while true {
            let given = try room.withUnsafeMutableBytes { try decoder.finish(into: $0) }
            if given == 0 { return String(decoding: text, as: UTF8.self) }
            text += room[..<given]
        }
    }

    /// Whether a file of these bytes is taken for one of this coding.
    func isRecognized(by bytes: [UInt8]) -> Bool { bytes.withUnsafeBytes { isRecognized(by: $0) } }
}
