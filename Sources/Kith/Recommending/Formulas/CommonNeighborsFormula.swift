extension TwoHopScore {
    /// The number of paths.
    public static let paths = Self("paths", CommonNeighborsFormula())
}

/// c. Newman, *Clustering and preferential attachment in growing networks*, Physical Review E 64, 2001.
struct CommonNeighborsFormula: CountFormula {
    var isCount: Bool { true }
    var usesSizes: Bool { false }
}
