extension TwoHopScore {
    /// The cosine of both rows of weights, rare intermediates counting for more.
    public static let tfidfCosine = Self("tfidf-cosine", TfidfCosineFormula())
}

/// Σ a(x) b(x, w) idf(x)^2 / (norm(u) norm(w)). Salton and Buckley, *Term-weighting approaches in automatic text retrieval*,
/// 1988.
struct TfidfCosineFormula: WeightFormula {
    var usesCorpus: Bool { true }
    var isNormalized: Bool { true }

    func amount(ofWeight weight: Double, frequency: Int, in corpus: Corpus) -> Double {
        let idf = corpus.idf(frequency: frequency)
        return weight * (idf * idf)
    }
}
