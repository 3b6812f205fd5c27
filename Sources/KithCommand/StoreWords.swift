import Foundation
import Kith

/// The words that may stand in an argument: for the completion scripts of other shells, and for kith's own.
enum StoreWords {
    /// At most so many keys are offered: more would not be read.
    static let keysMax = 100

    /// The store's edge types.
    static func edgeTypes(in store: GraphStore) -> [String] { store.schema.edgeTypes.map(\.name.text) }

    /// The store's kinds of node.
    static func kinds(in store: GraphStore) -> [String] { store.schema.nodeKinds.map(\.name) }

    /// Keys that start with `prefix`, of every kind.
    static func keys(startingWith prefix: String, in store: GraphStore) -> [String] {
        let keys = try? store.read { snapshot in
            try snapshot.schema.nodeKinds.flatMap { kind in
                try snapshot.keys(startingWith: prefix, kind: kind, limit: keysMax)
            }
        }
        return (keys ?? []).prefix(keysMax).map(\.description)
    }

    /// NAME=FILE for one of the names: names as long as several may be meant, then files.
    static func pairs(of names: [String], startingWith word: String) -> [String] {
        if let sign = word.firstIndex(of: "=") {
            return files(startingWith: String(word[sign...].dropFirst())).map { word[...sign] + $0 }
        }
        let names = names.filter { $0.hasPrefix(word) }.map { $0 + "=" }
        // Shells put a blank behind what is the only candidate.
        return names.count == 1 ? pairs(of: [], startingWith: names[0]) : names
    }

    /// Files whose path starts with `word`; folders end with a slash.
    static func files(startingWith word: String) -> [String] {
        let folder = word.lastIndex(of: "/").map { String(word[...$0]) } ?? ""
        let name = word.dropFirst(folder.count)
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.isEmpty ? "." : folder)) ?? []
        return names.filter { $0.hasPrefix(name) && ($0.hasPrefix(".") == name.hasPrefix(".")) }.sorted().map { name in
            let path = folder + name
            var isFolder: ObjCBool = false
            unsafe _ = FileManager.default.fileExists(atPath: path, isDirectory: &isFolder)
            return path + (isFolder.boolValue ? "/" : "")
        }
    }
}
