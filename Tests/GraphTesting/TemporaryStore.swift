import Foundation

/// A folder of its own for one test, removed when the test lets go of it.
public final class TemporaryFolder: Sendable {
    /// Where it is.
    public let path: String

    /// Makes a new, empty folder, in the folder of temporary files unless another is given.
    public init(in folder: String = NSTemporaryDirectory()) throws {
        // As the system says it, with no slash twice: programs that are told of it compare.
        path = URL(fileURLWithPath: folder).appendingPathComponent("kith-test-" + UUID().uuidString).path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { remove() }

    /// Removes the folder with all that is in it.
    public func remove() {
        try? FileManager.default.removeItem(atPath: path)
    }

    /// The names in it but for those that tests gave with a dot before them: also the hidden ones of the product.
    public func names() throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: path).filter {
            !$0.hasPrefix(".") || $0.hasPrefix(".kith-")
        }.sorted()
    }

    /// The path of a file in the folder.
    public func file(_ name: String) -> String {
        path + "/" + name
    }
}
