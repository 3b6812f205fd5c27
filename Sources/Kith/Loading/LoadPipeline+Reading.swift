import Foundation

extension LoadPipeline {
    /// A file to read, in the order of the load.
    struct Input {
        let path: String
        let format: EdgeFileFormat?
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
            /// How the file is read, or why it cannot be read on.
            let reader: Result<any RecordReader, any Error>
        }

        /// The next chunk, of this file or the next; nil when all are read.
        func next(into chunk: TextChunk, _ parsed: ParsedRows) -> Taken? {
            lock.withLock {
                while !isOver, file < inputs.count {
                    do {
                        let source =
                            try source
                            ?? EdgeFileSource(
                                opening: inputs[file].path, format: inputs[file].format,
                                codings: inputs[file].codings, holding: inputs[file].rows, chunkBytes: chunkBytes)
                        self.source = source
                        if try source.next(into: chunk, shape: parsed.shape(of: inputs[file].subject)),
                            let reader = source.reader
                        {
                            defer { number += 1 }
                            return Taken(
                                number: number, file: file, bytes: bytesBefore + source.bytesRead,
                                reader: .success(reader))
                        }
                        bytesBefore += source.bytesRead
                    } catch {
                        isOver = true
                        return Taken(number: number, file: file, bytes: bytesBefore, reader: .failure(error))
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
        _ inputs: [Input], bytesTotal: Int?, onError: BulkLoader.RowErrorPolicy,
        onReject: @Sendable @escaping (RejectedRow) throws -> Void
    ) throws {
        let reading = Reading(inputs, chunkBytes: chunkBytes)
        let gate = OrderedGate()
        let lines = Lines()
        try WorkerThreads.run(threads) { [self] _ in
            let parsed = makeParsedRows()
            let chunk = TextChunk(capacity: chunkBytes)
            do {
                while let taken = reading.next(into: chunk, parsed) {
                    let input = inputs[taken.file]
                    switch taken.reader {
                    case .success(let reader): parsed.read(chunk, by: reader, as: input.subject)
                    case .failure: parsed.removeAll()
                    }
                    let blocks = makeRecords(of: parsed.edges)
                    try gate.pass(taken.number) {
                        try checkCancelled()
                        if lines.file != taken.file {
                            lines.file = taken.file
                            lines.count = 0
                        }
                        try reject(parsed.rejected, input.path, lines.count, onError, onReject)
                        if case .failure(let error) = taken.reader {
                            guard let error = error as? RowError else { throw error }
                            throw LoadError.badRow(
                                RejectedRow(path: input.path, line: lines.count + 1, error: error, text: ""))
                        }
                        lines.count += parsed.lineCount
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
        try finishReading()
    }

    /// Ends the reading: no record comes any more.
    func finishReading() throws {
        for type in types { try type.records.finish() }
    }

    /// Which file the turn is at, and how many of its lines were passed.
    private final class Lines: @unchecked Sendable {
        var file = 0
        var count = 0
    }

    private func reject(
        _ rejected: [ParsedRows.Rejected], _ path: String, _ linesBefore: Int, _ policy: BulkLoader.RowErrorPolicy,
        _ onReject: (RejectedRow) throws -> Void
    ) throws {
        for row in rejected {
            let row = RejectedRow(path: path, line: linesBefore + row.line + 1, error: row.error, text: row.text)
            guard policy == .skip else { throw LoadError.badRow(row) }
            report.rejected[row.error.code, default: 0] += 1
            report.rows += 1
            try onReject(row)
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
