import ArgumentParser
import Kith

/// `kith upgrade`
struct Upgrade: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Bring a store of an older format version to that of this program.",
        discussion: """
            A store of format version 3 is read as it is, and asked, checked, copied, compacted and exported like any other. \
            Nothing is written to it until it is upgraded, so that no program that knows version 3 alone is locked out by \
            chance: verbs that change it are refused, 'compact --reorder' too, and 'swap' beside a store of this version. Programs of before are refused from the upgrade on, those that have the store open at their next read or \
            write. So first let every service that uses the store be of this version, then upgrade.

            It is one durable change that takes no time, whatever the store holds; others read meanwhile. There is no way \
            back but a backup that was made before. A store that has this version already stays as it is.

            Examples:
              kith backup people.kith before.kith && kith upgrade people.kith
              kith stats people.kith --format json      # "version" and "features"
            """)

    @OptionGroup var store: StoreArgument
    @OptionGroup var wait: WaitOption
    @OptionGroup var output: OutputOptions

    func run() throws {
        // What the shell has given up on, while others write, changes nothing.
        let running = RunningVerb.current
        let upgrade = try store.openToWrite(wait).upgrade { running?.request.isMade ?? false }
        if upgrade.isChange { Accomplishment.current.note("the store is upgraded") }
        try Report(
            json: .object([
                ("upgraded", .bool(upgrade.isChange)), ("versionBefore", .integer(Int(upgrade.versionBefore))),
                ("version", .integer(Int(upgrade.version))),
            ]),
            headings: ["upgraded", "version before", "version"],
            rows: [
                [
                    .bool(upgrade.isChange), .integer(Int(upgrade.versionBefore)), .integer(Int(upgrade.version)),
                ]
            ]
        ).print(as: output.format)
    }
}
