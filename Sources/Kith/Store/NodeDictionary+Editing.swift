import LMDB

/// Reused memory of a writer: the block being edited, as entries, and the bytes it becomes.
struct DictionaryScratch {
    var entries = DictionaryEntries()
    var block = DictionaryBlockWriter()
}

/// Editing in place: find the block, decode it, change it, put it back; in halves, when it no longer fits. A block that
/// overflows at the end of its table is left as it is, and the new entry starts the next: so the keys of new nodes, whose
/// ids ascend, fill their blocks.
extension NodeDictionary {
    /// Gives a new node its id.
    func insert(
        _ key: NodeKey, id: UInt32, in transaction: inout WriteTransaction, scratch: inout DictionaryScratch
    ) throws {
        try insertKey(key, id: id, in: &transaction, scratch: &scratch)
        try insertID(key, id: id, in: &transaction, scratch: &scratch)
    }

    /// Gives `count` new nodes the ids from `firstID` on, which are above all there are, one way:
    /// ``insertIDs(_:in:scratch:node:)`` of the same transaction gives the other.
    ///
    /// - Parameter withKey: lends the encoded key of a number below `count`.
    /// - Complexity: O(count + bytes of the last block).
    func appendKeys(
        _ count: Int, from firstID: UInt32, in transaction: inout WriteTransaction, scratch: inout DictionaryScratch,
        withKey: (Int, (RawSpan) throws -> Void) throws -> Void
    ) throws {
        if count == 0 { return }
        var fill = try lastKeys(below: firstID, in: transaction)
        for index in 0..<count {
            try withKey(index) { key in
                try fill.append(firstID + UInt32(index), key) { extent, entries in
                    try put(extent, of: entries, in: &transaction, block: &scratch.block)
                }
            }
        }
        try put(fill.extent, of: fill.entries, in: &transaction, block: &scratch.block)
    }

    /// The last block of `id>key`, to be filled.
    private func lastKeys(
        below firstID: UInt32, in transaction: borrowing WriteTransaction
    ) throws -> DictionaryFill<KeyBlock> {
        var cursor = transaction.cursor(in: keys)
        guard let last = try cursor.last() else { return DictionaryFill() }
        let fill: DictionaryFill<KeyBlock>
        do {
            fill = try DictionaryFill(last.value)
        } catch {
            throw damagedKeys(last.key, error)
        }
        guard let lastID = fill.entries.ids.last, fill.entries.ids[0] == last.key, lastID < firstID else {
            throw damagedKeys(firstID, "the next id is in use")
        }
        return fill
    }

    /// Puts a block of `id>key`.
    private func put(
        _ extent: KeyBlock.Extent, of entries: DictionaryEntries, in transaction: inout WriteTransaction,
        block: inout DictionaryBlockWriter
    ) throws {
        KeyBlock.encode(extent, from: 0, of: entries, into: &block)
        unsafe try transaction.put(block.bytes.span.bytes, forKey: entries.ids[0], in: keys)
    }

    /// Gives new nodes, in ascending order of keys, their ids: those that go into one block are put there at once.
    ///
    /// - Complexity: O(count + bytes of the blocks they go into).
    func insertIDs(
        _ count: Int, in transaction: inout WriteTransaction, scratch: inout DictionaryScratch,
        node: (Int) throws -> (key: NodeKey, id: UInt32)
    ) throws {
        var index = 0
        while index < count {
            let first = try node(index).key
            let place = try loadIDs(for: first, in: transaction, into: &scratch.entries)
            repeat {
                let (key, id) = try node(index)
                if key.isString != first.isString { break }
                if let end = place?.end, key >= end { break }
                try insert(key, id: id, into: &scratch.entries)
                index += 1
            } while index < count && scratch.entries.count < NodeDictionary.entriesAtOnceMax
            try storeIDs(place, growsAtEnd: false, in: &transaction, scratch: &scratch)
        }
    }

    /// How many entries are in memory at once, where many go into one block: some blocks of them.
    private static let entriesAtOnceMax = 4_096

    /// Forgets a node whose edges are gone.
    func remove(
        _ key: NodeKey, id: UInt32, in transaction: inout WriteTransaction, scratch: inout DictionaryScratch
    ) throws {
        try removeKey(of: id, in: &transaction, scratch: &scratch)
        try removeID(of: key, in: &transaction, scratch: &scratch)
    }
}

/// A block found for editing.
private struct Place<Key> {
    /// The block's LMDB key.
    let key: Key
    /// Whether no block follows in which the entry could be as well.
    let isLast: Bool
    /// Entries below this and above the one looked for go into this block too; all that may follow when nil.
    var end: Key?
}

// MARK: - id>key

extension NodeDictionary {
    private func insertKey(
        _ key: NodeKey, id: UInt32, in transaction: inout WriteTransaction, scratch: inout DictionaryScratch
    ) throws {
        if let last = try extendLast(by: key, id: id, in: transaction, into: &scratch.block) {
            unsafe try transaction.put(scratch.block.bytes.span.bytes, forKey: last, in: keys)
            return
        }
        let place = try loadKeys(for: id, in: transaction, into: &scratch.entries)
        let index = scratch.entries.insertionIndex(of: id)
        if index < scratch.entries.count, scratch.entries.ids[index] == id {
            throw damagedKeys(id, "the next id is in use")
        }
        scratch.entries.insert(key, id: id, at: index)
        let isAtEnd = place?.isLast != false && index == scratch.entries.count - 1
        try storeKeys(place, growsAtEnd: isAtEnd, in: &transaction, scratch: &scratch)
    }

    /// Writes the last block of the table with one more entry, if it takes that without being decoded; answers its key.
    private func extendLast(
        by key: NodeKey, id: UInt32, in transaction: borrowing WriteTransaction,
        into block: inout DictionaryBlockWriter
    ) throws -> UInt32? {
        var cursor = transaction.cursor(in: keys)
        guard let last = try cursor.last() else { return nil }
        do {
            try KeyBlock.validateCheck(last.value)
            return try KeyBlock.extend(last.value, by: key, id: id, into: &block) ? last.key : nil
        } catch {
            throw damagedKeys(id, error)
        }
    }

    private func removeKey(
        of id: UInt32, in transaction: inout WriteTransaction, scratch: inout DictionaryScratch
    ) throws {
        let place = try loadKeys(for: id, in: transaction, into: &scratch.entries)
        let index = scratch.entries.insertionIndex(of: id)
        guard index < scratch.entries.count, scratch.entries.ids[index] == id else {
            throw damagedKeys(id, "a key has this id, and the id has no key")
        }
        scratch.entries.remove(at: index)
        try storeKeys(place, growsAtEnd: false, in: &transaction, scratch: &scratch)
    }

    /// Decodes the block that has `id`, or would, into `entries`; nil, and no entries, when there is none.
    private func loadKeys(
        for id: UInt32, in transaction: borrowing WriteTransaction, into entries: inout DictionaryEntries
    ) throws -> Place<UInt32>? {
        entries.removeAll()
        var cursor = transaction.cursor(in: keys)
        let isLast = try cursor.seek(atOrAfter: id) == nil
        var found = try cursor.seek(atOrBefore: id)
        if found == nil { found = try cursor.first() }
        guard let found else { return nil }
        do {
            try KeyBlock.validateCheck(found.value)
            try KeyBlock.decode(found.value, into: &entries)
        } catch {
            throw damagedKeys(id, error)
        }
        guard entries.ids[0] == found.key else {
            throw damagedKeys(id, "a block that starts with id \(entries.ids[0]) has the key of \(found.key)")
        }
        return Place(key: found.key, isLast: isLast)
    }

    private func storeKeys(
        _ place: Place<UInt32>?, growsAtEnd: Bool, in transaction: inout WriteTransaction,
        scratch: inout DictionaryScratch
    ) throws {
        if let old = place?.key, scratch.entries.ids.first != old { try transaction.remove(old, in: keys) }
        if scratch.entries.count == 0 { return }
        try KeyBlock.split(scratch.entries, growsAtEnd: growsAtEnd) { start, extent in
            KeyBlock.encode(extent, from: start, of: scratch.entries, into: &scratch.block)
            let key = scratch.entries.ids[start]
            unsafe try transaction.put(scratch.block.bytes.span.bytes, forKey: key, in: keys)
        }
    }
}

// MARK: - key>id

extension NodeDictionary {
    private func insertID(
        _ key: NodeKey, id: UInt32, in transaction: inout WriteTransaction, scratch: inout DictionaryScratch
    ) throws {
        let place = try loadIDs(for: key, in: transaction, into: &scratch.entries)
        let index = try insert(key, id: id, into: &scratch.entries)
        let isAtEnd = place?.isLast != false && index == scratch.entries.count - 1
        try storeIDs(place, growsAtEnd: isAtEnd, in: &transaction, scratch: &scratch)
    }

    /// Adds a new key to the entries of its block; answers its place.
    @discardableResult
    private func insert(_ key: NodeKey, id: UInt32, into entries: inout DictionaryEntries) throws -> Int {
        let index = entries.insertionIndex(of: key)
        if entries.hasKey(key, at: index) { throw damagedIDs("the new key '\(key)' has an id already") }
        entries.insert(key, id: id, at: index)
        return index
    }

    private func removeID(
        of key: NodeKey, in transaction: inout WriteTransaction, scratch: inout DictionaryScratch
    ) throws {
        let place = try loadIDs(for: key, in: transaction, into: &scratch.entries)
        let index = scratch.entries.insertionIndex(of: key)
        guard scratch.entries.hasKey(key, at: index) else { throw damagedIDs("the key '\(key)' has no id") }
        scratch.entries.remove(at: index)
        try storeIDs(place, growsAtEnd: false, in: &transaction, scratch: &scratch)
    }

    /// Decodes the block that has `key`, or would, into `entries`; nil, and no entries, when there is none.
    ///
    /// It is the last block not above the key, or, when that one is of the other form or not there, the next.
    private func loadIDs(
        for key: NodeKey, in transaction: borrowing WriteTransaction, into entries: inout DictionaryEntries
    ) throws -> Place<NodeKey>? {
        entries.removeAll()
        var cursor = transaction.cursor(in: ids)
        do {
            let after = try cursor.seek(atOrAfter: EncodedKey(key: key))
            let afterKey: NodeKey? = if let after { try NodeKey(encoded: after.keyBytes) } else { nil }
            let isLast = afterKey?.isString != key.isString
            var found = after
            var foundKey = afterKey
            if afterKey != key {
                let before = after == nil ? try cursor.last() : try cursor.previous()
                if let before {
                    let beforeKey = try NodeKey(encoded: before.keyBytes)
                    if beforeKey.isString == key.isString { (found, foundKey) = (before, beforeKey) }
                }
            }
            guard let found, let foundKey, foundKey.isString == key.isString else { return nil }
            try IDBlock.validateCheck(found.value)
            try IDBlock.decode(found.value, into: &entries)
            guard entries.hasKey(foundKey, at: 0) else {
                throw damagedIDs("a block that does not start with '\(foundKey)' has its key")
            }
            return Place(key: foundKey, isLast: isLast, end: isLast ? nil : afterKey)
        } catch let error as DictionaryBlockError {
            throw damagedIDs(error)
        } catch let error as NodeKeyError {
            throw damagedIDs(error)
        }
    }

    private func storeIDs(
        _ place: Place<NodeKey>?, growsAtEnd: Bool, in transaction: inout WriteTransaction,
        scratch: inout DictionaryScratch
    ) throws {
        if let old = place?.key, !scratch.entries.hasKey(old, at: 0) {
            try transaction.remove(EncodedKey(key: old), in: ids)
        }
        if scratch.entries.count == 0 { return }
        try IDBlock.split(scratch.entries, growsAtEnd: growsAtEnd) { start, extent in
            IDBlock.encode(extent, from: start, of: scratch.entries, into: &scratch.block)
            let key = EncodedKey(key: try scratch.entries.key(at: start))
            unsafe try transaction.put(scratch.block.bytes.span.bytes, forKey: key, in: ids)
        }
    }
}
