extension TwoHopScore {
    /// The products of both edges' weights.
    public static let weighted = Self("weighted", WeightedFormula())
}

/// Σ a(x) b(x, w).
struct WeightedFormula: WeightFormula {
    func amount(ofWeight weight: Double, frequency: Int, in corpus: Corpus) -> Double { weight }
}
