import Testing

/// A verb that meets failing calls: how it is called, and what it makes.
struct FaultScenario: CustomTestStringConvertible {
    let name: String
    /// The command line; WORK becomes the folder in which calls fail, INPUT one in which they do not.
    let arguments: [String]
    /// Whether there is a store before.
    var hasStore = true
    /// Files of the input that are in the folder before, and their names there.
    var copies: [String: String] = [:]
    /// The file that standard input is, by its name in the input.
    var standardInput: String?
    /// What it makes in the folder beside the store, once it is done.
    var products: [String] = []
    /// Whether a product that is not finished stays, to be gone on with: the beginning of the finished one.
    var keepsUnfinished = false
    /// Part of the paths of the files whose calls fail, with WORK and INPUT; the folder's unless given.
    var part = "WORK"
    /// How the verb prints.
    var format = "json"
    /// Whether its input is so large that it runs only where all is run.
    var isLarge = false

    var testDescription: String { name }

    static let all = changing + making + writtenAnew + copying + output + reading
}

extension FaultScenario {
    private static let adding = ["add", "WORK/s.kith", "follows", "new", "newer", "--at", "1000"]

    private static let removingKeys = ["remove", "WORK/s.kith", "--node", "user", "--from", "INPUT/keys"]

    /// Small changes of a store that is there.
    private static let changing: [FaultScenario] = [
        .init(name: "add", arguments: adding),
        .init(name: "add, standard output", arguments: adding, part: ".output"),
        .init(name: "add with --verify", arguments: adding + ["--verify"]),
        .init(name: "add in a shell", arguments: ["shell", "WORK/s.kith"], standardInput: "script"),
        .init(name: "remove", arguments: ["remove", "WORK/s.kith", "follows", "1", "0"]),
        .init(name: "remove --node", arguments: ["remove", "WORK/s.kith", "--node", "user", "0"]),
        .init(
            name: "remove --from",
            arguments: ["remove", "WORK/s.kith", "follows", "--from", "INPUT/base.tsv"]),
        .init(name: "remove --from, its input", arguments: removingKeys, part: "INPUT"),
        .init(name: "apply", arguments: ["apply", "WORK/s.kith", "INPUT/changes.jsonl"]),
        .init(name: "apply, its input", arguments: ["apply", "WORK/s.kith", "INPUT/changes.jsonl"], part: "INPUT"),
        .init(
            name: "apply with rejects", arguments: ["apply", "WORK/s.kith", "INPUT/bad.jsonl"] + rejecting,
            products: ["rejects.jsonl"]),
        .init(name: "forget", arguments: ["forget", "WORK/s.kith", "user", "0"]),
        .init(name: "forget --from", arguments: ["forget", "WORK/s.kith", "user", "--from", "INPUT/keys"]),
        .init(name: "readers --clear", arguments: ["readers", "WORK/s.kith", "--clear"]),
        .init(
            name: "upgrade", arguments: ["upgrade", "WORK/s.kith"], hasStore: false,
            copies: ["older.kith": "s.kith"]),
        .init(
            name: "schema",
            arguments: [
                "schema", "WORK/s.kith", "--add-kind", "place", "--add-edge-type",
                #"{"name": "visits", "from": "user", "to": "place"}"#,
            ]),
    ]

    private static func load(_ file: String) -> [String] {
        ["load", "WORK/s.kith", "--edges", "follows=INPUT/\(file).tsv", "--threads", "2"]
    }

    private static let spilling = ["--memory", "1"]
    private static let rejecting = ["--on-error", "skip", "--rejects", "WORK/rejects.jsonl"]

    /// New stores, and much that comes into one.
    private static let making: [FaultScenario] = [
        .init(name: "create", arguments: ["create", "WORK/s.kith"], hasStore: false),
        .init(
            name: "create with a schema", arguments: ["create", "WORK/s.kith", "--schema", "INPUT/schema.json"],
            hasStore: false, part: "INPUT"),
        .init(name: "load", arguments: load("small"), hasStore: false),
        .init(name: "load, its input", arguments: load("small"), hasStore: false, part: "INPUT"),
        .init(name: "load, spilling", arguments: load("large") + spilling, hasStore: false, isLarge: true),
        .init(
            name: "load with rejects", arguments: load("bad") + rejecting, hasStore: false, products: ["rejects.jsonl"]),
        .init(name: "load into a store", arguments: load("small")),
        .init(name: "load --replace", arguments: load("small") + ["--replace", "follows", "--at", "1000"]),
        .init(name: "load --folder", arguments: ["load", "WORK/s.kith", "--folder", "INPUT/dump"], hasStore: false),
        .init(
            name: "load --folder, its files", arguments: ["load", "WORK/s.kith", "--folder", "INPUT/dump"],
            hasStore: false, part: "INPUT/dump"),
        .init(name: "load into a store, spilling", arguments: load("large") + spilling, isLarge: true),
        .init(
            name: "load into a store with rejects", arguments: load("bad") + rejecting, products: ["rejects.jsonl"]),
    ]

    /// Another file in the place of the store's.
    private static let writtenAnew: [FaultScenario] = [
        .init(name: "compact", arguments: ["compact", "WORK/s.kith"]),
        .init(name: "compact, the copy's pipe", arguments: ["compact", "WORK/s.kith"], part: "socket:"),
        .init(name: "compact --reorder", arguments: ["compact", "WORK/s.kith", "--reorder"]),
        .init(
            name: "swap", arguments: ["swap", "WORK/s.kith", "WORK/new.kith"], copies: ["other.kith": "new.kith"]),
    ]

    private static let backingUp = ["backup", "WORK/s.kith", "WORK/copy.kith"]

    /// Copies of the store, and what it holds as rows.
    private static let copying: [FaultScenario] = [
        .init(name: "backup", arguments: backingUp, products: ["copy.kith"]),
        .init(name: "backup, the copy's pipe", arguments: backingUp, products: ["copy.kith"], part: "socket:"),
        .init(name: "backup --compact", arguments: backingUp + ["--compact"], products: ["copy.kith"]),
        .init(
            name: "export --output",
            arguments: ["export", "WORK/s.kith", "--edges", "follows", "--output", "WORK/f.tsv"], products: ["f.tsv"]),
        .init(
            name: "export --folder", arguments: ["export", "WORK/s.kith", "--folder", "WORK/dump"], products: ["dump"]),
        .init(
            name: "export --folder --gzip", arguments: ["export", "WORK/s.kith", "--folder", "WORK/dump", "--gzip"],
            products: ["dump"]),
    ]

    private static let recommending = [
        "recommend", "WORK/s.kith", "--by", "friends-of-friends", "--via", "follows", "--threads", "2",
    ]

    /// Results in a file or on standard output.
    private static let output: [FaultScenario] = [
        .init(
            name: "recommend --output", arguments: recommending + ["--all", "--output", "WORK/all.csv"],
            products: ["all.csv"], format: "csv"),
        .init(
            name: "recommend --output, lines", arguments: recommending + ["--all", "--output", "WORK/all.jsonl"],
            products: ["all.jsonl"], keepsUnfinished: true),
        .init(
            name: "recommend --output, lines over another file",
            arguments: recommending + ["--all", "--output", "WORK/all.jsonl"], copies: ["keys": "all.jsonl"],
            products: ["all.jsonl"], keepsUnfinished: true),
        .init(
            name: "recommend --users", arguments: recommending + ["--users", "INPUT/keys"], part: "INPUT", format: "csv"
        ),
        .init(
            name: "recommend, standard output", arguments: recommending + ["--all"], part: ".output", format: "csv"),
        .init(
            name: "export, standard output", arguments: ["export", "WORK/s.kith", "--edges", "follows"],
            part: ".output"),
    ]

    /// What only reads.
    private static let reading: [FaultScenario] = [
        .init(name: "check", arguments: ["check", "WORK/s.kith"]),
        .init(name: "stats", arguments: ["stats", "WORK/s.kith"]),
        .init(name: "neighbors", arguments: ["neighbors", "WORK/s.kith", "0", "--via", "follows", "--in"]),
    ]
}
