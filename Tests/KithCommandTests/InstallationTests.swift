import Foundation
import GraphTesting
import Testing

/// What `Tools/install` puts beside the command: manual pages and completion, both made by the command itself.
@Suite("What is installed")
struct InstallationTests {
    @Test("has a manual page for the command and for every verb, which names all its options")
    func manual() throws {
        let folder = try TemporaryFolder()
        #expect(try kith(in: folder, "manual", "man").code == 0)
        let pages = try FileManager.default.contentsOfDirectory(atPath: folder.file("man"))
        #expect(Set(pages) == Set(["kith.1"] + EveryVerbTests.rows.map { "kith-\($0.verb).1" }))
        let root = try String(contentsOfFile: folder.file("man/kith.1"), encoding: .utf8)
        for row in EveryVerbTests.rows {
            #expect(root.contains("kith\\-\(row.verb)(1)"))
            let page = try String(contentsOfFile: folder.file("man/kith-\(row.verb).1"), encoding: .utf8)
            #expect(page.hasPrefix(".TH KITH-\(row.verb.uppercased()) 1"))
            let help = try kith(in: folder, row.verb, "--help").output
            let options = help.matches(of: #/(?m)^  (?:-h, )?(--[a-z-]+)/#).map { String($0.output.1) }
            #expect(options.count >= 4)
            for option in options {
                #expect(page.contains(option.replacingOccurrences(of: "-", with: "\\-")), "\(row.verb) \(option)")
            }
        }
        #expect(root.contains("NO_COLOR") && root.contains(".B 130"))
    }

    @Test("completes verbs and options in bash, zsh and fish", arguments: ["bash", "zsh", "fish"])
    func scripts(shell: String) throws {
        let folder = try TemporaryFolder()
        let script = try kith(in: folder, "--generate-completion-script", shell)
        #expect(script.code == 0 && script.errors == "")
        for row in EveryVerbTests.rows { #expect(script.output.contains(row.verb)) }
        for option in ["problems-max", "half-life-days"] { #expect(script.output.contains(option)) }
        #expect(!script.output.contains("manual"))
    }

    @Test("completes at the prompt of bash")
    func bash() throws {
        try expectCompletion(
            in: "bash", ["--noprofile", "--rcfile", "rc", "-i"],
            rc: """
                source ./script
                kith() { case $1 in ---completion) command kith "$@";; *) printf '<%s>' "$@"; echo;; esac; }
                PS1='ready> '
                """)
    }

    @Test("completes at the prompt of zsh", .enabled(if: isInstalled("zsh"), "zsh is not installed"))
    func zsh() throws {
        try expectCompletion(
            in: "zsh", ["--no-globalrcs", "-i"],
            rc: """
                autoload -U compinit; compinit -u -D; source ./script; compdef _kith kith
                kith() { case $1 in ---completion) command kith "$@";; *) printf '<%s>' "$@"; echo;; esac; }
                PS1='ready> '
                """)
    }

    @Test("completes at the prompt of fish", .enabled(if: isInstalled("fish"), "fish is not installed"))
    func fish() throws {
        try expectCompletion(
            in: "fish", ["--interactive", "--init-command", "source ./rc"],
            rc: """
                source ./script
                function kith; printf '<%s>' $argv; echo; end
                function fish_prompt; printf 'ready> '; end
                function fish_greeting; end
                """)
    }

    private static func isInstalled(_ program: String) -> Bool {
        ["/bin/", "/usr/bin/", "/usr/local/bin/"].contains {
            FileManager.default.isExecutableFile(atPath: $0 + program)
        }
    }

    /// Types lines with tabs at the prompt of a shell, in which `kith` prints its arguments, and looks what becomes of them.
    private func expectCompletion(in shell: String, _ arguments: [String], rc: String) throws {
        let folder = try TemporaryFolder()
        // Keys that a shell could take for more than a word.
        let keys = [
            "alice", "big key", "user:42", "q'uote", "dollar$(touch made)", "x\\y", "star*", "tick`touch made`", "名前",
        ]
        try write(keys.map { "\($0)\tbob\n" }.joined(), "list.tsv", in: folder)
        #expect(try kith(in: folder, "load", "p.kith", "--edges", "follows=list.tsv").code == 0)
        try write(try kith(in: folder, "--generate-completion-script", shell).output, "script", in: folder)
        for name in ["rc", ".zshrc"] { try write(rc, name, in: folder) }
        let path = try builtCommand().deletingLastPathComponent().path
        let inherited = ProcessInfo.processInfo.environment["PATH"] ?? ""
        let terminal = try CommandAtTerminal(
            in: folder, program: shell, arguments, columns: 200,
            environment: [
                "PATH": "\(path):\(inherited)", "HOME": folder.path, "ZDOTDIR": folder.path,
                "LC_ALL": "C.UTF-8", "XDG_CONFIG_HOME": folder.path, "XDG_DATA_HOME": folder.path,
            ])
        var before = ""
        func expect(_ typed: String, _ expected: String...) throws {
            try terminal.wait(for: "ready> ", after: before)
            before = terminal.transcript
            try terminal.type(typed + "\r")
            try terminal.wait(for: expected.map { "<\($0)>" }.joined(), after: before)
        }
        try expect(
            "kith nei\tp.kith ali\t--via fol\t--rec\t", "neighbors", "p.kith", "alice", "--via", "follows", "--recent")
        try expect("kith check p.kith --form\tcs\t", "check", "p.kith", "--format", "csv")
        try expect("kith recommend p.kith --users lis\t", "recommend", "p.kith", "--users", "list.tsv")
        try expect("kith load new.kith --edges frie\t", "load", "new.kith", "--edges", "friends=")
        try expect("kith degree p.kith use\t", "degree", "p.kith", "user:42")
        try expect("kith degree p.kith big\\ k\t", "degree", "p.kith", "big key")
        for key in keys.suffix(6) {
            let isOffered = shell != "bash" || !key.contains { "$`".contains($0) }
            try expect(
                "kith degree p.kith \(key.prefix(1))\t", "degree", "p.kith", isOffered ? key : String(key.prefix(1)))
        }
        #expect(!FileManager.default.fileExists(atPath: folder.file("made")))
        try terminal.type("exit\r")
        _ = try terminal.end()
    }
}
