import Foundation
import Kith

/// A graph kept the slow, obvious way: dictionaries of dictionaries. What a store must equal.
public struct ReferenceGraph {
    /// One edge's value.
    public struct Value: Equatable, Sendable {
        /// Its weight as of its time.
        public var weight: Double
        /// Its time.
        public var time: UInt32

        /// A value.
        public init(weight: Double, time: UInt32) {
            self.weight = weight
            self.time = time
        }
    }

    /// What the graph is made of.
    public let schema: Schema
    /// Nodes by kind.
    public private(set) var nodes: [NodeKind: Set<NodeKey>] = [:]
    /// Edges by type, then source, then target; a symmetric edge stands in both directions.
    public private(set) var edges: [EdgeType.Name: [NodeKey: [NodeKey: Value]]] = [:]
    /// What the weights of a load add up to so far, before it is rounded.
    private var sums: [EdgeType.Name: [NodeKey: [NodeKey: Double]]] = [:]

    /// An empty graph.
    public init(schema: Schema) {
        self.schema = schema
    }

    /// Adds an edge as its type says; true when it is new.
    ///
    /// - Parameter inOneLoad: whether all additions so far are rows of one load, which rounds their sum once.
    @discardableResult
    public mutating func add(
        _ type: EdgeType, _ source: NodeKey, _ target: NodeKey, _ value: Value, inOneLoad: Bool = false
    ) -> Bool {
        nodes[type.source, default: []].insert(source)
        nodes[type.target, default: []].insert(target)
        let old = edges[type.name]?[source]?[target]
        func rounded(_ weight: Double) -> Double { type.precision == .double ? weight : Double(Float(weight)) }
        let value = Value(weight: rounded(value.weight), time: value.time)
        var stored = value
        if let old, case .accumulate(let halfLifeSeconds) = type.repetition {
            let latest = max(old.time, value.time)
            func faded(_ weight: Double, of time: UInt32) -> Double {
                guard let halfLifeSeconds else { return weight }
                return weight * exp2(-Double(latest - time) / halfLifeSeconds)
            }
            let unrounded = inOneLoad ? sums[type.name]?[source]?[target] : nil
            let sum =
                faded(unrounded ?? old.weight, of: old.time) + faded(value.weight, of: value.time)
            if inOneLoad {
                sums[type.name, default: [:]][source, default: [:]][target] = sum
                if type.isSymmetric { sums[type.name, default: [:]][target, default: [:]][source] = sum }
            }
            stored = Value(weight: rounded(sum), time: latest)
        }
        edges[type.name, default: [:]][source, default: [:]][target] = stored
        if type.isSymmetric { edges[type.name, default: [:]][target, default: [:]][source] = stored }
        return old == nil
    }

    /// Adds a node without edges; true when it is new.
    @discardableResult
    public mutating func addNode(_ key: NodeKey, kind: NodeKind) -> Bool {
        nodes[kind, default: []].insert(key).inserted
    }

    /// Removes an edge; true when there was one.
    @discardableResult
    public mutating func remove(_ type: EdgeType, _ source: NodeKey, _ target: NodeKey) -> Bool {
        let removed = edges[type.name]?[source]?.removeValue(forKey: target) != nil
        if type.isSymmetric { edges[type.name]?[target]?[source] = nil }
        return removed
    }

    /// Removes a node and all its edges; true when there was one.
    @discardableResult
    public mutating func removeNode(_ key: NodeKey, kind: NodeKind) -> Bool {
        for type in schema.edgeTypes {
            if type.source == kind { edges[type.name]?[key] = nil }
            if type.target == kind {
                for source in edges[type.name, default: [:]].keys {
                    edges[type.name]?[source]?[key] = nil
                }
            }
        }
        return nodes[kind]?.remove(key) != nil
    }

    /// The targets of a source, with values.
    public func neighbors(_ type: EdgeType.Name, of key: NodeKey) -> [NodeKey: Value] {
        edges[type]?[key] ?? [:]
    }

    /// The sources of a target, with values. Slow.
    public func sources(_ type: EdgeType.Name, of key: NodeKey) -> [NodeKey: Value] {
        var found: [NodeKey: Value] = [:]
        for (source, targets) in edges[type, default: [:]] {
            found[source] = targets[key]
        }
        return found
    }

    /// How many edges of a type there are; a symmetric one counts once.
    public func edgeCount(_ type: EdgeType) -> Int {
        let all = edges[type.name, default: [:]]
        let directed = all.values.reduce(0) { $0 + $1.count }
        guard type.isSymmetric else { return directed }
        let loops = all.reduce(0) { $0 + ($1.value[$1.key] == nil ? 0 : 1) }
        return (directed + loops) / 2
    }
}
