import Foundation
import GraphTesting
import Testing

/// `Tools/setup` on machines that are made up: a PATH of stubs, and an empty folder for headers.
@Suite("Tools/setup")
struct SetupTests {
    private let folder: TemporaryFolder
    /// What a machine without anything is told to install.
    private static let all = "pkg-config liblmdb-dev zlib1g-dev libzstd-dev libexpat1-dev"

    init() throws {
        folder = try TemporaryFolder()
        for name in ["bin", "include"] {
            try FileManager.default.createDirectory(atPath: folder.file(name), withIntermediateDirectories: false)
        }
        for tool in ["bash", "env", "touch"] {
            let path = ["/bin/", "/usr/bin/"].map { $0 + tool }.first(where: FileManager.default.isExecutableFile)
            try FileManager.default.createSymbolicLink(
                atPath: folder.file("bin/\(tool)"), withDestinationPath: try #require(path))
        }
        try stub("swift", "exit 0")
    }

    /// Puts a program on the PATH.
    private func stub(_ name: String, _ script: String) throws {
        try Data("#!\(folder.file("bin/bash"))\n\(script)\n".utf8).write(
            to: URL(fileURLWithPath: folder.file("bin/\(name)")))
        chmod(folder.file("bin/\(name)"), 0o755)
    }

    /// An apt-get that notes what it is told, and installs headers and pkg-config when it is told to.
    private func stubApt(installs: Bool = true, updates: Bool = true, code: Int = 0) throws {
        let install = """
            touch \(["lmdb", "zlib", "zstd", "expat"].map { folder.file("include/\($0).h") }.joined(separator: " "))
            printf '#!%s\\nexit 1\\n' \(folder.file("bin/bash")) > \(folder.file("bin/pkg-config"))
            \(try #require(["/bin/chmod", "/usr/bin/chmod"].first(where: FileManager.default.isExecutableFile))) 755 \
            \(folder.file("bin/pkg-config"))
            """
        try stub(
            "apt-get",
            """
            echo "apt-get $* frontend=${DEBIAN_FRONTEND:-} as=${BY:-itself}" >> \(folder.file("calls"))
            if [ "$1" = update ]; then exit \(updates ? 0 : 100); fi
            \(installs ? install : "")
            exit \(code)
            """)
    }

    private func stubUser(_ id: Int, sudo: Bool) throws {
        try stub("id", "echo \(id)")
        // As sudo does, it hands on nothing of the environment but the PATH.
        if sudo { try stub("sudo", #"[ "$1" = -l ] || exec env -i PATH="$PATH" BY=sudo "$@""#) }
    }

    private func run() throws -> (code: Int32, output: String, calls: [String]) {
        let outcome = try BuiltProgram(path: folder.file("bin/bash")).run(
            [Document.root.path + "/Tools/setup"], in: folder,
            environment: ["PATH": folder.file("bin"), "KITH_INCLUDE_FOLDER": folder.file("include")])
        let calls = (try? String(contentsOfFile: folder.file("calls"), encoding: .utf8)) ?? ""
        return (outcome.code, outcome.output, calls.split(separator: "\n").map(String.init))
    }

    @Test("installs what is missing, as root or by sudo, once", arguments: [0, 1_000])
    func installs(user: Int) throws {
        try stubUser(user, sudo: user != 0)
        try stubApt()
        let by = user == 0 ? "itself" : "sudo"
        let first = try run()
        #expect(first.code == 0)
        #expect(first.output == "setup: installing \(Self.all)\n")
        let calls = [
            "apt-get update -qq frontend= as=\(by)",
            "apt-get install -y -qq \(Self.all) frontend=noninteractive as=\(by)",
        ]
        #expect(first.calls == calls)
        let second = try run()
        #expect(second.code == 0 && second.output.isEmpty && second.calls == calls)
    }

    @Test("asks for no more than what is missing")
    func partly() throws {
        try stubUser(0, sudo: false)
        try stubApt()
        try stub("pkg-config", "[ \"$2\" = zlib ]")
        #expect(
            try run().calls.last
                == "apt-get install -y -qq liblmdb-dev libzstd-dev libexpat1-dev frontend=noninteractive as=itself")
    }

    @Test("tells a user who has no sudo what to ask for")
    func withoutSudo() throws {
        try stubUser(1_000, sudo: false)
        try stubApt()
        let outcome = try run()
        #expect(outcome.code == 1 && outcome.calls.isEmpty)
        #expect(
            outcome.output == """
                setup: these packages are missing: \(Self.all); install them as root \
                (apt-get install \(Self.all)) and run this again

                """)
    }

    @Test("tells a user whom sudo refuses the same, before it tries")
    func refused() throws {
        try stubUser(1_000, sudo: false)
        try stub("sudo", "echo 'not in the sudoers file' >&2; exit 1")
        try stubApt()
        let outcome = try run()
        #expect(outcome.code == 1 && outcome.calls.isEmpty)
        #expect(outcome.output.contains("not in the sudoers file\n"))
        #expect(outcome.output.contains("and sudo does not let you install them; install them as root"))
    }

    @Test("names the packages where there is no apt")
    func withoutApt() throws {
        try stubUser(0, sudo: false)
        let outcome = try run()
        #expect(outcome.code == 1)
        #expect(outcome.output.contains("are missing: \(Self.all) (their names on Debian)"))
    }

    @Test("says so when apt fails, and when it did not help")
    func failures() throws {
        try stubUser(0, sudo: false)
        try stubApt(installs: false, code: 100)
        let failed = try run()
        #expect(failed.code == 1 && failed.output.contains("apt could not install \(Self.all)"))
        try stubApt(installs: false)
        let useless = try run()
        #expect(useless.code == 1 && useless.output.contains("still missing: \(Self.all)"))
    }

    @Test("goes on with old lists when apt cannot bring them up to date")
    func offline() throws {
        try stubUser(0, sudo: false)
        try stubApt(updates: false)
        let outcome = try run()
        #expect(outcome.code == 0 && outcome.output.contains("trying with those there are"))
    }

    @Test("says where Swift comes from when it is not there")
    func withoutSwift() throws {
        try FileManager.default.removeItem(atPath: folder.file("bin/swift"))
        let outcome = try run()
        #expect(outcome.code == 1 && outcome.output.contains("https://swift.org/install"))
    }
}
