import Dispatch
import Foundation
import Synchronization

/// Ctrl-C and termination: a long verb is asked to give up and leaves the store as it was.
///
/// A verb that does not notice in time, because it waits for input for example, is ended: what it would have cleared
/// away is cleared away here.
struct Interruption {
    private final class Request: Sendable {
        let isMade = Atomic(false)
    }

    private let request: Request
    private let sources: [any DispatchSourceSignal]
    private static let patienceSeconds = 2.0

    /// Listens from now on.
    ///
    /// - Parameter cleanUp: what is to be done before the process is ended, when the verb does not end by itself.
    init(cleanUp: @escaping @Sendable () -> Void) {
        let request = Request()
        self.request = request
        sources = [SIGINT, SIGTERM].map { number in
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            source.setEventHandler {
                if request.isMade.exchange(true, ordering: .relaxed) { return }
                DispatchQueue.global().asyncAfter(deadline: .now() + Interruption.patienceSeconds) {
                    cleanUp()
                    FileHandle.standardError.write(Data("kith: interrupted; the store is as it was\n".utf8))
                    exit(Failure.Code.interrupted.rawValue)
                }
            }
            source.resume()
            return source
        }
    }

    /// Whether the verb is to give up; may be asked by any thread.
    var wasRequested: @Sendable () -> Bool {
        { [request] in request.isMade.load(ordering: .relaxed) }
    }
}
