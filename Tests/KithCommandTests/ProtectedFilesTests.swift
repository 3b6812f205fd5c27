import Foundation
import GraphTesting
import Kith
import Testing

/// No output is ever written over what a verb reads or changes, by whatever name, nor over any store.
@Suite("An output that is an input")
struct ProtectedFilesTests {
    /// Names of the store and of its lock file: its own, a symbolic link, a hard link, through `..`, an open file.
    static let names = [
        "s.kith", "link.kith", "second.kith", "hard.kith", "d/../s.kith", "/proc/self/cwd/s.kith", "/dev/fd/9",
        "s.kith-lock", "link.kith-lock", "hard-lock", "d/../s.kith-lock",
    ]

    /// Each option that names an output; OUT is the output.
    static let verbs = [
        "export s.kith --edges follows --output OUT", "export link.kith --nodes user --output OUT",
        "export s.kith --edges follows --file-format jsonl --output OUT", "recommend s.kith a --output OUT",
        "recommend s.kith a --format csv --output OUT", "recommend s.kith --all --output OUT",
        "recommend s.kith --all --format table --output OUT", "recommend s.kith --users users --output OUT --resume",
        "load s.kith --edges follows=e.tsv --on-error skip --rejects OUT",
        "load s.kith --edges follows=e.tsv --dry-run --on-error skip --rejects OUT",
        "apply s.kith changes --on-error skip --rejects OUT",
        "remove s.kith follows --from e.tsv --on-error skip --rejects OUT",
    ]

    private func makeStore() throws -> TemporaryFolder {
        let folder = try TemporaryFolder()
        try write("a\tb\nb\tc\nshort\n", "e.tsv", in: folder)
        try write("a\nb\n", "users", in: folder)
        try write("{\"remove\": \"follows\", \"from\": \"a\", \"to\": \"b\"}\n", "changes", in: folder)
        try write("{\"recommenders\": [{\"by\": \"attention\"}]}", "request.json", in: folder)
        let load = try kith(in: folder, "load", "s.kith", "--edges", "follows=e.tsv", "--on-error", "skip")
        #expect(load.code == 0, "\(load.errors)")
        // Who opens it makes its lock file.
        #expect(try kith(in: folder, "stats", "s.kith").code == 0)
        let files = FileManager.default
        try files.createDirectory(atPath: folder.file("d"), withIntermediateDirectories: true)
        try files.createSymbolicLink(atPath: folder.file("link.kith"), withDestinationPath: "s.kith")
        try files.createSymbolicLink(atPath: folder.file("second.kith"), withDestinationPath: folder.file("link.kith"))
        try files.createSymbolicLink(atPath: folder.file("link.kith-lock"), withDestinationPath: "s.kith-lock")
        try files.linkItem(atPath: folder.file("s.kith"), toPath: folder.file("hard.kith"))
        try files.linkItem(atPath: folder.file("s.kith-lock"), toPath: folder.file("hard-lock"))
        return folder
    }

    /// Runs a line in bash, with the store open as 9.
    private func shell(_ line: String, in folder: TemporaryFolder) throws -> (code: Int32, errors: String) {
        let code = try bash("\(line) 9<>s.kith 2> .errors", in: folder)
        return (code, try String(contentsOfFile: folder.file(".errors"), encoding: .utf8))
    }

    /// Runs a line in bash as it stands; answers the exit code.
    private func bash(_ line: String, in folder: TemporaryFolder) throws -> Int32 {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/bash")
        process.arguments = ["-c", "'\(try builtCommand().path)' \(line)"]
        process.currentDirectoryURL = URL(fileURLWithPath: folder.path)
        process.standardOutput = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        return process.terminationStatus
    }

    private func contents(_ name: String, in folder: TemporaryFolder) throws -> Data {
        try Data(contentsOf: URL(fileURLWithPath: folder.file(name)))
    }

    @Test("is refused with 64 and the names of both, before anything is opened for writing", arguments: verbs)
    func stores(verb: String) throws {
        let folder = try makeStore()
        let (whole, there) = (try contents("s.kith", in: folder), try folder.names())
        for name in ProtectedFilesTests.names {
            let outcome = try shell(verb.replacing("OUT", with: name), in: folder)
            #expect(outcome.code == 64, "\(verb) \(name): \(outcome)")
            #expect(outcome.errors.contains("'\(name)'") && outcome.errors.contains("output"), "\(outcome)")
            #expect(try contents("s.kith", in: folder) == whole, "\(verb) \(name)")
            #expect(try folder.names() == there)
        }
        #expect(try kith(in: folder, "check", "s.kith").code == 0)
    }

    @Test(
        "is refused where it is a file of rows, of users, of keys, of a request or a schema, or standard input",
        arguments: [
            ("load n.kith --edges follows=e.tsv --on-error skip --rejects OUT", "e.tsv"),
            ("load s.kith --nodes user=users --on-error skip --rejects OUT", "users"),
            ("load n.kith --edges follows=- --on-error skip --rejects OUT < e.tsv", "e.tsv"),
            ("load n.kith --schema request.json --edges follows=e.tsv --on-error skip --rejects OUT", "request.json"),
            ("load n.kith --edges follows=e.tsv --on-error skip --rejects OUT", "n.kith"),
            ("load n.kith --edges follows=e.tsv --on-error skip --rejects OUT", "n.kith-lock"),
            ("apply s.kith changes --on-error skip --rejects OUT", "changes"),
            ("apply s.kith - --on-error skip --rejects OUT < changes", "changes"),
            ("remove s.kith follows --from e.tsv --on-error skip --rejects OUT", "e.tsv"),
            ("recommend s.kith --users users --output OUT", "users"),
            ("recommend s.kith --users - --output OUT < users", "users"),
            ("recommend s.kith --users users --output OUT --resume", "users"),
            ("recommend s.kith a --only users --output OUT", "users"),
            ("recommend s.kith a --request request.json --output OUT", "request.json"),
        ])
    func inputs(verb: String, input: String) throws {
        let folder = try makeStore()
        let isThere = FileManager.default.fileExists(atPath: folder.file(input))
        var names = [input, "./d/../\(input)", folder.file(input)]
        if isThere {
            try FileManager.default.createSymbolicLink(atPath: folder.file("in-link"), withDestinationPath: input)
            try FileManager.default.linkItem(atPath: folder.file(input), toPath: folder.file("in-hard"))
            names += ["in-link", "in-hard"]
        }
        let (whole, there) = (FileManager.default.contents(atPath: folder.file(input)), try folder.names())
        for name in names {
            let outcome = try shell(verb.replacing("OUT", with: name), in: folder)
            #expect(outcome.code == 64, "\(verb) \(name): \(outcome)")
            #expect(FileManager.default.contents(atPath: folder.file(input)) == whole)
            #expect(try folder.names() == there)
        }
    }

    @Test(
        "is refused where it is another store",
        arguments: [
            "generate rmat --scale 4 --output OUT", "export s.kith --edges follows --output OUT",
            "recommend s.kith a --output OUT", "load s.kith --edges follows=e.tsv --on-error skip --rejects OUT",
        ])
    func otherStores(verb: String) throws {
        let folder = try makeStore()
        #expect(try kith(in: folder, "create", "other.kith").code == 0)
        let whole = try contents("other.kith", in: folder)
        for name in ["other.kith", "other.kith-lock"] {
            let outcome = try shell(verb.replacing("OUT", with: name), in: folder)
            #expect(outcome.code == 64, "\(verb) \(name): \(outcome)")
        }
        #expect(try contents("other.kith", in: folder) == whole)
        #expect(try kith(in: folder, "check", "other.kith").code == 0)
    }

    @Test(
        "is refused where standard output or standard error was led into the store by a shell",
        arguments: [
            "stats s.kith >> s.kith", "recommend s.kith a 1<> hard.kith", "export s.kith --edges follows >> s.kith",
            "add s.kith follows x y >> link.kith", "add s.kith follows x y 2>> s.kith", "check s.kith >> s.kith",
            "compact s.kith >> s.kith", "backup s.kith b.kith >> s.kith", "load s.kith --edges follows=e.tsv >> s.kith",
            "neighbors s.kith a --via follows >> s.kith-lock",
        ])
    func streams(line: String) throws {
        let folder = try makeStore()
        let whole = try contents("s.kith", in: folder)
        // What is said on standard error is in the store then, as the shell wanted it: nothing is said.
        let outcome = try shell("\(line) #", in: folder)
        #expect(outcome.code == 64 || line.contains("2>>"), "\(outcome)")
        #expect(try contents("s.kith", in: folder).prefix(whole.count) == whole)
        #expect(try kith(in: folder, "check", "s.kith").code == 0)
    }

    @Test("is refused in the library too, whose exports go by the same way")
    func library() throws {
        let folder = try makeStore()
        let store = try GraphStore(opening: folder.file("link.kith"))
        let whole = try contents("s.kith", in: folder)
        for name in ["s.kith", "link.kith", "second.kith", "hard.kith", "d/../s.kith", "s.kith-lock", "hard-lock"] {
            #expect(throws: GraphStoreError.self, "\(name)") {
                try store.read { _ = try GraphExport(.tsv).write(.edges(.follows), of: $0, toFile: folder.file(name)) }
            }
        }
        #expect(throws: GraphStoreError.storeExists(path: folder.file("s.kith"))) {
            try store.read { _ = try GraphExport(.tsv).writeAll(of: $0, toFolder: folder.file("s.kith")) }
        }
        #expect(throws: GraphStoreError.self) { try store.backup(to: folder.file("hard.kith")) }
        #expect(try contents("s.kith", in: folder) == whole)
        #expect(try store.check().isSound)
    }

    @Test("as standard error gets no word, not even of that: the exit code tells")
    func standardError() throws {
        let folder = try makeStore()
        #expect(try kith(in: folder, "create", "new.kith").code == 0)
        for (line, file) in [
            ("stats s.kith", "s.kith"), ("add s.kith follows q w", "s.kith"), ("check s.kith", "s.kith"),
            ("stats s.kith --formt json", "s.kith"), ("load s.kith --edges follows=e.tsv", "e.tsv"),
            ("recommend s.kith --users users", "users"), ("swap s.kith new.kith", "s.kith"),
            ("swap s.kith new.kith", "new.kith"),
        ] {
            for redirection in ["2>>", "2<>"] {
                let whole = try contents(file, in: folder)
                #expect(try bash("\(line) \(redirection)\(file)", in: folder) == 64, "\(line) \(redirection)")
                #expect(try contents(file, in: folder) == whole, "\(line) \(redirection)")
            }
        }
        let new = try contents("new.kith", in: folder)
        #expect(try bash("swap s.kith new.kith >> new.kith 2> .errors", in: folder) == 64)
        #expect(try contents("new.kith", in: folder) == new)
    }
}
