import Foundation
import GraphTesting
import Kith
import Testing

/// A verb that meets failing calls: how it is called, and what it makes.
struct FaultScenario: CustomTestStringConvertible {
    let name: String
    /// The command line; WORK becomes the folder in which calls fail, INPUT one in which they do not.
    let arguments: [String]
    /// Whether there is a store before.
    var hasStore = true
    /// What it makes in the folder beside the store, once it is done.
    var products: [String] = []
    /// Part of the paths of the files whose calls fail; the folder's unless given.
    var part: String?
    /// Whether its input is so large that it runs only where all is run.
    var isLarge = false

    var testDescription: String { name }

    static let all: [FaultScenario] = [
        .init(name: "add", arguments: ["add", "WORK/s.kith", "follows", "new", "newer", "--at", "1000"]),
        .init(name: "remove", arguments: ["remove", "WORK/s.kith", "follows", "1", "0"]),
        .init(name: "remove --node", arguments: ["remove", "WORK/s.kith", "--node", "user", "0"]),
        .init(
            name: "schema",
            arguments: [
                "schema", "WORK/s.kith", "--add-kind", "place", "--add-edge-type",
                #"{"name": "visits", "from": "user", "to": "place"}"#,
            ]),
        .init(name: "load into a store", arguments: load("small")),
        .init(name: "load into a store, spilling", arguments: load("large") + ["--memory", "1"], isLarge: true),
        .init(name: "load", arguments: load("small"), hasStore: false),
        .init(name: "load, spilling", arguments: load("large") + ["--memory", "1"], hasStore: false, isLarge: true),
        .init(name: "create", arguments: ["create", "WORK/s.kith"], hasStore: false),
        .init(name: "compact", arguments: ["compact", "WORK/s.kith"]),
        .init(name: "compact, the copy's pipe", arguments: ["compact", "WORK/s.kith"], part: "socket:"),
        .init(name: "compact --reorder", arguments: ["compact", "WORK/s.kith", "--reorder"]),
        .init(
            name: "backup, the copy's pipe", arguments: ["backup", "WORK/s.kith", "WORK/copy.kith"],
            products: ["copy.kith"], part: "socket:"),
        .init(
            name: "export --output",
            arguments: ["export", "WORK/s.kith", "--edges", "follows", "--output", "WORK/f.tsv"],
            products: ["f.tsv"]),
        .init(
            name: "export --folder", arguments: ["export", "WORK/s.kith", "--folder", "WORK/dump"], products: ["dump"]),
        .init(
            name: "export --folder --gzip", arguments: ["export", "WORK/s.kith", "--folder", "WORK/dump", "--gzip"],
            products: ["dump"]),
        .init(name: "check", arguments: ["check", "WORK/s.kith"]),
        .init(name: "stats", arguments: ["stats", "WORK/s.kith"]),
        .init(name: "neighbors", arguments: ["neighbors", "WORK/s.kith", "0", "--via", "follows", "--in"]),
    ]

    private static func load(_ file: String) -> [String] {
        ["load", "WORK/s.kith", "--edges", "follows=INPUT/\(file).tsv", "--threads", "2"]
    }
}
