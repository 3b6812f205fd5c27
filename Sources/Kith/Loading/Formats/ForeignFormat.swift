/// A kind of file that is not read, recognised by how it begins: told of by its name, with the way to convert it, before a row of
/// it could be taken for an edge.
///
/// ```
/// bytes of the head -> BinaryKind    what is binary or compressed: no format has such rows
///                   -> text of them  what is text, but not of rows: ForeignText
/// ```
/// A format that was given by hand is believed where the file is text: its rows are read as that says. Nothing here may turn
/// down a file of rows: what is text is recognised by far more than its first letter.
struct ForeignFormat: Sendable {
    /// What the file is, behind "it is".
    let kind: String
    /// What to do; FILE stands for the file.
    let advice: String

    /// Turns down a file that begins so, if it is of another kind.
    ///
    /// - Parameters:
    ///   - given: its format as it was given by hand.
    ///   - named: its format as its name tells.
    /// - Throws: ``LoadError/otherFormat(path:reason:)``.
    static func refuse(
        _ path: String, beginningWith head: UnsafeBufferPointer<UInt8>, given: EdgeFileFormat?, named: EdgeFileFormat?
    ) throws(LoadError) {
        let bytes = unsafe Array(head)
        guard let found = BinaryKind.of(bytes) ?? (given == nil ? ForeignText(bytes, path, named).kind : nil)
        else { return }
        throw .otherFormat(path: path, reason: "it is \(found.kind); \(found.advice)")
    }
}

/// Kinds of file that begin with bytes of their own, and text in other units than bytes.
enum BinaryKind {
    private struct Signature {
        let bytes: [UInt8]
        let offset: Int
        /// Whether a key might begin so: then bytes follow that are in no text.
        let isWord: Bool
        let format: ForeignFormat

        init(_ bytes: [UInt8], at offset: Int = 0, isWord: Bool = false, _ kind: String, _ advice: String) {
            self.bytes = bytes
            self.offset = offset
            self.isWord = isWord
            format = ForeignFormat(kind: kind, advice: advice)
        }

        init(_ text: String, at offset: Int = 0, isWord: Bool = false, _ kind: String, _ advice: String) {
            self.init(Array(text.utf8), at: offset, isWord: isWord, kind, advice)
        }

        func matches(_ head: [UInt8]) -> Bool {
            head.dropFirst(offset).starts(with: bytes)
                && (!isWord || head.prefix(BinaryKind.wordBytes).contains { $0 < FieldTokenizer.tab })
        }
    }

    private static let duckDB = "DuckDB writes CSV of it: duckdb -c \"COPY (FROM 'FILE') TO 'edges.csv'\""
    private static let pandas = "pandas writes CSV of it: `to_csv`"
    private static let spreadsheet = "save its sheet as CSV UTF-8"

    /// In how many bytes behind a word of a binary file there is one that is in no text.
    private static let wordBytes = 64

    /// The first that matches.
    private static let signatures: [Signature] = [
        // Compressed.
        .init([0xFD, 0x37, 0x7A, 0x58, 0x5A, 0], "compressed by xz", "decompress it: xz -dc FILE"),
        .init([0x28, 0xB5, 0x2F, 0xFD], "compressed by zstd", "decompress it: zstd -dc FILE"),
        .init([0x04, 0x22, 0x4D, 0x18], "compressed by lz4", "decompress it: lz4 -dc FILE"),
        .init([0x02, 0x21, 0x4C, 0x18], "compressed by lz4", "decompress it: lz4 -dc FILE"),
        .init([0x1F, 0x9D], "compressed by compress", "decompress it: gzip -dc FILE"),
        .init(GzipCoding.magic, "compressed by gzip twice", "decompress it once: gzip -dc FILE"),
        // Archives.
        .init([0x37, 0x7A, 0xBC, 0xAF, 0x27, 0x1C], "a 7z archive", "take the file out of it: 7z e FILE"),
        .init("Rar!\u{1A}\u{7}", "a RAR archive", "take the file out of it: unrar e FILE"),
        .init("ustar\0", at: 257, "a tar archive", "take the file out of it: tar -xf FILE"),
        .init("ustar  \0", at: 257, "a tar archive", "take the file out of it: tar -xf FILE"),
        // Tables and arrays.
        .init("PAR1", isWord: true, "a Parquet file", duckDB),
        .init("ARROW1\0\0", "an Arrow file, which Feather is too", pandas),
        .init("FEA1", isWord: true, "a Feather file", pandas),
        .init("ORC", isWord: true, "an ORC file", pandas),
        .init("Obj\u{1}", "an Avro file", pandas),
        .init(
            "SQLite format 3\0", "an SQLite database", "sqlite3 writes CSV of a table: sqlite3 -csv FILE 'SELECT ...'"),
        .init("DUCK", at: 8, isWord: true, "a DuckDB database", "write a table of it as CSV: COPY ... TO 'edges.csv'"),
        .init(
            [0xDE, 0xC0, 0xEF, 0xBE], at: 16, "a store of Kith, or another LMDB file",
            "write its edges as rows: kith export FILE --edges TYPE --output edges.tsv"),
        .init([0x89] + Array("HDF\r\n\u{1A}\n".utf8), "an HDF5 file", pandas),
        .init([0x93] + Array("NUMPY".utf8), "an array of NumPy", "`numpy.savetxt` writes rows of it: fmt='%d'"),
        .init(
            "MATLAB 5.0 MAT-file", "a MAT-file", "`scipy.io.loadmat` and `scipy.io.mmwrite` write Matrix Market of it"),
        .init(
            "RDX", isWord: true, "an RData file",
            "write a table of it in R: write.csv(edges, 'edges.csv', row.names = FALSE)"),
        .init(
            [0x58, 0x0A, 0, 0, 0], "an RDS file",
            "write it as CSV in R: write.csv(readRDS('FILE'), 'edges.csv', row.names = FALSE)"),
        .init(
            [0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1], "a workbook of Excel, or another old Office file",
            spreadsheet),
        .init("%PDF-1.", "a PDF", "it holds pages, not rows; look for the table behind it"),
    ]

    /// The kind of a file that begins with these bytes; nil when it is none of these.
    static func of(_ head: [UInt8]) -> ForeignFormat? {
        markedText(head) ?? signatures.first { $0.matches(head) }?.format ?? bzip2(head) ?? zip(head) ?? arrowStream(
            head)
            ?? pickle(head) ?? unmarkedText(head)
    }

    /// The word `BZh` and a digit, then the start of a block, or of the end.
    private static func bzip2(_ head: [UInt8]) -> ForeignFormat? {
        guard head.starts(with: Array("BZh".utf8)),
            [[0x31, 0x41, 0x59, 0x26], [0x17, 0x72, 0x45, 0x38]].contains(where: head.dropFirst(4).starts)
        else { return nil }
        return ForeignFormat(kind: "compressed by bzip2", advice: "decompress it: bzip2 -dc FILE")
    }

    private static func zip(_ head: [UInt8]) -> ForeignFormat? {
        guard head.starts(with: [0x50, 0x4B, 3, 4]) || head.starts(with: [0x50, 0x4B, 5, 6]) else { return nil }
        func has(_ name: String) -> Bool { head.firstRange(of: Array(name.utf8)) != nil }
        if has("[Content_Types].xml") || has("xl/") {
            return ForeignFormat(kind: "a workbook of Excel", advice: spreadsheet)
        }
        if has("opendocument") { return ForeignFormat(kind: "an OpenDocument file", advice: spreadsheet) }
        if has(".npy") {
            return ForeignFormat(
                kind: "a zip archive of NumPy's arrays, as SciPy saves matrices",
                advice: "`scipy.io.mmwrite('graph.mtx', scipy.sparse.load_npz('FILE'))` writes Matrix Market of it")
        }
        return ForeignFormat(kind: "a zip archive", advice: "take the file out of it: unzip -p FILE")
    }

    /// Messages of Arrow begin with the marker of one that goes on, which is in no text, and a length.
    private static func arrowStream(_ head: [UInt8]) -> ForeignFormat? {
        guard head.count >= 8, head.starts(with: [0xFF, 0xFF, 0xFF, 0xFF]), head[6] == 0, head[7] == 0 else {
            return nil
        }
        return ForeignFormat(kind: "a stream of Arrow", advice: pandas)
    }

    /// Protocols 2 to 5 of Python's pickle, whose second opcode is a frame or a global, a dictionary, a list or a tuple.
    private static func pickle(_ head: [UInt8]) -> ForeignFormat? {
        guard head.count >= 3, head[0] == 0x80, (2...5).contains(head[1]) else { return nil }
        return ForeignFormat(
            kind: "a pickle of Python",
            advice:
                "write its edges as rows in Python, say by `networkx.write_edgelist(graph, 'edges.txt', data=False)`")
    }

    /// UTF-16 or UTF-32 by its byte order mark.
    private static func markedText(_ head: [UInt8]) -> ForeignFormat? {
        if head.starts(with: [0xFF, 0xFE, 0, 0]) || head.starts(with: [0, 0, 0xFE, 0xFF]) {
            return wideText("UTF-32")
        }
        if head.starts(with: [0xFF, 0xFE]) || head.starts(with: [0xFE, 0xFF]) { return wideText("UTF-16") }
        return nil
    }

    /// UTF-16 by the zero bytes that its ASCII letters have, all on the same side.
    private static func unmarkedText(_ head: [UInt8]) -> ForeignFormat? {
        let sample = head.prefix(wideSampleBytes)
        var zeros = [0, 0]
        for (index, byte) in sample.enumerated() where byte == 0 { zeros[index & 1] += 1 }
        let side = zeros[1] > zeros[0] ? 1 : 0
        // Digits, delimiters and line ends are a quarter of the letters of any rows, or more.
        guard zeros[side] >= wideZerosMin, zeros[side] * 8 >= sample.count, zeros[1 - side] * 8 <= zeros[side] else {
            return nil
        }
        return wideText(side == 1 ? "UTF-16LE" : "UTF-16BE")
    }

    private static func wideText(_ name: String) -> ForeignFormat {
        ForeignFormat(kind: "text in \(name)", advice: "convert it: iconv -f \(name) -t UTF-8 FILE")
    }

    private static let wideSampleBytes = 4096
    /// Two keys, a delimiter and a line end.
    private static let wideZerosMin = 4
}
