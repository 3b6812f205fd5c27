import Glibc

/// How the paths that lead to a candidate become a score. One formula is one file, and one line in ``TwoHopScore/allCases``.
///
/// ```
/// contribution of a path   amount of its intermediate x  *  share of the edge x -> w
/// score of w               the sum of them, or what follows from their number
/// ```
/// There are three sorts, which say what a walk has to read: ``CountFormula``, ``DegreeFormula``, ``WeightFormula``. A request
/// is dispatched to its formula once; from there on every function that asks the formula for something is compiled for it.
protocol TwoHopFormula: Sendable {
    /// Whether a score follows from the number of paths and the sizes of lists.
    var followsFromCount: Bool { get }
    /// Whether a score is the number of paths.
    var isCount: Bool { get }
    /// Whether what a path adds follows from the degree of its intermediate.
    var followsFromDegree: Bool { get }
    /// Whether the weights of edges play a part.
    var usesWeights: Bool { get }
    /// Whether ``Corpus`` plays a part, which wants hops of one type each.
    var usesCorpus: Bool { get }
    /// Whether the size of a candidate's list plays a part.
    var usesSizes: Bool { get }
    /// Whether a sum is divided by the norms of both rows of weights times idf.
    var isNormalized: Bool { get }

    /// What a path adds whose intermediate has so many neighbours.
    func amount(ofDegree degree: Int) -> Double
    /// What a path adds, but for the share of its second edge: by the weight of the first edge, and the number of nodes that
    /// the intermediate leads to.
    func amount(ofWeight weight: Double, frequency: Int, in corpus: Corpus) -> Double
    /// What an edge of the second hop, of this weight, makes of the amount, its candidate's list being so long.
    func share(ofEdge weight: Double, length: Double, in corpus: Corpus) -> Double
    /// The score of a candidate that `count` paths lead to: `firstSize` is |A|, `size` |B(w)|.
    func score(count: Double, firstSize: Double, size: Double) -> Double
    /// No candidate with `count` paths scores higher; |B(w)| is not known, and at least `count`.
    func scoreMax(count: Double, firstSize: Double) -> Double

    /// ``TwoHop/rank(by:_:limit:in:into:)`` by this formula.
    func rank(
        along walk: TwoHop, _ run: RequestRun, limit: Int, in snapshot: borrowing Snapshot,
        into ranked: inout [RankedNode]
    ) throws -> Bool
    /// ``TwoHop/findPaths(to:by:in:_:)`` by this formula.
    func findPaths(
        to candidate: UInt32, along walk: TwoHop, in snapshot: borrowing Snapshot, _ scratch: RequestScratch
    ) throws -> Double
}

extension TwoHopFormula {
    var followsFromCount: Bool { false }
    var isCount: Bool { false }
    var followsFromDegree: Bool { false }
    var usesWeights: Bool { false }
    var usesCorpus: Bool { false }
    var usesSizes: Bool { false }
    var isNormalized: Bool { false }

    func amount(ofDegree degree: Int) -> Double { 1 }
    func amount(ofWeight weight: Double, frequency: Int, in corpus: Corpus) -> Double { 1 }
    func share(ofEdge weight: Double, length: Double, in corpus: Corpus) -> Double { weight }
    func score(count: Double, firstSize: Double, size: Double) -> Double { count }
    func scoreMax(count: Double, firstSize: Double) -> Double { .infinity }

    // Witnesses of types that are no generics: the compiler makes one for each formula, and all that it calls.

    func rank(
        along walk: TwoHop, _ run: RequestRun, limit: Int, in snapshot: borrowing Snapshot,
        into ranked: inout [RankedNode]
    ) throws -> Bool {
        try walk.rank(by: self, run, limit: limit, in: snapshot, into: &ranked)
    }

    func findPaths(
        to candidate: UInt32, along walk: TwoHop, in snapshot: borrowing Snapshot, _ scratch: RequestScratch
    ) throws -> Double {
        try walk.findPaths(to: candidate, by: self, in: snapshot, scratch)
    }
}

/// A score that follows from the number of paths and the sizes of both lists, ``score(count:firstSize:size:)``.
protocol CountFormula: TwoHopFormula {}

extension CountFormula {
    var followsFromCount: Bool { true }
    var usesSizes: Bool { true }
}

/// A sum to which each path adds by the degree of its intermediate, ``amount(ofDegree:)``, which is above 0.
protocol DegreeFormula: TwoHopFormula {}

extension DegreeFormula {
    var followsFromDegree: Bool { true }
}

/// A sum of the weights of edges, ``amount(ofWeight:frequency:in:)`` times ``share(ofEdge:length:in:)``.
protocol WeightFormula: TwoHopFormula {}

extension WeightFormula {
    var usesWeights: Bool { true }
}

/// What formulas of information retrieval know of all lists together: a candidate is a document, an intermediate a term.
struct Corpus {
    /// How many candidates there are that have such an edge.
    let documentCount: Double
    /// How many such edges those have on average.
    let lengthMean: Double

    /// Where nobody asks.
    static let unknown = Corpus(documentCount: 0, lengthMean: 0)

    /// How rare a term is: 0 for one that is in no document; it must not make the norm of a user's row infinite.
    func idf(frequency: Int) -> Double {
        frequency == 0 ? 0 : log(1 + documentCount / Double(frequency))
    }
}

extension Double {
    /// A little more than 1: what rounding may add to a bound.
    static var boundSlack: Double { 1 + 0x1p-40 }
}
