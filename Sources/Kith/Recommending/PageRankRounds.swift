/// One PageRank in the making: rounds over the nodes that have some residual, or over all nodes.
///
/// Every round relaxes nodes in ascending id, in place. Who solves chooses the kind of round and when to stop. The walk
/// ends at nodes that are closed: a round is cut there, so that the loops over all others need not ask.
struct PageRankRounds {
    private let walk: PageRankWalk
    private let scratch: PageRankScratch
    /// What is done at one node, and what it came to.
    var step: RelaxationStep
    /// The lists of this walk, where a request has decoded them.
    private var lists: DecodedLists?

    /// - Parameter commit: of which state of the graph.
    init(_ walk: PageRankWalk, relaxation: Double, _ scratch: PageRankScratch, _ commit: UInt64) {
        self.walk = walk
        self.scratch = scratch
        step = RelaxationStep(walk, relaxation, scratch)
        lists = scratch.decoded.lists(of: walk, commit)
    }

    /// Relaxes every node that has some residual and was touched.
    mutating func relaxTouched(in snapshot: borrowing Snapshot, _ hopScratch: inout HopScratch) throws {
        let order = scratch.order
        unsafe order.order(scratch.touched, count: scratch.touchedCount)
        let closed = scratch.closed
        var (start, index) = (0, 0)
        // From one to the other by binary search, so that the shorter of both decides how long it takes.
        while index < closed.count {
            let place = order.firstPlace(notBelow: closed[index])
            guard place < order.count else { break }
            if order[place] == closed[index] {
                try relax(order, start..<place, in: snapshot, &hopScratch)
                step.end(at: closed[index])
                start = place + 1
                index += 1
            } else {
                index = firstPlace(below: closed.count) { closed[$0] >= order[place] }
            }
        }
        try relax(order, start..<order.count, in: snapshot, &hopScratch)
    }

    /// Relaxes the nodes at these places of `order`, none of which is closed.
    private mutating func relax(
        _ order: AscendingNodes, _ places: Range<Int>, in snapshot: borrowing Snapshot,
        _ hopScratch: inout HopScratch
    ) throws {
        if let lists {
            lists.withRows { rows in
                for place in places {
                    let node = order[place]
                    step.relax(node, in: rows) { share in
                        unsafe scratch.pass(share, to: rows.neighbors(of: node))
                    } byShares: { neighbor, amount in
                        scratch.touch(neighbor)
                        unsafe scratch.residual[Int(neighbor)] += amount
                    }
                }
            }
        } else if walk.walksPlainLists {
            let table = walk.hop.steps[0].table
            var reader = table.neighbors(.popular, in: snapshot)
            for place in places { try relaxEvenly(order[place], by: &reader) }
        } else {
            for place in places { try relaxUnevenly(order[place], in: snapshot, &hopScratch) }
        }
    }

    /// Relaxes every node.
    mutating func sweep(in snapshot: borrowing Snapshot, _ hopScratch: inout HopScratch) throws {
        if lists == nil {
            lists = try scratch.decoded.lists(of: walk, snapshot.commit) {
                try DecodedLists(walk, in: snapshot, &hopScratch)
            }
        }
        if lists == nil, walk.walksPlainLists { return try sweepStored(in: snapshot) }
        var start: UInt32 = 0
        for node in scratch.closed where node < walk.nodeLimit {
            try sweep(start..<node, in: snapshot, &hopScratch)
            step.end(at: node)
            start = node + 1
        }
        try sweep(start..<walk.nodeLimit, in: snapshot, &hopScratch)
    }

    /// Relaxes every node of a range in which none is closed.
    private mutating func sweep(
        _ nodes: Range<UInt32>, in snapshot: borrowing Snapshot, _ hopScratch: inout HopScratch
    ) throws {
        if let lists {
            // A copy, so that what a step reads stays in registers while it writes.
            var step = step
            let residuals = unsafe scratch.residual
            lists.withRows { rows in
                for node in nodes {
                    step.relax(node, in: rows) { share in
                        unsafe rows.forEachFour(of: node) { four in
                            unsafe residuals[Int(four[0])] += share
                            unsafe residuals[Int(four[1])] += share
                            unsafe residuals[Int(four[2])] += share
                            unsafe residuals[Int(four[3])] += share
                        }
                    } byShares: { neighbor, amount in
                        unsafe residuals[Int(neighbor)] += amount
                    }
                }
            }
            self.step = step
        } else {
            for node in nodes { try relaxUnevenly(node, in: snapshot, &hopScratch) }
        }
    }

    /// Σ|r|.
    var residual: Double {
        var sum = 0.0
        guard scratch.isGlobal else {
            for place in 0..<scratch.touchedCount {
                sum += unsafe scratch.residual[Int(scratch.touched[place])].magnitude
            }
            return sum
        }
        var lanes = SIMD8<Double>(repeating: 0)
        let count = Int(walk.nodeLimit)
        var node = 0
        while node + 8 <= count {
            let values = unsafe UnsafeRawPointer(scratch.residual + node).loadUnaligned(as: SIMD8<Double>.self)
            lanes += values.replacing(with: -values, where: values .< 0)
            node += 8
        }
        while node < count {
            sum += unsafe scratch.residual[node].magnitude
            node += 1
        }
        return sum + lanes.sum()
    }
}

// MARK: - Relaxing one node

/// What relaxing a node does to the vectors, and what all the steps came to.
@safe struct RelaxationStep {
    private let residuals: UnsafeMutablePointer<Double>
    private let estimates: UnsafeMutablePointer<Double>
    private let restart: Double
    var relaxation: Double
    /// Residuals of no more than this are left for later.
    private let residualMax: Double
    /// The edges walked.
    var visited = 0
    /// How much of what began came to nodes without edges, and would begin again.
    private(set) var returned = 0.0

    init(_ walk: PageRankWalk, _ relaxation: Double, _ scratch: PageRankScratch) {
        unsafe residuals = scratch.residual
        unsafe estimates = scratch.estimate
        restart = walk.restart
        self.relaxation = relaxation
        residualMax = walk.residualMax / (4 * Double(max(walk.nodeLimit, 1)))
    }

    /// The residual of a node, or nil when it is too little to matter.
    @inline(__always)
    func residual(of node: UInt32) -> Double? {
        let residual = unsafe residuals[Int(node)]
        return residual.magnitude <= residualMax ? nil : residual
    }

    /// Moves ω of the residual; answers what is to be passed on.
    @inline(__always)
    func move(_ residual: Double, of node: UInt32) -> Double {
        let moved = relaxation * residual
        unsafe residuals[Int(node)] = residual - moved
        unsafe estimates[Int(node)] += restart * moved
        return (1 - restart) * moved
    }

    /// A closed node: the walk goes back to where it began.
    mutating func end(at node: UInt32) {
        if let residual = residual(of: node) { returnToSeeds(residual, of: node) }
    }

    /// A node without edges: the walk goes back to where it began.
    @inline(__always)
    mutating func returnToSeeds(_ residual: Double, of node: UInt32) {
        unsafe residuals[Int(node)] = 0
        unsafe estimates[Int(node)] += restart * residual
        returned += (1 - restart) * residual
    }

    /// Relaxes a node by its decoded list.
    ///
    /// - Parameters:
    ///   - pass: passes as much on to each of its neighbours.
    ///   - passShare: passes so much on to one, where they differ.
    @inline(__always)
    mutating func relax(
        _ node: UInt32, in rows: DecodedLists.Rows, _ pass: (Double) -> Void,
        byShares passShare: (UInt32, Double) -> Void
    ) {
        guard let residual = residual(of: node) else { return }
        let degree = rows.degree(of: node)
        guard degree > 0 else { return returnToSeeds(residual, of: node) }
        visited &+= degree
        let passed = move(residual, of: node)
        if let shares = unsafe rows.shares(of: node) {
            let neighbors = unsafe rows.neighbors(of: node)
            for index in 0..<degree { unsafe passShare(neighbors[index], passed * shares[index]) }
        } else {
            pass(passed * (1 / Double(degree)))
        }
    }
}

extension PageRankRounds {
    /// Relaxes a node by its stored list, all edges of which are equally likely.
    private mutating func relaxEvenly(
        _ node: UInt32, by reader: inout NeighborReader
    ) throws {
        guard let residual = step.residual(of: node) else { return }
        let limit = walk.nodeLimit
        var share = 0.0
        var isFirstBlock = true
        try reader.forEachBlock(of: node) { block in
            if isFirstBlock {
                isFirstBlock = false
                share = step.move(residual, of: node) * (1 / Double(block.degree))
                step.visited += Int(block.degree)
            }
            try unsafe block.forEachGroup(below: limit) { group in unsafe scratch.pass(share, to: group) }
            return true
        }
        if isFirstBlock { step.returnToSeeds(residual, of: node) }
    }

    /// Relaxes a node by its stored lists, the edges of which differ.
    private mutating func relaxUnevenly(
        _ node: UInt32, in snapshot: borrowing Snapshot, _ hopScratch: inout HopScratch
    ) throws {
        guard let residual = step.residual(of: node) else { return }
        // Two passes over the lists: the sum of the weights, then the shares.
        var total = 0.0
        try walk.forEachEdge(of: node, in: snapshot, &hopScratch) { _, weight in total += weight }
        guard total > 0 else { return step.returnToSeeds(residual, of: node) }
        // As by decoded lists, to the last bit: whether there are some depends on the request before.
        let passed = step.move(residual, of: node)
        var count = 0
        try walk.forEachEdge(of: node, in: snapshot, &hopScratch) { neighbor, weight in
            if !scratch.isGlobal { scratch.touch(neighbor) }
            unsafe scratch.residual[Int(neighbor)] += passed * (weight / total)
            count += 1
        }
        step.visited += count
    }

    /// Relaxes every node by its stored list and keeps nothing: of graphs too large to be decoded.
    private mutating func sweepStored(in snapshot: borrowing Snapshot) throws {
        let limit = walk.nodeLimit
        var share = 0.0
        var next: UInt32 = 0
        var closed = AscendingMembership(scratch.closed)
        func returnGap(_ nodes: Range<UInt32>) {
            for node in nodes { step.end(at: node) }
        }
        var reader = walk.hop.steps[0].table.neighbors(in: snapshot)
        try reader.forEachBlock { node, isFirst, block in
            if isFirst {
                returnGap(next..<min(node, limit))
                next = node + 1
                share = 0
                if node < limit, closed.contains(node) {
                    step.end(at: node)
                } else if node < limit, let residual = step.residual(of: node) {
                    share = step.move(residual, of: node) * (1 / Double(block.degree))
                    step.visited += Int(block.degree)
                }
            }
            if share == 0 { return }
            let residuals = unsafe scratch.residual
            try unsafe block.forEachGroup(below: limit) { group in
                for index in 0..<group.count { unsafe residuals[Int(group[index])] += share }
            }
        }
        returnGap(min(next, limit)..<limit)
    }
}

extension PageRankWalk {
    /// Visits the edges of a node that weigh more than nothing.
    ///
    /// - Throws: ``GraphStoreError/damaged(table:node:reason:)``, also where a list names a node there cannot be.
    func forEachEdge(
        of node: UInt32, in snapshot: borrowing Snapshot, _ scratch: inout HopScratch,
        _ visit: (UInt32, Double) throws -> Void
    ) throws {
        for (index, step) in hop.steps.enumerated() {
            scratch.list.removeAll(columns: step.table.columns)
            var reader = step.table.neighbors(in: snapshot)
            try reader.read(node, into: &scratch.list)
            if let last = scratch.list.neighbors.last, last >= nodeLimit {
                throw GraphStoreError.damaged(
                    table: step.table.name, node: node, reason: "it names node id \(last), which does not exist")
            }
            for place in 0..<scratch.list.count {
                let value = EdgeValue(scratch.list.value(at: place))
                let weight = multipliers[index] * aging.weight(of: value, step.edges.type)
                if weight > 0 { try visit(scratch.list.neighbors[place], weight) }
            }
        }
    }
}
