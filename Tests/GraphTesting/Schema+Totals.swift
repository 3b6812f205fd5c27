import Kith

extension Schema {
    /// ``social``, and types whose weights are kept in double precision: some add up, some do not, one is symmetric.
    public static let socialWithTotals: Schema = {
        do {
            return try Schema(
                nodeKinds: social.nodeKinds,
                edgeTypes: social.edgeTypes + [
                    EdgeType(
                        "totals", from: .user, to: .item, columns: .weight, precision: .double,
                        repetition: .accumulate(halfLifeSeconds: nil)),
                    EdgeType("ratings", from: .user, to: .item, columns: .weight, precision: .double),
                    EdgeType(
                        "ties", from: .user, to: .user, isSymmetric: true, columns: .weight, precision: .double,
                        repetition: .accumulate(halfLifeSeconds: nil)),
                ])
        } catch {
            preconditionFailure("a schema of this file makes no sense: \(error)")
        }
    }()
}
