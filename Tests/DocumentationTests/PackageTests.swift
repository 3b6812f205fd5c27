import Foundation
import GraphTesting
import Testing

@Suite("The package")
struct PackageTests {
    /// The dependencies of each target, as SwiftPM reads the manifest: each an object of a kind and a list, the name first.
    private static func manifest() throws -> [String: [[String: Any]]] {
        let folder = try TemporaryFolder()
        let outcome = try BuiltProgram(path: "/usr/bin/env").run(
            ["swift", "package", "--package-path", Document.root.path, "--scratch-path", folder.path, "dump-package"],
            in: folder)
        let start = try #require(outcome.output.firstIndex(of: "{"), "\(outcome.output)")
        let json = try JSONSerialization.jsonObject(with: Data(outcome.output[start...].utf8)) as? [String: Any]
        var dependencies: [String: [[String: Any]]] = [:]
        for target in try #require(json?["targets"] as? [[String: Any]]) {
            dependencies[try #require(target["name"] as? String)] = target["dependencies"] as? [[String: Any]]
        }
        return dependencies
    }

    @Test("builds, for who links the library, nothing that only the command needs")
    func libraryDependencies() throws {
        let dependencies = try Self.manifest()
        var (targets, products) = (Set<String>(), Set<String>())
        var waiting = ["Kith"]
        while let target = waiting.popLast() {
            guard targets.insert(target).inserted else { continue }
            for dependency in try #require(dependencies[target]) {
                let named = dependency["byName"] ?? dependency["target"]
                if let name = (named as? [Any])?.first as? String { waiting.append(name) }
                if let name = (dependency["product"] as? [Any])?.first as? String { products.insert(name) }
            }
        }
        #expect(targets.isSuperset(of: ["Kith", "LMDB", "Adjacency", "CLMDB", "CZlib"]))
        #expect(products == ["CoreMetrics", "HeapModule", "Logging"])
    }
}
