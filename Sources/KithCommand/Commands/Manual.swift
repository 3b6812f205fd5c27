import ArgumentParser
import Foundation
import Kith

/// `kith manual`, which `Tools/install` calls.
struct Manual: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Write the manual pages: kith.1 and one for each verb.", shouldDisplay: false)

    @Argument(help: "The folder for the pages, which is made.", completion: .directory) var folder: String

    func run() throws {
        let command = try CommandDescription.ofKith()
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let verbs = (command.subcommands ?? []).filter { Kith.verbNames.contains($0.commandName) }
        try write(ManualPage(of: command, verbs: verbs), "kith.1")
        for verb in verbs { try write(ManualPage(of: verb), "kith-\(verb.commandName).1") }
    }

    private func write(_ page: ManualPage, _ name: String) throws {
        var writer = try LineWriter(path: "\(folder)/\(name)", access: .usual, protected: ProtectedFiles())
        try writer.write(Array(page.text.utf8))
        try writer.finish()
    }
}
