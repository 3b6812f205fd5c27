import Adjacency
import HeapModule

/// One neighbour of a node, as a page shows it.
public struct Neighbor: Hashable, Sendable {
    /// Who.
    public let key: NodeKey
    /// The edge's weight at the snapshot's ``Snapshot/now``, or nil when the type has none.
    public let weight: Double?
    /// The edge's time, or nil when the type has none or it is not known.
    public let time: Timestamp?
}

/// A part of a neighbour list, and where the next part starts.
public struct NeighborPage: Hashable, Sendable {
    /// How many neighbours the whole list has.
    public let degree: Int
    /// The neighbours of this page, in the order asked for.
    public let neighbors: [Neighbor]
    /// Where the next page starts, or nil when this one is the last.
    public let next: NeighborCursor?
}

/// The order in which a list is paged.
public enum NeighborOrder: String, Sendable, Hashable, CaseIterable, Codable {
    /// By ascending id: as stored, so a page costs what it shows. After a bulk load, the most followed first.
    case ascending
    /// By descending time, then ascending id. Scans the whole list for every page.
    case newestFirst = "newest-first"
}

/// A place between two neighbours of a list.
///
/// It holds the last neighbour shown, not a count of them: what is added or removed before that place meanwhile neither
/// repeats nor hides a neighbour. Its text is opaque, and good for the store it came from until that is reordered.
public struct NeighborCursor: Hashable, Sendable, LosslessStringConvertible {
    let order: NeighborOrder
    let time: UInt32
    let id: UInt32

    init(order: NeighborOrder, time: UInt32, id: UInt32) {
        self.order = order
        self.time = time
        self.id = id
    }

    /// Reads ``description`` back; nil when the text is no cursor.
    public init?(_ description: String) {
        let parts = description.split(separator: ".", omittingEmptySubsequences: false)
        if parts.count == 2, parts[0] == "a", let id = UInt32(parts[1]) {
            self.init(order: .ascending, time: 0, id: id)
        } else if parts.count == 3, parts[0] == "n", let time = UInt32(parts[1]), let id = UInt32(parts[2]) {
            self.init(order: .newestFirst, time: time, id: id)
        } else {
            return nil
        }
    }

    /// The place as text without spaces.
    public var description: String {
        switch order {
        case .ascending: "a.\(id)"
        case .newestFirst: "n.\(time).\(id)"
        }
    }
}

extension Snapshot {
    /// A page of a node's neighbours.
    ///
    /// - Parameters:
    ///   - limit: how many neighbours at most, above zero.
    ///   - cursor: ``NeighborPage/next`` of the page before, asked with the same order; nil for the first page.
    /// - Complexity: in ascending order O(limit) and one block; newest first O(degree log limit).
    /// - Throws: ``GraphStoreError/noSuchNode(_:_:)``, ``GraphStoreError/unknownEdgeType(_:known:)``,
    ///   ``GraphStoreError/badRequest(_:)`` when the limit is not above zero, the cursor is of the other order, or the
    ///   type has no time to order by.
    public func neighbors(
        of key: NodeKey, via type: EdgeType.Name, direction: EdgeDirection = .out, order: NeighborOrder = .ascending,
        limit: Int = 100, after cursor: NeighborCursor? = nil
    ) throws -> NeighborPage {
        let edges = try tables.edges(type)
        guard limit > 0 else {
            throw GraphStoreError.badRequest("a page needs a limit above 0, and this one is \(limit)")
        }
        guard order == .ascending || edges.type.columns.contains(.time) else {
            throw GraphStoreError.noSuchColumn(type, column: "time")
        }
        if let cursor, cursor.order != order {
            throw GraphStoreError.badRequest(
                "the cursor '\(cursor)' is of a page in order \(cursor.order.rawValue), and this page is "
                    + "\(order.rawValue); ask for the same order or start without a cursor")
        }
        let table = edges.table(direction)
        let node = try edges.origin(direction).existingID(of: key, in: self)
        let degree = try table.degree(of: node, in: self)
        let count = min(limit, degree) + 1
        var places: [PagePlace]
        switch order {
        case .ascending:
            places = try ascending(table, node, after: cursor, count: count)
        case .newestFirst:
            places = try newestFirst(table, node, after: cursor, count: count)
        }
        var next: NeighborCursor?
        if places.count > limit {
            places.removeLast()
            next = places.last.map { NeighborCursor(order: order, time: $0.value.time, id: $0.id) }
        }
        let dictionary = edges.destination(direction)
        let neighbors = try places.map { place in
            let read = edges.type.read(place.value, at: now)
            return Neighbor(
                key: try dictionary.existingKey(of: place.id, in: self), weight: read.weight, time: read.time)
        }
        return NeighborPage(degree: degree, neighbors: neighbors, next: next)
    }

    private func ascending(
        _ table: AdjacencyTable, _ node: UInt32, after cursor: NeighborCursor?, count: Int
    ) throws -> [PagePlace] {
        var places: [PagePlace] = []
        guard cursor?.id != UInt32.max else { return places }
        var reader = table.neighbors(in: self)
        try reader.forEachNeighbor(of: node, startingAt: cursor.map { $0.id + 1 } ?? 0) { id, value in
            places.append(PagePlace(id: id, value: value))
            return places.count < count
        }
        return places
    }

    private func newestFirst(
        _ table: AdjacencyTable, _ node: UInt32, after cursor: NeighborCursor?, count: Int
    ) throws -> [PagePlace] {
        let bound = cursor.map { PagePlace(id: $0.id, value: EdgeValue(weight: 0, time: $0.time)) }
        var newest = Heap<PagePlace>()
        var reader = table.neighbors(in: self)
        try reader.forEachNeighbor(of: node, startingAt: 0) { id, value in
            let place = PagePlace(id: id, value: value)
            if let bound, !(place < bound) { return true }
            if newest.count < count {
                newest.insert(place)
            } else if let oldest = newest.min, oldest < place {
                newest.replaceMin(with: place)
            }
            return true
        }
        return newest.unordered.sorted(by: >)
    }
}

/// A neighbour with its stored value; the newer is the greater, of equal times the one with the smaller id.
private struct PagePlace: Comparable {
    let id: UInt32
    let value: EdgeValue

    static func == (left: PagePlace, right: PagePlace) -> Bool {
        left.id == right.id && left.value.time == right.value.time
    }

    static func < (left: PagePlace, right: PagePlace) -> Bool {
        (left.value.time, right.id) < (right.value.time, left.id)
    }
}
