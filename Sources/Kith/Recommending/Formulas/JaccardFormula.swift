extension TwoHopScore {
    /// The share of those in common among all neighbours of the two.
    public static let jaccard = Self("jaccard", JaccardFormula())
}

/// c / (|A| + |B(w)| - c). Jaccard, 1901.
struct JaccardFormula: CountFormula {
    func score(count: Double, firstSize: Double, size: Double) -> Double { count / (firstSize + size - count) }

    func scoreMax(count: Double, firstSize: Double) -> Double { count / firstSize * .boundSlack }
}
