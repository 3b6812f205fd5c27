import ArgumentParser
import Foundation
import Kith

extension CompletionKind {
    /// An edge type of the store that the command line names.
    static let edgeType = custom { store, _ in store.map(StoreWords.edgeTypes) ?? [] }
    /// A kind of node of that store.
    static let nodeKind = custom { store, _ in store.map(StoreWords.kinds) ?? [] }
    /// The key of a node of that store.
    static let nodeKey = custom { store, word in store.map { StoreWords.keys(startingWith: word, in: $0) } ?? [] }
    /// What `remove` takes: an edge type, then keys.
    static let edgeOrNode = custom { store, word in
        guard let store else { return [] }
        return StoreWords.edgeTypes(in: store) + (word.isEmpty ? [] : StoreWords.keys(startingWith: word, in: store))
    }
    /// TYPE=FILE; a store that is still to be made has the social types.
    static let edgeTypeAndFile = custom { store, word in
        StoreWords.pairs(
            of: store.map(StoreWords.edgeTypes) ?? Schema.social.edgeTypes.map(\.name.text), startingWith: word)
    }
    /// KIND=FILE.
    static let nodeKindAndFile = custom { store, word in
        StoreWords.pairs(of: store.map(StoreWords.kinds) ?? Schema.social.nodeKinds.map(\.name), startingWith: word)
    }

    private static func custom(
        _ candidates: @escaping @Sendable (_ store: GraphStore?, _ word: String) -> [String]
    ) -> CompletionKind {
        .custom { line, _, word in
            let shell = CompletionShell.requesting ?? .fish
            // The store is the first word behind the verb that is one.
            let store = line.dropFirst(2).lazy.compactMap { word in
                try? GraphStore(
                    opening: (shell.word(typedAs: word) as NSString).expandingTildeInPath,
                    options: .init(isReadOnly: true, clearsDeadReaders: false))
            }.first
            return candidates(store, shell.word(typedAs: word)).compactMap(shell.candidate)
        }
    }
}

/// How words pass between the completion scripts of the argument parser and what completes them.
extension CompletionShell {
    /// What a word of the line means: most scripts hand on what was typed, with its quotes and backslashes.
    fileprivate func word(typedAs text: String) -> String {
        let version = CompletionShell.requestingVersion?.split(separator: ".").first.flatMap { Int($0) }
        if self == .fish, let version, version < 4 { return text }
        return ShellWords(text).last
    }

    /// A candidate as the script takes it for this word and nothing else; nil where that cannot be.
    fileprivate func candidate(_ word: String) -> String? {
        // One of several lines would be several, and another shell shows what it is given as it is: what a terminal does not
        // show is not offered.
        if word.unicodeScalars.contains(where: \.isUnprintable) { return nil }
        switch self {
        case .bash:
            // It hands candidates to `compgen -W`, which expands them: a key `$(...)` would be run. And bash itself puts no
            // backslash before a dollar or a backquote on the line.
            if word.contains(where: { "$`".contains($0) }) { return nil }
            return word.map { $0.isLetter || $0.isNumber || "-_./=,@%+".contains($0) ? "\($0)" : "\\\($0)" }.joined()
        case .zsh:
            // Behind a colon it takes a description.
            return word.map { $0 == ":" || $0 == "\\" ? "\\\($0)" : "\($0)" }.joined()
        default:
            return word
        }
    }
}
