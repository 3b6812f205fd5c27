import ArgumentParser
import Kith

/// What verbs that read rows do with bad ones.
struct BadRowOptions: ParsableArguments {
    /// What a bad row does.
    enum OnError: String, ExpressibleByArgument, CaseIterable {
        case stop, skip
    }

    @Option(help: "What a bad row does: stop, with nothing changed, or be skipped.")
    var onError: OnError = .stop
    @Option(
        help: ArgumentHelp("Where skipped rows are written, as JSON lines.", valueName: "file"), completion: .file())
    var rejects: String?
    @OptionGroup var file: FileModeOption

    var isGiven: Bool { onError == .skip || rejects != nil || file.mode != nil }

    func validate() throws {
        guard rejects == nil || onError == .skip else {
            throw ValidationError("--rejects goes with --on-error skip: else the first bad row stops all")
        }
        guard file.mode == nil || rejects != nil else { throw ValidationError("--mode goes with --rejects") }
    }

    /// The same, as the library has it.
    var policy: BulkLoader.RowErrorPolicy { onError == .stop ? .stop : .skip }

    /// The file of rejected rows, if one is to be written.
    func rejectFile(of store: StoreArgument, _ protected: ProtectedFiles) throws -> RejectFile? {
        try rejects.map { try RejectFile(path: $0, access: file.access(to: store.store), protected: protected) }
    }

    /// Applies the changes of a file to a store, and sees to the file of rejected rows.
    ///
    /// - Parameters:
    ///   - word: what progress calls it.
    ///   - done: what is done for good, as a sentence without its full stop.
    func apply(
        _ changes: ChangeFile, to store: StoreArgument, _ wait: WaitOption, _ output: OutputOptions, word: String,
        done: @escaping @Sendable (ChangeFile.Report) -> String
    ) throws -> ChangeFile.Report {
        if changes.path == "-" { try RunningVerb.checkStandardInput() }
        let protected = ProtectedFiles(store: store.store, inputs: [changes.path])
        try StorePath.checkStreams(protected)
        let rejected = try rejectFile(of: store, protected)
        let open = try store.openToWrite(wait)
        let line = output.progressLine
        defer { line.clear() }
        let interruption = try Interruption()
        let accomplishment = Accomplishment.current
        var changes = changes
        changes.codings = InputCodings.all
        changes.onError = policy
        changes.onReject = { try rejected?.write($0) }
        changes.onProgress = { line.show(word, done: $0.lines, of: nil, unit: "lines") }
        changes.onCommit = { accomplishment.note(done($0)) }
        changes.isCancelled = interruption.wasRequested
        do {
            let report = try open.apply(changes)
            line.clear()
            try rejected?.close()
            return report
        } catch {
            // Rows that were left out of commits that stay are left out for good.
            if accomplishment.noted != nil { try rejected?.close() }
            throw error
        }
    }
}
