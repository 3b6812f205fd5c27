import Glibc

extension TwoHopScore {
    /// Paths through people with few connections count for more, by the logarithm.
    public static let adamicAdar = Self("adamic-adar", AdamicAdarFormula())
}

/// Σ 1 / ln deg(x). Adamic and Adar, *Friends and neighbors on the Web*, Social Networks 25, 2003.
struct AdamicAdarFormula: DegreeFormula {
    func amount(ofDegree degree: Int) -> Double { 1 / log(Double(degree)) }
}
