import Kith

/// The first difference between a store and the graph it should equal, or nil.
///
/// Compares, through public reads: every node, every edge with its value in both directions, every degree, every counter.
public func firstDifference(between store: GraphStore, and reference: ReferenceGraph) throws -> String? {
    // Weights that fade are compared as stored: read at time 0, nothing has faded.
    try store.read(at: 0) { snapshot in
        for kind in reference.schema.nodeKinds {
            let expected = reference.nodes[kind, default: []]
            let found = try snapshot.nodeCount(of: kind)
            if found != expected.count { return "\(kind): \(found) nodes, expected \(expected.count)" }
            for key in expected {
                guard let id = try snapshot.id(of: key, kind: kind) else { return "\(kind) '\(key)' is missing" }
                if try snapshot.key(of: id, kind: kind) != key { return "\(kind) '\(key)': its id has another key" }
            }
        }
        for type in reference.schema.edgeTypes {
            let found = try snapshot.edgeCount(of: type.name)
            if found != reference.edgeCount(type) {
                return "\(type.name): \(found) edges, expected \(reference.edgeCount(type))"
            }
            var inward: [NodeKey: [NodeKey: ReferenceGraph.Value]] = [:]
            for source in reference.nodes[type.source, default: []] {
                let expected = reference.neighbors(type.name, of: source)
                for (target, value) in expected { inward[target, default: [:]][source] = value }
                if let difference = try listDifference(expected, snapshot, source, type, .out) { return difference }
            }
            for target in reference.nodes[type.target, default: []] {
                let expected = type.isSymmetric ? reference.neighbors(type.name, of: target) : inward[target] ?? [:]
                if let difference = try listDifference(expected, snapshot, target, type, .in) { return difference }
            }
        }
        return nil
    }
}

private func listDifference(
    _ expected: [NodeKey: ReferenceGraph.Value], _ snapshot: borrowing Snapshot, _ node: NodeKey, _ type: EdgeType,
    _ direction: EdgeDirection
) throws -> String? {
    let place = "\(type.name) \(direction.rawValue) of '\(node)'"
    let degree = try snapshot.degree(of: node, via: type.name, direction: direction)
    if degree != expected.count { return "\(place): degree \(degree), expected \(expected.count)" }
    let kind = direction == .out ? type.target : type.source
    var found: [NodeKey: ReferenceGraph.Value] = [:]
    var previous: NodeID?
    var difference: String?
    try snapshot.forEachNeighbor(of: node, via: type.name, direction: direction) { id, weight, time in
        if let previous, id <= previous { difference = "\(place): id \(id) after \(previous)" }
        previous = id
        guard let key = try snapshot.key(of: id, kind: kind) else {
            difference = "\(place): id \(id) has no key"
            return
        }
        found[key] = ReferenceGraph.Value(weight: weight, time: time.rawValue)
    }
    if let difference { return difference }
    for (key, value) in expected where found[key] != value {
        return "\(place): '\(key)' has \(String(describing: found[key])), expected \(value)"
    }
    return nil
}
