import CLMDB
import Foundation
import Synchronization

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
/// **Unsafety:** the descriptors are closed once each: the one by LMDB's thread, the other by ``run(into:_:)``, which is to
/// be called once, and until whose end the environment is kept.
final class CopyPump: Sendable {
    private let source: Int32
    private let failure = Mutex<LMDBError?>(nil)
    private let isOver = DispatchSemaphore(value: 0)
    private static let pieceBytes = 1 << 18

    /// What a thread is to do.
    private final class Work: Sendable {
        let body: @Sendable () -> Void

        init(_ body: @escaping @Sendable () -> Void) { self.body = body }
    }

    /// Starts to copy.
    ///
    /// - Throws: ``LMDBError``, also where there is no room for a thread.
    init(of environment: Environment, compacting: Bool) throws {
        // Nothing to copy from is said at once.
        try environment.countingRead { 0 }
        var ends: [Int32] = [0, 0]
        let kind = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue)
        guard unsafe socketpair(AF_UNIX, kind, 0, &ends) == 0 else { throw LMDBError.system(errno) }
        let sink = ends[1]
        source = ends[0]
        // Not retained: a thread that has said it is done may hold what it captured for a while longer, and whoever waits
        // for the copy may want to see the environment closed.
        let lent = unsafe Unmanaged.passUnretained(environment)
        let work = unsafe Unmanaged.passRetained(
            Work { [self] in
                let error = unsafe CopyPump.copy(lent, to: sink, compacting: compacting)
                failure.withLock { $0 = error }
                shutdown(sink, Int32(SHUT_WR))
                close(sink)
                isOver.signal()
            })
        // Not Foundation's thread, which does not say that it could not be started.
        var thread = pthread_t()
        let code = unsafe pthread_create(
            &thread, nil,
            { work in
                guard let work = unsafe work else { return nil }
                unsafe Unmanaged<Work>.fromOpaque(work).takeRetainedValue().body()
                return nil
            }, work.toOpaque())
        guard code == 0 else {
            unsafe work.release()
            close(sink)
            close(source)
            throw LMDBError.system(code)
        }
        pthread_detach(thread)
    }

    private static func copy(
        _ environment: Unmanaged<Environment>, to sink: Int32, compacting: Bool
    ) -> LMDBError? {
        // This thread alone gets the signal of a socket nobody reads, and ends with it pending.
        var broken = sigset_t()
        unsafe sigemptyset(&broken)
        unsafe sigaddset(&broken, SIGPIPE)
        unsafe pthread_sigmask(SIG_BLOCK, &broken, nil)
        let environment = unsafe environment.takeUnretainedValue()
        do throws(LMDBError) {
            try environment.countingRead {
                unsafe mdb_env_copyfd2(environment.handle, sink, compacting ? UInt32(MDB_CP_COMPACT) : 0)
            }
            return nil
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
                isOver.wait()
            }
            try pass(to: file, onPiece, isCancelled)
        }
        // What LMDB says first: a copy that ended early looks like one that is whole.
        if let error = failure.withLock({ $0 }) { throw error }
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
