extension EdgeFileFormat {
    /// A sparse matrix, as SciPy, MATLAB, Julia and SuiteSparse exchange them.
    public static let mtx = EdgeFileFormat(MatrixMarketFormat())
}

/// A sparse matrix in coordinates (math.nist.gov/MatrixMarket/formats.html): sources are rows, targets are columns.
///
/// Rows and columns have numbers from 1 in place of names, so keys are such numbers. See ``MatrixMarketWriter``.
struct MatrixMarketFormat: EdgeFormat {
    let name = "mtx"
    let plural = "Matrix Market files"
    let fileNameExtensions = ["mtx"]
    let contents: EdgeFormatContents = [.weights, .wholeGraph]

    func makeReader(of head: FileHead, for shape: RowShape) throws -> any RecordReader {
        throw LoadError.badHeader(path: head.path, reason: "\(plural) are written and not loaded")
    }

    func makeWriter(of columns: RowColumns, isSafe: Bool) -> any RecordWriter { MatrixMarketWriter(columns: columns) }

    func flaw(ofKey key: String, in places: KeyTexts.Places) -> String? {
        guard let number = Int(key), number > 0, String(number) == key else {
            return "something else than a number of a row, from 1 to \(Int.max)"
        }
        return nil
    }
}
