import Foundation

extension LoadPipeline {
    /// A file to read, in the order of the load.
    struct Input {
        let path: String
        let format: EdgeFileFormat?
        let dialect: FileDialect
        let codings: [any ByteCoding]
        let rows: DecodedRows
        let subject: RowSubject
    }

    /// Where the reading of files is: one thread at a time.
    private final class Reading: @unchecked Sendable {
        let inputs: [Input]
        let chunkBytes: Int
        private let lock = NSLock()
        private var source: EdgeFileSource?
        private var file = 0
        private var number = 0
        private var isOver = false
        private var bytesBefore = 0

        init(_ inputs: [Input], chunkBytes: Int) {
            self.inputs = inputs
            self.chunkBytes = chunkBytes
        }

        struct Taken {
            let number: Int
            let file: Int
            let bytes: Int
            /// What the file is, or why it cannot be read on.
            let recognition: Result<EdgeFileSource.Recognition, any Error>
        }

        /// The next chunk, of this file or the next; nil when all are read.
        func next(into chunk: TextChunk, _ parsed: ParsedRows) -> Taken? {
            lock.withLock {
                while !isOver, file < inputs.count {
                    do {
                        let source =
                            try source
                            ?? EdgeFileSource(
                                opening: inputs[file].path, format: inputs[file].format, dialect: inputs[file].dialect,
                                codings: inputs[file].codings, holding: inputs[file].rows, chunkBytes: chunkBytes)
                        self.source = source
                        let subject = inputs[file].subject
                        if try source.next(
                            into: chunk, shape: parsed.shape(of: subject), kinds: parsed.kinds(of: subject)),
                            let recognition = source.recognition
                        {
                            defer { number += 1 }
                            return Taken(
                                number: number, file: file, bytes: bytesBefore + source.bytesRead,
                                recognition: .success(recognition))
                        }
                        bytesBefore += source.bytesRead
                    } catch {
                        isOver = true
                        return Taken(
                            number: number, file: file, bytes: bytesBefore, recognition: .failure(error))
                    }
                    source = nil
                    file += 1
                }
                return nil
            }
        }
    }

    /// Reads all files.
    ///
    /// - Throws: ``LoadError``: the first in the order of rows.
    func read(
        _ inputs: [Input], bytesTotal: Int?, rejects: BulkLoader.RejectPolicy
    ) throws {
        report.files = inputs.map { FileReport(path: $0.path, subject: $0.subject, of: schema) }
        let reading = Reading(inputs, chunkBytes: chunkBytes)
        let gate = OrderedGate()
        let lines = Lines()
        try WorkerThreads.run(threads) { [self] _ in
            let parsed = makeParsedRows()
            let chunk = TextChunk(capacity: chunkBytes)
            do {
                while let taken = reading.next(into: chunk, parsed) {
                    let input = inputs[taken.file]
                    switch taken.recognition {
                    case .success(let recognition): parsed.read(chunk, by: recognition.reader, as: input.subject)
                    case .failure: parsed.removeAll()
                    }
                    let blocks = makeRecords(of: parsed.edges)
                    try gate.pass(taken.number) {
                        try checkCancelled()
                        if lines.file != taken.file || lines.reader == nil {
                            try finish(lines, of: inputs[lines.file].path)
                            lines.begin(taken.file, skipped: input.dialect.skippedLines)
                            if case .success(let recognition) = taken.recognition {
                                lines.reader = recognition.reader
                                report.files[taken.file].note(recognition)
                            }
                        }
                        try reject(parsed.rejected, input.path, lines, rejects)
                        if case .failure(let error) = taken.recognition {
                            guard let error = error as? RowError else { throw error }
                            throw LoadError.badRow(
                                RejectedRow(path: input.path, line: lines.count + 1, error: error, text: ""))
                        }
                        lines.count += parsed.lineCount
                        report.files[taken.file].add(
                            parsed, goodRows: blocks.reduce(parsed.nodeRowCount) { $0 + $1.rowCount })
                        lines.tally += parsed.tally
                        lines.leftOut.formUnion(parsed.leftOut)
                        try handIn(blocks, nodeRows: parsed.nodeRowCount)
                        note(parsed.readingCounts)
                        progress.bytes = taken.bytes
                        tell(.reading, bytesTotal.map { min(1, Double(taken.bytes) / Double(max($0, 1))) })
                    }
                }
            } catch is OrderedGate.Stopped {
                // The error is another part's.
            }
        }
        if !inputs.isEmpty { try finish(lines, of: inputs[lines.file].path) }
        try finishReading()
        for (index, file) in report.files.enumerated() where file.rows > 0 && file.rejected == file.rows {
            if let row = lines.firstRejected[index] { throw LoadError.noGoodRow(count: file.rows, row) }
        }
    }

    /// Ends the reading of a file: sees to it that it was whole, and says what of it was left out.
    private func finish(_ lines: Lines, of path: String) throws(LoadError) {
        guard let reader = lines.reader else { return }
        var remarks = try reader.finish(lines.tally, of: path)
        if let names = lines.leftOut.remark { remarks.append(names) }
        report.files[lines.file].remarks += remarks
    }

    /// Ends the reading: no record comes any more.
    func finishReading() throws {
        for type in types { try type.records.finish() }
    }

    /// Which file the turn is at, and what was found in it up to there.
    private final class Lines: @unchecked Sendable {
        /// The first row of each file that was left out, and how many were in all.
        var firstRejected: [Int: RejectedRow] = [:]
        var rejectedCount = 0
        private(set) var file = 0
        /// How many lines were passed.
        var count = 0
        var reader: (any RecordReader)?
        var tally = RecordTally()
        var leftOut = LeftOutNames()

        func begin(_ file: Int, skipped: Int) {
            self.file = file
            count = skipped
            reader = nil
            tally = RecordTally()
            leftOut = LeftOutNames()
        }
    }

    private func reject(
        _ rejected: [ParsedRows.Rejected], _ path: String, _ lines: Lines, _ policy: BulkLoader.RejectPolicy
    ) throws {
        for row in rejected {
            let row = RejectedRow(path: path, line: lines.count + row.line + 1, error: row.error, text: row.text)
            guard policy.onError == .skip else { throw LoadError.badRow(row) }
            if let maximum = policy.maximum, lines.rejectedCount >= maximum {
                throw LoadError.tooManyRejects(maximum: maximum, row)
            }
            lines.rejectedCount += 1
            if lines.firstRejected[lines.file] == nil { lines.firstRejected[lines.file] = row }
            report.rejected[row.error.code, default: 0] += 1
            report.rows += 1
            try policy.onReject(row)
        }
    }

    /// Rows by type as records. Any thread.
    func makeRecords(of rows: [EdgeRows]) -> [HandedIn] {
        rows.enumerated().compactMap { type, rows in
            guard rows.count > 0 else { return nil }
            let state = types[type]
            return HandedIn(
                type: type, rowCount: rows.count,
                records: rows.records(
                    sources: interners[state.source], targets: interners[state.target],
                    isSymmetric: state.type.isSymmetric, partCount: partCount))
        }
    }

    /// The rows of one type that a thread has read from a chunk.
    struct HandedIn {
        let type: Int
        let rowCount: Int
        let records: RecordBlock
    }

    /// Takes records in, in the order of rows. One thread at a time.
    func handIn(_ blocks: [HandedIn], nodeRows: Int) throws {
        report.rows += nodeRows
        for block in blocks {
            report.rows += block.rowCount
            types[block.type].rowCount += block.rowCount
            try types[block.type].records.append(block.records)
        }
        noteKeys()
        try requireMemory(interners.reduce(0) { $0 + $1.growthBytes })
    }

    /// Adds up how times were read, by the bits of ``Readings``. One thread at a time.
    private func note(_ readingCounts: [Int]) {
        for (bits, count) in readingCounts.enumerated() where count > 0 {
            for reading in Timestamp.Reading.allCases where bits & Int(Readings(reading).rawValue) != 0 {
                report.times[reading, default: 0] += count
            }
        }
    }

    /// Takes what the keys have grown by from the memory for records, or gives it back.
    func noteKeys() {
        let bytes = interners.reduce(0) { $0 + $1.byteCount }
        _ = memory.take(bytes - keyBytes)
        keyBytes = bytes
        keyBytesMax = max(keyBytesMax, bytes)
    }
}
