/// What a load will need, about, told from the first rows of its files before it begins.
///
/// ```
/// rows of a file = rows of its first mebibyte * bytes of the file / bytes read for them
/// ```
struct ExpectedLoad {
    /// How many rows the files have.
    private(set) var rows = 0
    /// What the store will have for them.
    private(set) var storeBytes = 0
    /// What temporary files hold at once, when all is in them: what was read and as much merged; then what was merged, and
    /// the same for each of the tables of a type.
    private(set) var spilledBytes = 0

    private static let sampleBytes = 1 << 20
    /// What an edge takes in both directions, and what its weight or its time takes besides. Measured on R-MAT graphs,
    /// rounded up.
    private static let storeBytesPerEdge = 5
    private static let storeBytesPerValue = 8
    private static let recordBytes = 8

    /// Nothing.
    init() {}

    /// Adds edges of a type. How many are equal is not known.
    mutating func add(_ count: Int, of type: EdgeType, hasValues: Bool) {
        rows += count
        let read = count * ExpectedLoad.recordBytes * (hasValues ? 2 : 1) * (type.isSymmetric ? 2 : 1)
        spilledBytes += type.isSymmetric ? 2 * read : 3 * read
        let columns = hasValues ? [.weight, .time].filter { type.storedColumns.contains($0) }.count : 0
        storeBytes += count * (ExpectedLoad.storeBytesPerEdge + columns * ExpectedLoad.storeBytesPerValue)
    }

    /// Adds the rows of a file of `bytes` bytes.
    ///
    /// A file that cannot be read adds nothing: that is told of, with its place, when it is read.
    mutating func add(_ file: LoadPipeline.Input, bytes: Int, schema: Schema) {
        let parsed = ParsedRows(
            schema: schema, interners: schema.nodeKinds.map { _ in KeyInterner() }, defaultTime: { _ in 0 })
        let chunk = TextChunk(capacity: ExpectedLoad.sampleBytes)
        guard
            let source = try? EdgeFileSource(
                opening: file.path, format: file.format, dialect: file.dialect, codings: file.codings,
                holding: file.rows, chunkBytes: ExpectedLoad.sampleBytes),
            (try? source.next(
                into: chunk, shape: parsed.shape(of: file.subject), kinds: parsed.kinds(of: file.subject))) == true,
            let reader = source.recognition?.reader, source.bytesRead > 0
        else { return }
        parsed.read(chunk, by: reader, as: file.subject)
        let share = Double(source.bytesRead) / Double(max(bytes, 1))
        for (type, rows) in zip(schema.edgeTypes, parsed.edges) where rows.count > 0 {
            add(Int(Double(rows.count) / share), of: type, hasValues: rows.values != nil)
        }
    }
}
