import Foundation
import Testing

/// Misuse of a transaction that the compiler must refuse; and the same uses done right, which it must accept.
@Suite("The compiler")
struct MisuseTests {
    private static let frame = """
        import LMDB
        func use(_ environment: Environment, _ database: Database<UInt64>, _ other: RawSpan) throws {
        BODY
        }
        """

    static let misuses: [(String, String, String)] = [
        (
            "a value used after the commit",
            "var t = try environment.beginWrite(); let v = try t.value(forKey: 1, in: database); try t.commit(); "
                + "print(v?.byteCount as Any)", "overlapping accesses"
        ),
        (
            "a value used after a put",
            "var t = try environment.beginWrite(); let v = try t.value(forKey: 1, in: database); "
                + "try t.put(other, forKey: 2, in: database); print(v?.byteCount as Any)", "overlapping accesses"
        ),
        (
            "a transaction copied",
            "let t = try environment.beginRead(); let a = t; let b = t; _ = try a.entryCount(in: database); "
                + "_ = try b.entryCount(in: database)", "consumed"
        ),
        (
            "a value that outlives its transaction",
            "var kept: RawSpan? = nil; do { let t = try environment.beginRead(); "
                + "kept = try t.value(forKey: 1, in: database) }; print(kept?.byteCount as Any)", "escapes"
        ),
        (
            "a cursor that outlives its transaction",
            "var n = 0; do { let c: Cursor<UInt64>; do { let t = try environment.beginRead(); "
                + "c = t.cursor(in: database) }; var m = c; n = try m.first()?.value.byteCount ?? 0 }; print(n)",
            "escapes"
        ),
        (
            "a transaction used here and in another task",
            "let t = try environment.beginRead(); Task.detached { _ = try t.entryCount(in: database) }; "
                + "_ = try t.entryCount(in: database)", ""
        ),
    ]

    /// Where the modules of this build are, or nil when there is no compiler to ask.
    private static let modules: URL? = {
        var folder = URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent()
        for _ in 0..<4 {
            let modules = folder.appendingPathComponent("Modules")
            if FileManager.default.fileExists(atPath: modules.appendingPathComponent("LMDB.swiftmodule").path) {
                return modules
            }
            folder.deleteLastPathComponent()
        }
        return nil
    }()

    /// What the compiler says of a body; empty when it accepts it.
    private func errors(of body: String) throws -> String {
        let file = NSTemporaryDirectory() + "misuse-" + UUID().uuidString + ".swift"
        defer { try? FileManager.default.removeItem(atPath: file) }
        let text = MisuseTests.frame.replacingOccurrences(of: "BODY", with: body)
        try Data(text.utf8).write(to: URL(fileURLWithPath: file))
        let sources = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("../../Sources").standardizedFileURL.path
        let maps = ["CLMDB", "CLinux"].flatMap { ["-Xcc", "-fmodule-map-file=\(sources)/\($0)/module.modulemap"] }
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments =
            ["swiftc", "-emit-sil", "-swift-version", "6", "-I", try #require(MisuseTests.modules).path] + maps
            + ["-o", "/dev/null", file]
        let output = Pipe()
        process.standardError = output
        process.standardOutput = FileHandle.nullDevice
        try process.run()
        let said = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return process.terminationStatus == 0 ? "" : String(decoding: said, as: UTF8.self)
    }

    @Test("accepts what is right", .enabled(if: modules != nil, "needs the modules of the build"))
    func acceptsRightUse() throws {
        let body =
            "var t = try environment.beginWrite(); let n = try t.value(forKey: 1, in: database)?.byteCount; "
            + "try t.put(other, forKey: 2, in: database); do { var c = t.cursor(in: database); "
            + "print(try c.first()?.value.byteCount as Any) }; try t.commit(); print(n as Any)"
        #expect(try errors(of: body) == "")
    }

    @Test("refuses", .enabled(if: modules != nil, "needs the modules of the build"), arguments: misuses)
    func refusesMisuse(what: String, body: String, diagnostic: String) throws {
        let said = try errors(of: body)
        #expect(said.contains("error:"), "the compiler accepts \(what)")
        #expect(said.contains(diagnostic) || diagnostic.isEmpty, "\(what): \(said)")
    }
}
