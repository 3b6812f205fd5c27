/// What may come next in a shell's line: verbs, options, their values, edge types, kinds, keys and files.
struct ShellCompletion {
    private let verbs: [CommandDescription]
    private let ownWords: [String]
    private let store: KeptStore

    /// - Parameters:
    ///   - verbs: what can be run.
    ///   - ownWords: what else the shell understands in place of a verb.
    init(_ verbs: [CommandDescription], ownWords: [String], store: KeptStore) {
        (self.verbs, self.ownWords, self.store) = (verbs, ownWords, store)
    }

    /// What may stand in place of the word at the cursor.
    func callAsFunction(_ line: EditedLine) -> LineEditor.Completion {
        let typed = ShellWords(line.letters[..<line.cursor])
        return .init(start: typed.lastStart, candidates: candidates(for: typed.last, behind: typed.before))
    }

    private func candidates(for word: String, behind before: [String]) -> [String] {
        func starting(_ candidates: [String]) -> [String] { candidates.filter { $0.hasPrefix(word) } }
        guard let name = before.first else { return starting((verbs.map(\.commandName) + ownWords).sorted()) }
        if name == "help" { return starting(verbs.map(\.commandName)) }
        guard let verb = verbs.first(where: { $0.commandName == name }) else { return [] }
        if word.hasPrefix("-") { return starting(verb.options.flatMap { $0.names ?? [] }.map(\.text).sorted()) }
        // Walks over what is there: which argument is the next word for?
        var places = verb.positional.filter { $0.valueName != "store" }[...]
        var option: CommandDescription.Argument?
        for given in before.dropFirst() {
            if given.hasPrefix("-") {
                option = verb.option(named: given).flatMap { $0.kind == .option ? $0 : nil }
            } else if let current = option {
                if !current.takesMany { option = nil }
            } else if places.first?.isRepeating == false {
                places.removeFirst()
            }
        }
        let argument = option ?? places.first
        return argument.map { values(of: $0, startingWith: word, verb: name, before.count == 1) } ?? []
    }

    private func values(
        of argument: CommandDescription.Argument, startingWith word: String, verb: String, _ isFirst: Bool
    ) -> [String] {
        func starting(_ candidates: [String]) -> [String] { candidates.filter { $0.hasPrefix(word) } }
        if let values = argument.allValues { return starting(values) }
        guard let graph = try? store.toRead() else { return [] }
        switch (verb, argument.valueName) {
        case (_, "type=file"): return StoreWords.pairs(of: StoreWords.edgeTypes(in: graph), startingWith: word)
        case (_, "kind=file"): return StoreWords.pairs(of: StoreWords.kinds(in: graph), startingWith: word)
        case (_, "type"): return starting(StoreWords.edgeTypes(in: graph))
        case (_, "kind"): return starting(StoreWords.kinds(in: graph))
        case ("remove", "what"):
            return isFirst
                ? starting(StoreWords.edgeTypes(in: graph)) : StoreWords.keys(startingWith: word, in: graph)
        case (_, "user"), (_, "candidate"), (_, "node"), (_, "from"), (_, "to"), (_, "first"), (_, "second"),
            (_, "key"):
            return StoreWords.keys(startingWith: word, in: graph)
        case (_, "file"), (_, "folder"):
            return StoreWords.files(startingWith: word)
        default: return []
        }
    }
}
