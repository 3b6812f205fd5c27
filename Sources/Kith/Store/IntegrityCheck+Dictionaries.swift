import LMDB

extension IntegrityCheck {
    /// Proves that the two tables of a kind are what they say and inverse to each other.
    ///
    /// Both are walked block by block, `key>id` first: each entry of `id>key` is looked up in it, and what is wrong with a
    /// block is said before what cannot be found in it. As many entries in the one as in the other, none twice, then make
    /// the two inverse.
    mutating func checkDictionary(
        _ dictionary: NodeDictionary, _ counted: StoreCounters.Kind, in transaction: borrowing ReadTransaction
    ) throws {
        let idCount = try checkIDs(dictionary, in: transaction)
        let keyCount = try checkKeys(dictionary, counted, in: transaction)
        if keyCount != idCount {
            note(
                .dictionary, NodeDictionary.idsName(dictionary.kind), nil,
                "\(idCount) keys have an id, and \(keyCount) ids have a key")
        }
        if UInt64(keyCount) != counted.nodes {
            note(
                .counter, StoreMeta.tableName, nil,
                "the counter of '\(dictionary.kind)' says \(counted.nodes) nodes, and \(keyCount) are stored")
        }
    }

    /// Walks `id>key`; answers how many entries it has.
    private mutating func checkKeys(
        _ dictionary: NodeDictionary, _ counted: StoreCounters.Kind, in transaction: borrowing ReadTransaction
    ) throws -> Int {
        let table = NodeDictionary.keysName(dictionary.kind)
        var ids = IDSet(limit: counted.nextID)
        var count = 0
        var previousBlock: UInt32?
        var previous: UInt32?
        var scratch = DictionaryScratch()
        var cursor = transaction.cursor(in: dictionary.keys)
        var entry = try cursor.first()
        while let current = entry {
            let blockKey = current.key
            if let previousBlock, blockKey <= previousBlock {
                note(.tableOrder, table, blockKey, "the block of id \(blockKey) stands after that of \(previousBlock)")
                break
            }
            previousBlock = blockKey
            do {
                try KeyBlock.validate(
                    current.value, keyBytes: current.keyBytes.byteCount, into: &scratch.entries, writer: &scratch.block)
                let first = scratch.entries.ids[0]
                if first != blockKey {
                    note(.blockKey, table, blockKey, "a block that starts with id \(first) has the key of \(blockKey)")
                }
                if let previous, first <= previous {
                    note(
                        .dictionary, table, blockKey,
                        "a block starts with id \(first) after one that ends with \(previous)")
                }
                previous = scratch.entries.ids.last
            } catch {
                noteBlock(error, table, blockKey)
                scratch.entries.removeAll()
            }
            for index in 0..<scratch.entries.count {
                let id = scratch.entries.ids[index]
                if UInt64(id) >= counted.nextID {
                    note(.dictionary, table, id, "id \(id) is not below the next id, \(counted.nextID)")
                } else {
                    ids.insert(id)
                }
                try checkInverse(of: scratch.entries, at: index, dictionary, in: transaction)
            }
            count += scratch.entries.count
            try step(Double(scratch.entries.count))
            entry = try cursor.next()
        }
        report.nodes += count
        existing.append(ids)
        return count
    }

    /// Whether the key of an entry of `id>key` has its id in `key>id`.
    private mutating func checkInverse(
        of entries: DictionaryEntries, at index: Int, _ dictionary: NodeDictionary,
        in transaction: borrowing ReadTransaction
    ) throws {
        let table = NodeDictionary.keysName(dictionary.kind)
        let id = entries.ids[index]
        do {
            let key = try entries.key(at: index)
            let inverse = try dictionary.id(of: key, in: transaction)
            if inverse != id {
                let found = inverse.map { "id \($0)" } ?? "no id"
                note(.dictionary, table, id, "id \(id) has key '\(key)', and that key has \(found)")
            }
        } catch let error as DictionaryBlockError {
            note(.dictionary, table, id, "\(error)")
        } catch GraphStoreError.damaged(_, _, let reason) {
            note(.dictionary, table, id, reason)
        }
    }

    /// Walks `key>id`; answers how many entries it has.
    private mutating func checkIDs(
        _ dictionary: NodeDictionary, in transaction: borrowing ReadTransaction
    ) throws -> Int {
        let table = NodeDictionary.idsName(dictionary.kind)
        var count = 0
        var previousBlock: [UInt8] = []
        var previous: NodeKey?
        var scratch = DictionaryScratch()
        var cursor = transaction.cursor(in: dictionary.ids)
        var entry = try cursor.first()
        while let current = entry {
            let blockKey = unsafe current.keyBytes.withUnsafeBytes { unsafe Array($0) }
            guard previousBlock.lexicographicallyPrecedes(blockKey) else {
                note(.tableOrder, table, nil, "the key of a block does not stand after that of the block before it")
                break
            }
            previousBlock = blockKey
            do {
                try IDBlock.validate(
                    current.value, keyBytes: current.keyBytes.byteCount, into: &scratch.entries, writer: &scratch.block)
                let first = try scratch.entries.key(at: 0)
                if unsafe (try? NodeKey(encoded: blockKey.span.bytes)) != first {
                    note(.blockKey, table, nil, "a block that starts with '\(first)' has another key")
                }
                if let previous, first <= previous {
                    note(
                        .dictionary, table, nil, "a block starts with '\(first)' after one that ends with '\(previous)'"
                    )
                }
                previous = try scratch.entries.key(at: scratch.entries.count - 1)
            } catch {
                noteBlock(error, table, nil)
                scratch.entries.removeAll()
            }
            count += scratch.entries.count
            try step(Double(scratch.entries.count))
            entry = try cursor.next()
        }
        return count
    }

    private mutating func noteBlock(_ error: DictionaryBlockError, _ table: String, _ node: UInt32?) {
        let kind: IntegrityReport.Problem.Kind = if case .checkMismatch = error { .checkByte } else { .blockForm }
        note(kind, table, node, "\(error)")
    }
}
