import Foundation
import GraphTesting
import Testing

/// Verbs are killed while they write, at a moment that the test holds them at: nobody reads what they say of their progress,
/// and they wait for that.
@Suite("A verb that is killed while it writes")
struct StaleFilesTests {
    /// The process of a verb that has begun to write and cannot go on.
    private func startHeld(_ arguments: [String], in folder: TemporaryFolder) throws -> Process {
        let errors = Pipe()
        let writing = errors.fileHandleForWriting.fileDescriptor
        // Full, so that the next word waits.
        _ = fcntl(writing, F_SETFL, O_NONBLOCK)
        while write(writing, [10], 1) == 1 {}
        _ = fcntl(writing, F_SETFL, 0)
        let process = Process()
        process.executableURL = try builtCommand()
        process.arguments = arguments + ["--progress", "json"]
        process.currentDirectoryURL = URL(fileURLWithPath: folder.path)
        process.standardOutput = FileHandle.nullDevice
        process.standardError = errors
        try process.run()
        while process.isRunning, try !folder.names().contains(where: { $0.hasPrefix(".") }) { sched_yield() }
        return process
    }

    @Test(
        "leaves nothing that the next verb in the folder does not remove, and a verb that lives is let be",
        arguments: [
            ["load", "new.kith", "--edges", "follows=large.tsv"], ["backup", "large.kith", "copy.kith"],
            ["backup", "large.kith", "copy.kith", "--compact"], ["compact", "large.kith"],
            ["compact", "large.kith", "--reorder"], ["export", "large.kith", "--edges", "follows", "--output", "out"],
            ["export", "large.kith", "--folder", "out"],
            ["recommend", "large.kith", "--all", "--via", "follows", "--format", "csv", "--output", "out"],
            ["generate", "rmat", "--scale", "14", "--output", "out"],
        ])
    func killed(arguments: [String]) throws {
        let folder = try LargeStore.copied()
        let before = try folder.names()
        let process = try startHeld(arguments, in: folder)
        try #require(process.isRunning)
        let other = try TemporaryFolder()
        try write("1\t2\n", "tiny.tsv", in: other)
        let load = ["load", folder.file("tiny.kith"), "--edges", "follows=tiny.tsv"]
        #expect(try kith(in: other, arguments: load).code == 0)
        #expect(try folder.names().contains { $0.hasPrefix(".") }, "what a living verb writes was removed")
        kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
        #expect(try folder.names().contains { $0.hasPrefix(".") })
        #expect(try kith(in: other, "degree", folder.file("tiny.kith"), "1").code == 0)
        let made = ["tiny.kith", "tiny.kith-lock", "large.kith-lock"]
        #expect(try folder.names().filter { !made.contains($0) } == before.filter { !made.contains($0) })
        #expect(try kith(in: folder, "check", "large.kith").code == 0)
    }
}
