// What each method reads of a recommender.
//
// A request means what it says: what a method does not read is refused by name, so that no answer seems to heed a
// restriction that nobody looked at.

extension Recommender {
    /// What may be given of a recommender beside its method and its weight; those of ``WalkOptions`` one by one.
    public enum Member: String, Sendable, Hashable, CaseIterable {
        /// ``Recommender/via``.
        case via
        /// ``Recommender/hops``.
        case hops
        /// ``Recommender/score``.
        case score
        /// ``WalkOptions/minimumPaths``.
        case minimumPaths
        /// ``WalkOptions/maximumDegree``.
        case maximumDegree
        /// ``WalkOptions/since``.
        case since
        /// ``WalkOptions/until``.
        case until
        /// ``WalkOptions/halfLifeSeconds``.
        case halfLifeSeconds
        /// ``WalkOptions/budget``.
        case budget
        /// ``Recommender/pageRank``.
        case pageRank
        /// ``Recommender/attention``.
        case attention
        /// ``Recommender/neighborsMax``.
        case neighborsMax
    }

    /// Whether a member says anything.
    private func has(_ member: Member) -> Bool {
        switch member {
        case .via: via?.isEmpty == false
        case .hops: hops != nil
        case .score: score != nil
        case .minimumPaths: options?.minimumPaths != nil
        case .maximumDegree: options?.maximumDegree != nil
        case .since: options?.since != nil
        case .until: options?.until != nil
        case .halfLifeSeconds: options?.halfLifeSeconds != nil
        case .budget: options?.budget != nil
        case .pageRank: pageRank != nil
        case .attention: attention != nil
        case .neighborsMax: neighborsMax != nil
        }
    }

    /// The formula, of methods that have one.
    var formula: TwoHopScore? { by.type.usualScore.map { score ?? $0 } }

    /// Sees to it that the method reads what is given, and that nothing is given twice.
    func validate() throws(GraphStoreError) {
        if let weight, !(weight > 0 && weight.isFinite) {
            throw .badRequest("a recommender's weight needs to be a finite number above 0, found \(weight)")
        }
        for member in Member.allCases where has(member) && !by.reads(member) {
            throw .notRead(
                member.rawValue, by: by.rawValue,
                readers: Method.allCases.filter { $0.reads(member) }.map(\.rawValue))
        }
        if has(.halfLifeSeconds), let formula, !formula.formula.usesWeights {
            throw .notRead(
                Member.halfLifeSeconds.rawValue, by: "the formula \(formula.rawValue)",
                readers: TwoHopScore.allCases.filter(\.formula.usesWeights).map(\.rawValue))
        }
        try options?.validate()
        try pageRank?.validate()
        try attention?.validate()
        if let pageRank {
            if has(.via), !pageRank.via.isEmpty {
                throw .badRequest("'via' and 'pageRank.via' both name types; keep one of them")
            }
            if has(.budget), pageRank.budget != nil {
                throw .badRequest("'options.budget' and 'pageRank.budget' both set a budget; keep one of them")
            }
            let typeCount = max(pageRank.via.isEmpty ? via?.count ?? 1 : pageRank.via.count, 1)
            if pageRank.multipliers.count > typeCount {
                throw .badRequest(
                    "'multipliers' has \(pageRank.multipliers.count) numbers for \(typeCount) types; give each type one"
                )
            }
        }
    }
}

extension Recommender.Member {
    /// What tells edges apart by their time.
    static let ofTimes: Set<Self> = [.since, .until, .halfLifeSeconds]
    /// What every walk of two hops reads, however it is told what to walk.
    static let ofWalks = ofTimes.union([.score, .minimumPaths, .maximumDegree, .budget])
}

extension WalkOptions {
    /// Sees to it that the edges walked have the times these options ask for.
    ///
    /// A hop none of whose types has times is walked as it is beside one that has them; within one hop all types need
    /// them.
    func validate(walking hops: [HopTables]) throws(GraphStoreError) {
        let member = since != nil ? "since" : until != nil ? "until" : halfLifeSeconds != nil ? "halfLifeSeconds" : nil
        guard let member else { return }
        func isTimed(_ step: HopTables.Step) -> Bool { step.edges.type.columns.contains(.time) }
        let timed = hops.filter { $0.steps.contains(where: isTimed) }
        if let first = hops.first, timed.isEmpty { throw .timesMissing(first, member) }
        for hop in timed where !hop.steps.allSatisfy(isTimed) { throw .timesMissing(hop, member) }
    }
}

extension GraphStoreError {
    fileprivate static func timesMissing(_ hop: HopTables, _ member: String) -> GraphStoreError {
        let untimed = hop.steps.map(\.edges.type).filter { !$0.columns.contains(.time) }.map { "'\($0.name)'" }
        return .badRequest(
            "edges of type \(untimed.joined(separator: ", ")) have no time, so '\(member)' cannot be heeded; leave it out, "
                + "or walk types that have a time")
    }
}
