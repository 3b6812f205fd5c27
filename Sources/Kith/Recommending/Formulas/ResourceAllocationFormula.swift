extension TwoHopScore {
    /// Paths through people with few connections count for more, in proportion.
    public static let resourceAllocation = Self("resource-allocation", ResourceAllocationFormula())
}

/// Σ 1 / deg(x). Zhou, Lü and Zhang, *Predicting missing links via local information*, European Physical Journal B 71, 2009.
struct ResourceAllocationFormula: DegreeFormula {
    func amount(ofDegree degree: Int) -> Double { 1 / Double(degree) }
}
