import Foundation
import GraphTesting
import Testing

/// Who may read what verbs write, and when it has its name.
@Suite("An output")
struct OutputFileTests {
    /// Each option that names an output, and the files it makes of `out`.
    static let verbs: [(line: String, files: [String])] = [
        ("export s.kith --edges follows --output out", ["out"]),
        ("export s.kith --edges follows --output out.gz", ["out.gz"]),
        ("export s.kith --folder out", ["out/follows.edges.tsv", "out/user.nodes.tsv", "out/schema.json"]),
        ("recommend s.kith a --output out", ["out"]), ("recommend s.kith --all --output out", ["out"]),
        ("recommend s.kith --all --format csv --output out", ["out"]),
        ("load s.kith --edges follows=e.tsv --on-error skip --rejects out", ["out"]),
    ]

    private func makeStore() throws -> TemporaryFolder {
        let folder = try TemporaryFolder()
        try write("a\tb\nb\tc\nshort\n", "e.tsv", in: folder)
        let load = try kith(in: folder, "load", "s.kith", "--edges", "follows=e.tsv", "--on-error", "skip")
        #expect(load.code == 0, "\(load.errors)")
        return folder
    }

    private func run(_ line: String, in folder: TemporaryFolder) throws -> CommandOutcome {
        try kith(in: folder, arguments: line.split(separator: " ").map(String.init))
    }

    private func mode(_ name: String, in folder: TemporaryFolder) throws -> Int? {
        try FileManager.default.attributesOfItem(atPath: folder.file(name))[.posixPermissions] as? Int
    }

    @Test(
        "is as private as the store, also where it replaces what was open to all, unless --mode says otherwise",
        arguments: 0..<7)
    func privacy(index: Int) throws {
        let (line, files) = OutputFileTests.verbs[index]
        let folder = try makeStore()
        let isFolder = line.contains("--folder")
        for (store, made, old) in [
            (0o600, 0o600, 0o644), (0o640, 0o640, 0o640), (0o644, 0o644, 0o664), (0o644, 0o600, 0o600),
        ] {
            chmod(folder.file("s.kith"), mode_t(store))
            for isThere in isFolder ? [false] : [false, true] where isThere || made == store {
                if isThere {
                    try write("as it was", files[0], in: folder)
                    chmod(folder.file(files[0]), mode_t(old))
                }
                let outcome = try run(line, in: folder)
                #expect(outcome.code == 0, "\(outcome.errors)")
                for file in files { #expect(try mode(file, in: folder) == made, "\(file), store \(store), old \(old)") }
                if isFolder { #expect(try mode("out", in: folder) == made | (made & 0o444) >> 2) }
                try FileManager.default.removeItem(atPath: folder.file(isFolder ? "out" : files[0]))
            }
        }
        chmod(folder.file("s.kith"), 0o600)
        let outcome = try run(line + " --mode 664", in: folder)
        #expect(outcome.code == 0, "\(outcome.errors)")
        for file in files { #expect(try mode(file, in: folder) == 0o664) }
        if isFolder { #expect(try mode("out", in: folder) == 0o775) }
        for bad in ["888", "-1", "7777", "rw"] { #expect(try run(line + " --mode=\(bad)", in: folder).code == 64) }
    }

    @Test("of a generator is what other programs make, or as --mode says")
    func generated() throws {
        let folder = try TemporaryFolder()
        #expect(try run("generate rmat --scale 3 --output out", in: folder).code == 0)
        let usual = try mode("out", in: folder)
        try write("", "touched", in: folder)
        #expect(try usual == mode("touched", in: folder))
        #expect(try run("generate rmat --scale 3 --output out --mode 600", in: folder).code == 0)
        #expect(try mode("out", in: folder) == 0o600)
        #expect(try run("generate rmat --scale 3 --mode 600", in: folder).code == 64)
    }

    @Test(
        "keeps the owner and the group of what it replaces, when root writes it",
        .enabled(if: getuid() == 0, "needs root, who may give files away"))
    func owner() throws {
        let folder = try makeStore()
        for line in ["export s.kith --edges follows --output out", "recommend s.kith --all --output out"] {
            try write("as it was", "out", in: folder)
            try #require(chown(folder.file("out"), 12_345, 12_346) == 0)
            #expect(try run(line, in: folder).code == 0)
            let attributes = try FileManager.default.attributesOfItem(atPath: folder.file("out"))
            #expect(attributes[.ownerAccountID] as? Int == 12_345 && attributes[.groupOwnerAccountID] as? Int == 12_346)
        }
    }

    @Test("goes where a link leads, also to what is not there yet; a pipe and an open file are written as they are")
    func elsewhere() throws {
        let folder = try makeStore()
        try FileManager.default.createDirectory(atPath: folder.file("d"), withIntermediateDirectories: true)
        try FileManager.default.createSymbolicLink(atPath: folder.file("link"), withDestinationPath: "d/out")
        for _ in 0..<2 {
            #expect(try run("export s.kith --edges follows --output link", in: folder).code == 0)
            let kind = try FileManager.default.attributesOfItem(atPath: folder.file("link"))[.type]
            #expect(kind as? FileAttributeType == .typeSymbolicLink)
            #expect(try String(contentsOfFile: folder.file("d/out"), encoding: .utf8).hasPrefix("from\tto"))
        }
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/bash")
        let command = try builtCommand().path
        process.arguments = [
            "-c",
            """
            (echo before; '\(command)' export s.kith --edges follows --output /dev/stdout --format jsonl; echo after) > all
            (echo before; '\(command)' generate rmat --scale 2 --output /dev/fd/7; echo after >&7) 7> open
            mkfifo pipe; cat pipe > piped & '\(command)' export s.kith --edges follows --output pipe > /dev/null; wait
            """,
        ]
        process.currentDirectoryURL = URL(fileURLWithPath: folder.path)
        process.standardOutput = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        let all = try String(contentsOfFile: folder.file("all"), encoding: .utf8)
        #expect(all.hasPrefix("before\nfrom\tto") && all.hasSuffix("after\n"))
        let open = try String(contentsOfFile: folder.file("open"), encoding: .utf8)
        #expect(open.hasSuffix("after\n") && open.split(separator: "\n").count > 4)
        #expect(try String(contentsOfFile: folder.file("piped"), encoding: .utf8).hasPrefix("from\tto"))
        #expect(try folder.names().allSatisfy { !$0.hasPrefix(".") })
    }

    @Test(
        "that fails leaves what was there as it was",
        arguments: [
            "export s.kith --edges nosuch --output out", "recommend s.kith nobody --output out",
            "load s.kith --edges follows=none.tsv --on-error skip --rejects out",
            "load s.kith --edges nosuch=e.tsv --on-error skip --rejects out",
        ])
    func failing(line: String) throws {
        let folder = try makeStore()
        try write("as it was", "out", in: folder)
        #expect(try run(line, in: folder).code != 0)
        #expect(try String(contentsOfFile: folder.file("out"), encoding: .utf8) == "as it was")
        #expect(try folder.names() == ["e.tsv", "out", "s.kith", "s.kith-lock"])
    }
}
