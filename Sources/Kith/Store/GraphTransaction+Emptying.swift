/// How the edges of whole types are taken away.
extension GraphTransaction {
    /// Takes all edges of some types away; their nodes stay.
    ///
    /// The pages they were on are used again by later transactions, not by this one: so the file grows by what is put in
    /// their place.
    /// - Returns: how many edges each type had.
    /// - Complexity: O(pages of the types' tables), of which those above the lists are read; 8 bytes of memory a page.
    mutating func removeEdges(of types: Set<EdgeType.Name>) throws -> [EdgeType.Name: Int] {
        var removed: [EdgeType.Name: Int] = [:]
        for name in types {
            let edges = try tables.edges(name)
            removed[name] = Int(counters.edges[edges.index])
            try edges.out.removeAll(in: &transaction)
            // The tables of a symmetric type are one.
            if !edges.type.isSymmetric { try edges.in.removeAll(in: &transaction) }
            counters.removeEdges(of: edges)
        }
        return removed
    }
}
