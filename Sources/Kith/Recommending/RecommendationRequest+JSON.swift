/// A request as a file people write:
/// ```json
/// {"recommenders": [{"by": "friends-of-friends", "options": {"since": "30d"}}, {"by": "interests", "weight": 0.5}],
///  "limit": 5, "filters": {"excluding": ["bob"]}}
/// ```
extension RecommendationRequest {
    /// The request that `json`, in UTF-8, describes; what is missing is as in a new one.
    ///
    /// Stricter than a decoder: a member that is not known or written twice is refused, and so is a comma too many.
    /// - Parameter present: what times such as `30d` and `yesterday` count from; where it is nil they are refused.
    /// - Throws: ``GraphStoreError/badRequest(_:)`` and ``GraphStoreError/badTime(member:_:)`` that say where and what.
    public init(json: some Sequence<UInt8>, relativeTo present: Timestamp? = nil) throws(GraphStoreError) {
        do {
            self = try StrictJSON.decode(RecommendationRequest.self, from: json, present: present)
        } catch let error as DecodingError {
            if case .dataCorrupted(let context) = error, let time = context.underlyingError as? TimestampError {
                throw .badTime(member: error.place, time)
            }
            throw .badRequest(error.place.isEmpty ? error.reason : "\(error.place): \(error.reason)")
        } catch {
            throw .badRequest("\(error)")
        }
    }
}
