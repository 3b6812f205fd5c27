/// What is asked, and how often: LinkBench's default mix, in hundredths of a percent.
///
/// | operation | Kith | SQLite |
/// |---|---|---|
/// | getlinklist | all neighbours with their times, by ascending id | all rows of a source with times, by target |
/// | countlink | degree | COUNT(*) of a source's rows |
/// | getlink | the edge with its time | the row |
/// | addlink, updatelink | add an edge, or replace its time | INSERT OR REPLACE |
/// | deletelink | remove an edge | DELETE |
/// | getnode | the weight of the node's edge to itself | the node's row |
/// | addnode, updatenode | add that edge, or replace its weight | INSERT OR REPLACE |
/// | deletenode | remove that edge | DELETE |
///
/// A node of Kith has no content, so an edge to itself that weighs something stands for it: one block, as a row is one,
/// found by the node's key. Kith keeps every edge in both directions and SQLite its table and an index the other way
/// round. LinkBench orders lists by time; both sides here give them as they are stored.
enum Operation: Int, CaseIterable, Sendable {
    case getLinkList, countLink, getLink, addLink, deleteLink, updateLink, getNode, addNode, updateNode, deleteNode

    /// How many of 10,000.
    var share: Int {
        switch self {
        case .getLinkList: 5_071
        case .countLink: 489
        case .getLink: 53
        case .addLink: 899
        case .deleteLink: 299
        case .updateLink: 801
        case .getNode: 1_293
        case .addNode: 257
        case .updateNode: 737
        case .deleteNode: 101
        }
    }

    /// Whether nothing is changed.
    var isRead: Bool {
        switch self {
        case .getLinkList, .countLink, .getLink, .getNode: true
        case .addLink, .deleteLink, .updateLink, .addNode, .updateNode, .deleteNode: false
        }
    }

    /// LinkBench's name.
    var name: String { "\(self)".lowercased() }
}

/// An operation with what it is about.
struct Call: Sendable {
    let operation: Operation
    /// The node, or the source of the link.
    let node: UInt64
    /// The target of the link.
    let other: UInt64
    /// The link's time, or the node's content.
    let value: UInt32
}
