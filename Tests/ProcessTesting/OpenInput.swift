import Foundation

/// A named pipe whose reader waits for more until the test ends it: an input that holds a load in the middle.
public final class OpenInput {
    /// Where it is.
    public let path: String
    private var descriptor: Int32

    /// Makes the pipe with a text in it, of at most 64 KiB.
    public init(_ path: String, _ text: String = "") throws {
        self.path = path
        guard mkfifo(path, 0o600) == 0 else { throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO) }
        // Both ends: the text stays in the pipe until a reader comes.
        descriptor = open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC)
        let bytes = Array(text.utf8)
        guard descriptor >= 0, write(descriptor, bytes, bytes.count) == bytes.count else {
            throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO)
        }
    }

    deinit { end() }

    /// Waits until a reader has taken the text, and so has the pipe open.
    ///
    /// The thread goes back to the tasks meanwhile: the reader may be one of them.
    public func waitUntilRead() async throws {
        var count: Int32 = 1
        while ioctl(descriptor, UInt(FIONREAD), &count) == 0, count > 0 { try await Task.sleep(for: .milliseconds(1)) }
    }

    /// Nothing more comes.
    public func end() {
        if descriptor >= 0 { close(descriptor) }
        descriptor = -1
    }
}
