/// How the paths that lead to a candidate become a score: the formulas of neighbourhood-based link prediction.
///
/// With A the first-hop neighbours x of the user u; B(w) those nodes from which the second hop reaches candidate w; c the
/// number of x that are in both; a(x), b(x, w) the weights of the edges of both hops (1 where the type has none):
///
/// | formula | score(w) | source |
/// |---|---|---|
/// | ``paths`` | c | common neighbours; Newman, *Physical Review E* 64, 2001 |
/// | ``adamicAdar`` | sum of 1 / ln deg(x) | Adamic and Adar, *Social Networks* 25, 2003 |
/// | ``resourceAllocation`` | sum of 1 / deg(x) | Zhou, Lü and Zhang, *European Physical Journal B* 71, 2009 |
/// | ``jaccard`` | c / (\|A\| + \|B(w)\| - c) | Jaccard, 1901 |
/// | ``cosine`` | c / sqrt(\|A\| \|B(w)\|) | Salton and McGill, 1983 |
/// | ``hubDepressed`` | c / max(\|A\|, \|B(w)\|) | Zhou, Lü and Zhang, 2009 |
/// | ``weighted`` | sum of a(x) b(x, w) | |
/// | ``tfidfCosine`` | sum of a(x) b(x, w) idf(x)^2 / (norm(u) norm(w)) | Salton and Buckley, 1988 |
/// | ``bm25`` | sum of a(x) idf'(x) b (k1 + 1) / (b + k1 (1 - β + β \|B(w)\| / mean)) | Robertson and Zaragoza, 2009 |
/// | ``preferentialAttachment`` | \|A\| \|B(w)\|, where c > 0 | Barabási and Albert, 1999 |
///
/// deg(x) is the sum of the sizes of the distinct neighbour lists of x that the path uses: the degree where the edge
/// type is symmetric, in-degree plus out-degree where it is directed. It is at least 2 whenever w is not the user, so
/// the logarithm never vanishes.
///
/// df(x) is the size of x's list of the second hop, n the number of nodes it can lead to that have such an edge.
/// idf(x) = ln(1 + n / df(x)), and 0 where df(x) is: what leads to nobody says nothing of the user either. norm(v)^2 is the
/// sum of (weight idf)^2 over v's list. For BM25 idf'(x) = ln(1 + (n - df + 0.5) / (df + 0.5)), k1 = 1.2, β = 0.75, and the
/// mean is that of \|B\|. Both want hops of one type each.
///
/// Sums run in ascending id of x, so the same graph gives the same bits.
public struct TwoHopScore: RawRepresentable, Hashable, Sendable, Codable, CustomStringConvertible {
    /// The name, as JSON and the command write it.
    public let rawValue: String
    /// What the name stands for.
    let formula: any TwoHopFormula

    /// A name and what it stands for.
    init(_ name: String, _ formula: any TwoHopFormula) {
        rawValue = name
        self.formula = formula
    }

    /// The formula of this name, or nil when there is none.
    public init?(rawValue: String) {
        guard let known = TwoHopScore.allCases.first(where: { $0.rawValue == rawValue }) else { return nil }
        self = known
    }

    /// The name.
    public var description: String { rawValue }
}

extension TwoHopScore: CaseIterable {
    /// All formulas. A new one is a file of its own in `Formulas` and a line here.
    public static let allCases: [TwoHopScore] = [
        .paths,
        .adamicAdar,
        .resourceAllocation,
        .jaccard,
        .cosine,
        .hubDepressed,
        .weighted,
        .tfidfCosine,
        .bm25,
        .preferentialAttachment,
    ]
}
