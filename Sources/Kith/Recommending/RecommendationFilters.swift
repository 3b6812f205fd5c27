/// Who is left out of recommendations beyond those who always are.
///
/// Always left out: the user; everyone the user is joined to by the relation being recommended, by `friends` or by
/// `follows`; everyone who blocks the user or is blocked; everyone the user dismissed; accounts that are hidden (see
/// ``Setting``); nodes of another kind.
public struct RecommendationFilters: Hashable, Sendable, Codable {
    /// These are never suggested. Keys the store does not have are of no matter.
    public var excluding: Set<NodeKey>
    /// Only these are suggested, when given. Keys the store does not have are of no matter: see
    /// ``Snapshot/unknownKeys(in:)``.
    public var only: Set<NodeKey>?
    /// Candidates need as many edges that point at them, of all types from users to their kind except `blocks` and
    /// `dismisses`.
    public var minimumFollowers: Int?
    /// Candidates need an edge of their own, of any type with times, of this time or later.
    public var activeSince: Timestamp?
    /// Those joined to the user by these types are left out, in place of the relation recommended, `friends` and
    /// `follows`.
    public var joinedBy: [EdgeType.Name]?

    enum CodingKeys: String, CodingKey, CaseIterable {
        case excluding, only, minimumFollowers, activeSince, joinedBy
    }

    /// Filters, none unless given.
    public init(
        excluding: Set<NodeKey> = [], only: Set<NodeKey>? = nil, minimumFollowers: Int? = nil,
        activeSince: Timestamp? = nil, joinedBy: [EdgeType.Name]? = nil
    ) {
        self.excluding = excluding
        self.only = only
        self.minimumFollowers = minimumFollowers
        self.activeSince = activeSince
        self.joinedBy = joinedBy
    }

    /// Reads filters; what is missing is none, and a member that is not known is refused.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.members(CodingKeys.self)
        excluding = try container.decodeIfPresent(Set<NodeKey>.self, forKey: .excluding) ?? []
        only = try container.decodeIfPresent(Set<NodeKey>.self, forKey: .only)
        minimumFollowers = try container.decodeIfPresent(Int.self, forKey: .minimumFollowers)
        activeSince = try container.decodeIfPresent(Timestamp.self, forKey: .activeSince)
        joinedBy = try container.decodeIfPresent([EdgeType.Name].self, forKey: .joinedBy)
    }
}
