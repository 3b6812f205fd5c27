import LMDB

/// Keys by their beginning: what completion at a prompt and search boxes ask for.
extension Snapshot {
    /// The keys of `kind` whose text starts with `prefix`: integers first, those of the fewest digits first, then
    /// strings; each in ascending order.
    ///
    /// - Parameter limit: how many at most.
    /// - Complexity: a lookup, and the blocks that hold the keys; for integers one lookup for each number of digits.
    /// - Throws: ``GraphStoreError/unknownKind(_:known:)``.
    public func keys(startingWith prefix: String, kind: NodeKind = .user, limit: Int) throws -> [NodeKey] {
        let dictionary = try tables.dictionary(kind)
        var found: [NodeKey] = []
        if limit <= 0 { return found }
        for range in Snapshot.integers(startingWith: prefix) {
            try dictionary.forEachKey(from: NodeKey(range.lowerBound), in: transaction) { key in
                guard let value = key.integer, range.contains(value), found.count < limit else { return false }
                found.append(key)
                return true
            }
        }
        // A zero byte behind it makes a string even of digits, and nothing that starts with the prefix is smaller but
        // the prefix itself.
        if let key = try? NodeKey(prefix), key.isString, found.count < limit,
            try dictionary.id(of: key, in: transaction) != nil
        {
            found.append(key)
        }
        guard found.count < limit, let first = try? NodeKey(prefix + "\0") else { return found }
        try dictionary.forEachKey(from: first, in: transaction) { key in
            guard key.description.utf8.starts(with: prefix.utf8), found.count < limit else { return false }
            found.append(key)
            return true
        }
        return found
    }

    /// The integers whose digits start with `prefix`, as a range for each number of digits.
    private static func integers(startingWith prefix: String) -> [ClosedRange<UInt64>] {
        if prefix.isEmpty { return [0...UInt64.max] }
        guard let value = (try? NodeKey(prefix))?.integer else { return [] }
        var ranges = [value...value]
        var (first, count) = (value, UInt64(1))
        while value > 0 {
            let (next, overflow) = first.multipliedReportingOverflow(by: 10)
            if overflow { break }
            (first, count) = (next, count * 10)
            let (last, isCut) = first.addingReportingOverflow(count - 1)
            ranges.append(first...(isCut ? .max : last))
        }
        return ranges
    }
}

extension NodeDictionary {
    /// Visits the keys from `first` on, in ascending order, until `visit` answers false.
    fileprivate func forEachKey(
        from first: NodeKey, in transaction: borrowing some Transaction & ~Copyable, _ visit: (NodeKey) -> Bool
    ) throws {
        var entries = DictionaryEntries()
        var cursor = transaction.cursor(in: ids)
        var entry = try cursor.seek(atOrBefore: EncodedKey(key: first))
        if entry == nil { entry = try cursor.first() }
        while let block = entry {
            entries.removeAll()
            do {
                try IDBlock.decode(block.value, into: &entries)
                for index in entries.insertionIndex(of: first)..<entries.count {
                    if !visit(try entries.key(at: index)) { return }
                }
            } catch {
                throw damagedIDs(error)
            }
            entry = try cursor.next()
        }
    }
}
