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

    @Test("completes edge types and keys in bash from the store on the line")
    func completion() throws {
        let folder = try TemporaryFolder()
        try write("alice\tbob\nalbert\tbob\n", "e.tsv", in: folder)
        #expect(try kith(in: folder, "load", "s.kith", "--edges", "follows=e.tsv").code == 0)
        try write(try kith(in: folder, "--generate-completion-script", "bash").output, "kith.bash", in: folder)
        func completed(_ line: String) throws -> [String] {
            let process = Process()
            process.executableURL = URL(fileURLWithPath: "/bin/bash")
            process.currentDirectoryURL = URL(fileURLWithPath: folder.path)
            process.arguments = [
                "-c",
                """
                PATH="$1:$PATH"; source ./kith.bash; COMP_LINE=$2; COMP_POINT=${#2}; read -ra COMP_WORDS <<< "$2"
                COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); _kith kith "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD-1]}"; echo "${COMPREPLY[@]}"
                """, "bash", try builtCommand().deletingLastPathComponent().path, line,
            ]
            let output = Pipe()
            process.standardOutput = output
            process.standardError = FileHandle.nullDevice
            try process.run()
            let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
            process.waitUntilExit()
            return text.split(whereSeparator: \.isWhitespace).map(String.init)
        }
        #expect(try completed("kith nei").contains("neighbors"))
        #expect(try completed("kith neighbors s.kith alice --via fol") == ["follows"])
        #expect(Set(try completed("kith degree s.kith al")) == ["alice", "albert"])
        #expect(try completed("kith stats s.kith --deg") == ["--degrees"])
    }
}
