import Glibc

/// How the paths that lead to a candidate become a score: the formulas of neighbourhood-based link prediction.
///
/// With N1(u) the first-hop neighbours of the user, and x those of them from which the second hop reaches candidate w:
///
/// | formula | score(w) | source |
/// |---|---|---|
/// | ``paths`` | the number of x | common neighbours; Newman, *Physical Review E* 64, 2001 |
/// | ``adamicAdar`` | sum of 1 / ln deg(x) | Adamic and Adar, *Social Networks* 25, 2003 |
/// | ``resourceAllocation`` | sum of 1 / deg(x) | Zhou, Lü and Zhang, *European Physical Journal B* 71, 2009 |
///
/// deg(x) is the sum of the sizes of the distinct neighbour lists of x that the path uses: the degree where the edge
/// type is symmetric, in-degree plus out-degree where it is directed. It is at least 2 whenever w is not the user, so
/// the logarithm never vanishes. Sums run in ascending id of x, so the same graph gives the same bits.
public enum TwoHopScore: String, Sendable, Hashable, CaseIterable, Codable {
    /// The number of paths.
    case paths
    /// Paths through people with few connections count for more, by the logarithm.
    case adamicAdar = "adamic-adar"
    /// Paths through people with few connections count for more, in proportion.
    case resourceAllocation = "resource-allocation"

    /// What one path through an intermediate of this degree adds.
    @inline(__always)
    func contribution(ofDegree degree: Int) -> Double {
        switch self {
        case .paths: 1
        case .adamicAdar: 1 / log(Double(degree))
        case .resourceAllocation: 1 / Double(degree)
        }
    }
}
