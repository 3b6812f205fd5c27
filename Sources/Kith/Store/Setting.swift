/// What an account has set, as edges of type `settings` from a user to a node of kind `setting`.
///
/// A setting is a node like any other, so it is written, loaded, exported and proved as all edges are:
/// `kith add people.kith settings alice hidden`. A service may keep settings of its own there. What is a slip of one of
/// these is refused, because who asks to be `hiden` would not be.
public enum Setting {
    /// Never recommended to anyone.
    public static let isHidden: NodeKey = "hidden"
    /// Never an intermediate of any method, and never shown as evidence: who is connected to it stays untold. It may be
    /// suggested.
    public static let isPrivate: NodeKey = "private"
    /// All there are.
    public static let all = [isHidden, isPrivate]

    /// Sees to it that an edge of `type` to `target`, if it says what an account has set, is no slip.
    ///
    /// - Throws: ``GraphStoreError/unknownSetting(_:known:)``.
    static func check(_ target: NodeKey, in type: EdgeType) throws(GraphStoreError) {
        if type.isOfSettings, isSlip(target.description) { throw .unknownSetting(target, known: all) }
    }

    /// Whether a key is no setting, and near one that is.
    static func isSlip(_ text: String) -> Bool {
        // Far longer than any.
        if text.utf8.count > 16 { return false }
        let names = all.map(\.description)
        return !names.contains(text) && nearestName(to: text, among: names) != nil
    }
}

extension EdgeType {
    /// Whether its edges say what accounts have set: see ``Setting``.
    var isOfSettings: Bool { name == .settings && target == .setting && !isSymmetric }
}
