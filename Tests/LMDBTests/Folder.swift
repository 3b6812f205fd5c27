import Foundation
import LMDB
import Synchronization

/// A folder of its own for one test.
final class Folder {
    let path = NSTemporaryDirectory() + "lmdb-test-" + UUID().uuidString

    init() throws { try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true) }
    deinit { try? FileManager.default.removeItem(atPath: path) }

    func open(_ name: String = "data", _ change: (inout Environment.Options) -> Void = { _ in }) throws -> Environment {
        try Folder.open(path + "/" + name, change)
    }

    /// Opens a file, also from another process.
    static func open(_ path: String, _ change: (inout Environment.Options) -> Void = { _ in }) throws -> Environment {
        var options = Environment.Options()
        options.createsFile = true
        change(&options)
        return try Environment.open(at: path, options: options)
    }
}

/// Work beside a test that waits for another process: waiting blocks a thread of the pool that tasks share, which may have
/// no other.
final class OwnThread<Value: Sendable>: Sendable {
    private let result = Mutex<Result<Value, any Error>?>(nil)
    private let isOver = DispatchSemaphore(value: 0)

    init(_ body: @escaping @Sendable () throws -> Value) {
        Thread { [self] in
            result.withLock { $0 = Result(catching: body) }
            isOver.signal()
        }.start()
    }

    /// Waits for the end of the work; to be called once.
    func value() throws -> Value {
        isOver.wait()
        return try result.withLock { try $0.unsafelyUnwrapped.get() }
    }
}

func bytes(_ span: RawSpan?) -> [UInt8]? {
    guard let span else { return nil }
    return span.withUnsafeBytes { Array($0) }
}

func put(_ value: [UInt8], _ key: UInt64, _ database: Database<UInt64>, in environment: Environment) throws {
    var transaction = try environment.beginWrite()
    try transaction.put(value.span.bytes, forKey: key, in: database)
    try transaction.commit()
}

/// Begins to read and reads nothing.
func beginAndEnd(_ environment: Environment) throws {
    let transaction = try environment.beginRead()
    _ = consume transaction
}

/// Begins to write and changes nothing.
func beginAndAbort(_ environment: Environment) throws {
    let transaction = try environment.beginWrite()
    _ = consume transaction
}

/// fork(2), which is not offered to Swift, by way of the C library's symbol; 0 in the child.
func forkProcess() -> pid_t {
    typealias Fork = @convention(c) () -> pid_t
    guard let symbol = dlsym(nil, "fork") else { return -1 }
    return unsafeBitCast(symbol, to: Fork.self)()
}

/// What a child said at its end, in the terms of waitpid(2); -1 when it cannot be waited for.
func exitStatus(of child: pid_t) -> Int32 {
    var status: Int32 = -1
    waitpid(child, &status, 0)
    return status
}
