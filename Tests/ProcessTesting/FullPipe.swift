import Dispatch
import Foundation
import Synchronization

/// A named pipe with room for a chosen number of bytes: a program that writes more waits until the test opens the pipe.
///
/// The pipe is one page, which the test has filled up to the room. A message fits whole or waits whole (pipe(7),
/// PIPE_BUF). The test holds both ends, so that a program never waits for the other end.
public final class FullPipe {
    /// Where it is.
    public let path: String
    private let end: PipeEnd
    private let source: any DispatchSourceRead
    private var isOpen = false

    /// Makes the pipe.
    public init(_ path: String, room: Int = 0) throws {
        self.path = path
        guard mkfifo(path, 0o600) == 0 else { throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO) }
        end = try PipeEnd(path, room: room)
        source = DispatchSource.makeReadSource(fileDescriptor: end.descriptor)
        source.setEventHandler { [end] in end.take() }
        // The descriptor stays open for as long as the source looks at it.
        source.setCancelHandler { [end] in _ = end }
    }

    deinit {
        source.cancel()
        // A source that has never been resumed must not be let go of.
        if !isOpen { source.resume() }
    }

    /// Takes what is written from now on.
    public func open() {
        if !isOpen { source.resume() }
        isOpen = true
    }

    /// Everything that was written so far.
    public var text: String {
        end.take()
        return end.text
    }
}

/// The test's descriptor of a pipe, and what has been read from it.
private final class PipeEnd: Sendable {
    let descriptor: Int32
    private let fillerCount: Int
    private let bytes = Mutex<[UInt8]>([])

    init(_ path: String, room: Int) throws {
        descriptor = Glibc.open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC)
        let pageBytes = getpagesize()
        fillerCount = max(1, Int(pageBytes) - room)
        let filler = [UInt8](repeating: 0, count: fillerCount)
        // F_SETPIPE_SZ of fcntl(2), which Swift does not import.
        guard descriptor >= 0, fcntl(descriptor, 1_031, pageBytes) == pageBytes,
            write(descriptor, filler, fillerCount) == fillerCount
        else { throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO) }
    }

    deinit { close(descriptor) }

    /// Reads what the pipe holds.
    func take() {
        bytes.withLock { bytes in
            var piece = [UInt8](repeating: 0, count: 1 << 16)
            while true {
                let count = read(descriptor, &piece, piece.count)
                if count <= 0 { return }
                bytes += piece[..<count]
            }
        }
    }

    var text: String { bytes.withLock { String(decoding: $0.dropFirst(fillerCount), as: UTF8.self) } }
}
