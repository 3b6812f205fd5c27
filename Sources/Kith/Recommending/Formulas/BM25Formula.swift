import Glibc

extension TwoHopScore {
    /// The user's neighbours as a query to the candidates' lists.
    public static let bm25 = Self("bm25", BM25Formula())
}

/// Okapi: Σ a(x) idf'(x) b (k1 + 1) / (b + k1 (1 - β + β |B(w)| / mean)). Robertson and Zaragoza, *The probabilistic
/// relevance framework: BM25 and beyond*, 2009.
struct BM25Formula: WeightFormula {
    /// k1, β: how soon a weight saturates, and how much a long list counts for less. Okapi's usual values.
    private static let saturation = 1.2
    private static let lengthShare = 0.75

    var usesCorpus: Bool { true }
    var usesSizes: Bool { true }

    func amount(ofWeight weight: Double, frequency: Int, in corpus: Corpus) -> Double {
        weight * log(1 + (corpus.documentCount - Double(frequency) + 0.5) / (Double(frequency) + 0.5))
    }

    func share(ofEdge weight: Double, length: Double, in corpus: Corpus) -> Double {
        let share = Self.lengthShare
        let norm = 1 - share + share * length / corpus.lengthMean
        return weight * (Self.saturation + 1) / (weight + Self.saturation * norm)
    }
}
