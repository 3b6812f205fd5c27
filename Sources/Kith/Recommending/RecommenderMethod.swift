/// A method by which a ``Recommender`` finds candidates: what there is to know of it before it meets a store.
///
/// One method is one file in `Methods`, which has its name, this type, and the value that code asks for it by; and one line
/// in ``Recommender/Method/allCases``.
protocol RecommenderMethod: SendableMetatype {
    /// Whom or what it finds, as a phrase.
    static var summary: String { get }
    /// What it reads of a recommender, beside its weight.
    static var members: Set<Recommender.Member> { get }
    /// The formula it ranks by unless another is given, where it has one.
    static var usualScore: TwoHopScore? { get }

    /// Finds what a recommender names in a store.
    ///
    /// - Throws: ``GraphStoreError/unknownEdgeType(_:known:)``, ``GraphStoreError/edgeTypesDoNotFit(_:)``,
    ///   ``GraphStoreError/badRequest(_:)``.
    static func prepare(
        _ recommender: Recommender, in snapshot: borrowing Snapshot
    ) throws -> any CandidateSource
}

extension RecommenderMethod {
    static var usualScore: TwoHopScore? { nil }
}

extension Recommender {
    /// The edge types it names, or the method's own.
    func types(or usual: @autoclosure () throws -> EdgeType.Name) rethrows -> [EdgeType.Name] {
        if let via, !via.isEmpty { return via }
        return [try usual()]
    }
}

extension Hop {
    /// One hop along all of `types`, in one direction.
    init(_ types: [EdgeType.Name], _ direction: EdgeDirection) {
        self.init(types.map { Step($0, direction) })
    }
}

/// A method that walks two hops and makes a score of the paths by a ``TwoHopScore``.
protocol TwoHopMethod: RecommenderMethod {
    /// The formula it ranks by unless another is given.
    static var usualFormula: TwoHopScore { get }

    /// What it walks.
    static func hops(
        of recommender: Recommender, in snapshot: borrowing Snapshot
    ) throws -> (first: Hop, second: Hop)
}

extension TwoHopMethod {
    static var members: Set<Recommender.Member> { Recommender.Member.ofWalks.union([.via]) }
    static var usualScore: TwoHopScore? { usualFormula }

    static func prepare(
        _ recommender: Recommender, in snapshot: borrowing Snapshot
    ) throws -> any CandidateSource {
        let (first, second) = try hops(of: recommender, in: snapshot)
        return try TwoHop(
            first: HopTables(first, in: snapshot.tables), second: HopTables(second, in: snapshot.tables),
            score: recommender.score ?? usualFormula, options: recommender.options ?? WalkOptions(),
            snapshot: snapshot)
    }
}
