import Adjacency

/// Why someone is not suggested, whatever the score.
public enum Exclusion: Hashable, Sendable, CustomStringConvertible {
    /// It is the user.
    case isUser
    /// The user is joined to them by this type.
    case joined(EdgeType.Name)
    /// The user blocked them.
    case blocked
    /// They blocked the user.
    case blocksUser
    /// The user dismissed them.
    case dismissed
    /// The account is hidden.
    case hidden
    /// The request excludes them.
    case excludedByRequest
    /// The request is only for others.
    case notInOnly
    /// The request's code refuses them.
    case refusedByCode
    /// Fewer edges point at them than the request demands.
    case tooFewFollowers
    /// They have done nothing since the moment the request names.
    case inactive
    /// Nodes of another kind are suggested.
    case otherKind(NodeKind, suggested: NodeKind)
    /// Fewer paths lead there than the request demands.
    case tooFewPaths(Int, demanded: Int)
    /// As many as may share it are led to by this intermediate, and are further up.
    case sharesIntermediate(NodeKey)
    /// Not among the first so many of any of the lists that are blended.
    case notAmongFirst(Int)

    /// A phrase.
    public var description: String {
        switch self {
        case .isUser: "is the user"
        case .joined(let type): "already joined by \(type)"
        case .blocked: "blocked by the user"
        case .blocksUser: "blocks the user"
        case .dismissed: "dismissed by the user"
        case .hidden: "hidden from recommendations"
        case .excludedByRequest: "excluded by the request"
        case .tooFewFollowers: "has fewer followers than the request demands"
        case .notInOnly: "not among those the request is only for"
        case .refusedByCode: "refused by the request's code"
        case .inactive: "not active since the moment the request names"
        case .otherKind(let kind, let suggested): "of kind \(kind), and the request suggests those of kind \(suggested)"
        case .tooFewPaths(let count, let demanded): "\(count) paths lead there, and the request demands \(demanded)"
        case .sharesIntermediate(let key): "others further up share the strongest intermediate, \(key)"
        case .notAmongFirst(let count): "not among the first \(count) of any list that is blended"
        }
    }
}

/// Who is never suggested to a user, as an exact set and not as best effort: see ``RecommendationFilters``.
///
/// Types that the schema lacks, or that do not join the kinds there, play no part. What is a list of the user's is taken out
/// before candidates are ranked; what is a property of a candidate is looked at only when one would enter the result.
struct CandidateFilter {
    /// Lists of the user to leave out, and why.
    private let lists: [(table: AdjacencyTable, reason: Exclusion)]
    private let sameKind: Bool
    private let excluded: [UInt32]
    private let only: Set<UInt32>?
    private let hidden: MarkedNodes?
    private let minimumFollowers: Int
    private let followerTables: [AdjacencyTable]
    private let activeSince: UInt32?
    private let activityTables: [AdjacencyTable]
    private let predicate: ((NodeID) throws -> Bool)?

    /// The filter for recommending nodes of `candidates` to nodes of `users`.
    ///
    /// - Parameters:
    ///   - relation: the edge types being recommended.
    ///   - predicate: also decides; asked only of candidates that would enter the result.
    ///   - includesHidden: whether hidden accounts are listed, too.
    init(
        _ filters: RecommendationFilters, users: NodeDictionary, candidates: NodeDictionary,
        relation: [EdgeType.Name], where predicate: ((NodeID) throws -> Bool)? = nil, includesHidden: Bool = false,
        in snapshot: borrowing Snapshot
    ) throws {
        sameKind = users.index == candidates.index
        self.predicate = predicate
        let joining = snapshot.tables.edges.filter {
            $0.source.index == users.index && $0.target.index == candidates.index
        }
        let names =
            try filters.joinedBy.map { names in
                for name in names { _ = try snapshot.tables.edges(name) }
                return names
            } ?? (relation + [.friends, .follows])
        var lists: [(table: AdjacencyTable, reason: Exclusion)] = []
        // Where there are no edges there is nobody to leave out, and nothing to look up at every request.
        for edges in joining where snapshot.counters.edges[edges.index] > 0 {
            let name = edges.type.name
            if name == .blocks {
                lists.append((edges.out, .blocked))
                if sameKind, !edges.type.isSymmetric { lists.append((edges.in, .blocksUser)) }
            } else if name == .dismisses {
                lists.append((edges.out, .dismissed))
            } else if names.contains(name) {
                lists.append((edges.out, .joined(name)))
            }
        }
        self.lists = lists
        func ids(_ keys: Set<NodeKey>) throws -> [UInt32] {
            var ids: [UInt32] = []
            for key in keys {
                if let id = try candidates.id(of: key, in: snapshot) { ids.append(id) }
            }
            return ids
        }
        excluded = try ids(filters.excluding)
        only = try filters.only.map { Set(try ids($0)) }
        hidden = includesHidden ? nil : try MarkedNodes(Setting.isHidden, of: candidates, in: snapshot)
        minimumFollowers = filters.minimumFollowers ?? 0
        followerTables =
            minimumFollowers > 0
            ? joining.filter { $0.type.name != .blocks && $0.type.name != .dismisses }.map(\.in) : []
        activeSince = filters.activeSince?.rawValue
        activityTables =
            activeSince == nil
            ? []
            : snapshot.tables.edges
                .filter { $0.source.index == candidates.index && $0.type.columns.contains(.time) }.map(\.out)
    }

    /// Everybody but the user, where the candidates are of the user's kind.
    init(sameKind: Bool = true) {
        self.init(leavingOut: [], marked: nil, sameKind: sameKind)
    }

    /// Everybody but the user, where the candidates are of the user's kind, the nodes in these lists of the user, and those
    /// marked.
    init(leavingOut tables: [AdjacencyTable], marked: MarkedNodes?, sameKind: Bool = true) {
        lists = tables.map { ($0, .excludedByRequest) }
        self.sameKind = sameKind
        excluded = []
        only = nil
        hidden = marked
        minimumFollowers = 0
        followerTables = []
        activeSince = nil
        activityTables = []
        predicate = nil
    }

    /// Whether nothing is asked of candidates beyond being none of those ``forEachExcluded(for:in:_:)`` visits.
    var acceptsAll: Bool {
        only == nil && hidden == nil && minimumFollowers <= 0 && activeSince == nil && predicate == nil
    }

    /// Whether who calls is asked about candidates: no oftener than need be.
    var asksCaller: Bool { predicate != nil }

    /// Whether those in the user's list of this table must not be suggested.
    func excludes(listIn table: AdjacencyTable) -> Bool { lists.contains { $0.table.name == table.name } }

    /// Calls `exclude` for every id that must not be suggested to `user` and is known before candidates are.
    ///
    /// - Parameter known: a table whose list of the user's need not be read again.
    func forEachExcluded(
        for user: UInt32, butForListIn known: AdjacencyTable? = nil, in snapshot: borrowing Snapshot,
        _ exclude: (UInt32) -> Void
    ) throws {
        if sameKind { exclude(user) }
        for id in excluded { exclude(id) }
        for (table, _) in lists where table.name != known?.name {
            var reader = table.neighbors(in: snapshot)
            try unsafe reader.forEachGroup(of: user, below: .max) { group in
                for index in 0..<group.count {
                    exclude(unsafe group[index])
                }
            }
        }
    }

    /// Whether a candidate that is none of those ``forEachExcluded(for:in:_:)`` visits may be suggested.
    func accepts(_ candidate: UInt32, in snapshot: borrowing Snapshot) throws -> Bool {
        if acceptsAll { return true }
        return try propertyExclusion(of: candidate, in: snapshot) == nil
    }

    private func propertyExclusion(
        of candidate: UInt32, in snapshot: borrowing Snapshot
    ) throws -> Exclusion? {
        if let only, !only.contains(candidate) { return .notInOnly }
        if let hidden, try hidden.contains(candidate, in: snapshot) { return .hidden }
        if minimumFollowers > 0 {
            var followers = 0
            for table in followerTables where followers < minimumFollowers {
                followers += try table.degree(of: candidate, in: snapshot)
            }
            if followers < minimumFollowers { return .tooFewFollowers }
        }
        if let activeSince, try !isActive(candidate, since: activeSince, in: snapshot) { return .inactive }
        if let predicate, try !predicate(NodeID(rawValue: candidate)) { return .refusedByCode }
        return nil
    }

    private func isActive(
        _ candidate: UInt32, since: UInt32, in snapshot: borrowing Snapshot
    ) throws -> Bool {
        for table in activityTables {
            var isFound = false
            var reader = table.neighbors(in: snapshot)
            try reader.forEachNeighbor(of: candidate) { _, value in
                isFound = value.time >= since
                return !isFound
            }
            if isFound { return true }
        }
        return false
    }

    /// Why `candidate` is not suggested to `user`, or nil when nothing speaks against it.
    func exclusion(
        of candidate: UInt32, for user: UInt32, in snapshot: borrowing Snapshot
    ) throws -> Exclusion? {
        if sameKind, candidate == user { return .isUser }
        for (table, reason) in lists where try table.edge(from: user, to: candidate, in: snapshot) != nil {
            return reason
        }
        if excluded.contains(candidate) { return .excludedByRequest }
        return try propertyExclusion(of: candidate, in: snapshot)
    }
}
