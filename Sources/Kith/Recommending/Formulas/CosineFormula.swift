extension TwoHopScore {
    /// Those in common, over the geometric mean of both numbers of neighbours.
    public static let cosine = Self("cosine", CosineFormula())
}

/// c / sqrt(|A| |B(w)|). Salton and McGill, *Introduction to modern information retrieval*, 1983.
struct CosineFormula: CountFormula {
    func score(count: Double, firstSize: Double, size: Double) -> Double { count / (firstSize * size).squareRoot() }

    func scoreMax(count: Double, firstSize: Double) -> Double { (count / firstSize).squareRoot() * .boundSlack }
}
