/// How a table's records are dealt out by the final ids of its nodes: into parts of about the same size.
@safe final class IDRanges: @unchecked Sendable {
    /// The part of each id.
    private let parts: Column<UInt16>
    let count: Int

    /// Ranges of ascending ids with about `recordsMax` records each; a node is never cut.
    init(degrees: Column<UInt32>, recordsMax: Int) {
        parts = Column(count: degrees.count)
        var part = 0
        var records = 0
        for id in 0..<degrees.count {
            let degree = Int(degrees[id])
            if records > 0, records + degree > recordsMax, part < Int(UInt16.max) {
                part += 1
                records = 0
            }
            records += degree
            parts[id] = UInt16(part)
        }
        count = part + 1
    }

    @inline(__always)
    subscript(id: UInt32) -> Int { Int(parts[Int(id)]) }
}
