import CLMDB
import Glibc
import OperatingSystem

/// What LMDB writes of a copy, taken through a pair of sockets, so that a copy can be given up.
///
/// ```
/// thread of LMDB:  mdb_env_copyfd2 ──> sink ~~> source ──> calling thread ──> file
/// ```
/// LMDB copies in one call, which writes up to a gigabyte at once and asks nobody. Here the calling thread has a say at
/// every piece: when it closes its end, LMDB's next write fails and the call returns. The bytes pass memory twice more,
/// which costs less than the disk does. Sockets and not a pipe, because these are closed in a child from the start, and end
/// when they are told to, whoever else has them.
///
/// The descriptors are closed once each: the one by LMDB's thread, the other by ``run(into:_:_:)``, which is to be called
/// once.
final class CopyPump: Sendable {
    private let source: Int32
    private let failure = Monitor<LMDBError?>(nil)
    private let copying: Worker
    private static let pieceBytes = 1 << 18

    /// Starts to copy.
    ///
    /// - Throws: ``LMDBError``, ``LMDBError/noThread(_:)`` where there is no room for a thread.
    init(of environment: Environment, compacting: Bool) throws {
        // Nothing to copy from is said at once.
        try environment.countingRead { 0 }
        var ends: [Int32] = [0, 0]
        let kind = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue)
        guard unsafe socketpair(AF_UNIX, kind, 0, &ends) == 0 else { throw LMDBError.system(errno) }
        let sink = ends[1]
        source = ends[0]
        do {
            copying = try Worker { [failure] in
                let error = CopyPump.copy(environment, to: sink, compacting: compacting)
                failure.change { $0 = error }
                shutdown(sink, Int32(SHUT_WR))
                close(sink)
            }
        } catch {
            close(sink)
            close(source)
            throw LMDBError.noThread(error.refusal.code)
        }
    }

    private static func copy(_ environment: Environment, to sink: Int32, compacting: Bool) -> LMDBError? {
        // This thread alone gets the signal of a socket nobody reads, and ends with it pending.
        var broken = sigset_t()
        unsafe sigemptyset(&broken)
        unsafe sigaddset(&broken, SIGPIPE)
        unsafe pthread_sigmask(SIG_BLOCK, &broken, nil)
        do throws(LMDBError) {
            try environment.countingRead {
                unsafe mdb_env_copyfd2(environment.handle, sink, compacting ? UInt32(MDB_CP_COMPACT) : 0)
            }
            return nil
        } catch .system(EAGAIN) {
            // LMDB has a thread of its own that writes while it compacts.
            return .noThread(EAGAIN)
        } catch {
            return error
        }
    }

    /// Brings all of it into a file, and waits for LMDB's thread, also when it throws.
    ///
    /// - Parameter onPiece: told, after every piece, how many bytes were written so far.
    /// - Throws: ``LMDBError``, `CancellationError`.
    func run(into file: Int32, _ onPiece: (Int) -> Void, _ isCancelled: () -> Bool) throws {
        do {
            defer {
                shutdown(source, Int32(SHUT_RD))
                close(source)
                copying.join()
            }
            try pass(to: file, onPiece, isCancelled)
        }
        // What LMDB says first: a copy that ended early looks like one that is whole.
        if let error = failure.change({ $0 }) { throw error }
    }

    private func pass(to file: Int32, _ onPiece: (Int) -> Void, _ isCancelled: () -> Bool) throws {
        var piece = [UInt8](repeating: 0, count: CopyPump.pieceBytes)
        var total = 0
        while true {
            if isCancelled() { throw CancellationError() }
            let count = unsafe piece.withUnsafeMutableBytes { bytes in
                unsafe recv(source, bytes.baseAddress, bytes.count, Int32(MSG_WAITALL))
            }
            if count == 0 { return }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw LMDBError(code: errno) }
            var written = 0
            while written < count {
                let more = unsafe piece.withUnsafeBytes {
                    unsafe write(file, $0.baseAddress! + written, count - written)
                }
                if more < 0, errno == EINTR { continue }
                guard more >= 0 else { throw LMDBError(code: errno) }
                written += more
            }
            total += count
            onPiece(total)
        }
    }
}
