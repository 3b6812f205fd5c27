/// Writes edges as entries of a sparse matrix: their weights where the type has some, else a pattern.
///
/// ```
/// %%MatrixMarket matrix coordinate real general
/// 7 12 3                                  rows, columns, entries
/// 1 12 0.5                                source, target, weight
/// ```
/// The matrix ends with the greatest key of an edge's source, and of a target; it is square where both are of one kind. Of
/// a symmetric type the lower triangle is written, which stands for both.
struct MatrixMarketWriter: RecordWriter {
    let columns: RowColumns

    func begin(_ graph: ExportedGraph, to bytes: inout [UInt8]) throws {
        guard let type = graph.type else {
            throw LoadError.cannotExport(
                reason: "Matrix Market files hold edges and no nodes; " + EdgeFileFormat.complete.advice)
        }
        var (rows, columns) = (graph.sources.greatestNumber, graph.targets.greatestNumber)
        if type.source == type.target { (rows, columns) = (max(rows, columns), max(rows, columns)) }
        bytes.append(
            contentsOf: """
                %%MatrixMarket matrix coordinate \(self.columns.hasWeight ? "real" : "pattern") \
                \(type.isSymmetric ? "symmetric" : "general")
                \(rows) \(columns) \(graph.rowCount)

                """.utf8)
    }

    func appendHeader(_ names: [String], to bytes: inout [UInt8]) {}

    func append(_ batch: EdgeBatch, to bytes: inout [UInt8]) {
        for edge in batch.edges {
            var row = batch.sources.bytes[batch.sources.range(edge.source)]
            var column = batch.targets.bytes[batch.targets.range(edge.target)]
            // Of numbers without leading zeros the longer is the greater.
            let isAbove = row.count != column.count ? row.count < column.count : row.lexicographicallyPrecedes(column)
            if batch.type.isSymmetric, isAbove { swap(&row, &column) }
            bytes.append(contentsOf: row)
            bytes.append(UInt8(ascii: " "))
            bytes.append(contentsOf: column)
            if columns.hasWeight { bytes.append(contentsOf: " \(batch.type.weightText(of: edge.value))".utf8) }
            bytes.append(LineEnds.lineFeed)
        }
    }

    func append(_ batch: NodeBatch, to bytes: inout [UInt8]) {}
}
