extension StructureProof {
    /// Walks the free list: for each transaction that freed pages which are free still, their numbers.
    ///
    /// ```
    /// key    u64  the transaction
    /// data   u64  count, then the page numbers, descending; what follows is room that was not needed
    /// ```
    mutating func walkFreeList() throws {
        var last: UInt64?
        try walk(meta.free, named: StructureProof.freeName, .freePages) { proof, entry in
            let transaction: UInt64 = entry.page.integer(at: entry.node.key.lowerBound)
            last = transaction
            try proof.readFreePages(of: entry, freedBy: transaction)
        }
        // Every transaction but the first of a file frees the pages it writes anew.
        if let last, last > meta.transaction || last < meta.transaction && meta.transaction > 1 {
            note(
                StructureProof.freeName,
                "the last entry is of transaction \(last), and the latest meta page is of \(meta.transaction)")
        }
    }

    /// Reads the list of one transaction, a page at a time.
    private mutating func readFreePages(of entry: TreeEntry, freedBy transaction: UInt64) throws {
        let dataBytes = entry.node.dataBytes
        var page = entry.overflow ?? entry.page
        var number = page.number
        var offset = entry.overflow == nil ? entry.node.data : PageBytes.headerBytes
        guard dataBytes >= 8, dataBytes % 8 == 0, page.integer(at: offset, UInt64.self) <= UInt64(dataBytes / 8 - 1)
        else {
            return note(
                StructureProof.freeName,
                "the list of transaction \(transaction), on page \(number), is longer than its \(dataBytes) bytes")
        }
        var previous = pageCount
        for _ in 0..<page.integer(at: offset, UInt64.self) {
            offset += 8
            if offset == pageBytes, entry.overflow != nil {
                number += 1
                guard try read(number, into: &page) else {
                    return note(StructureProof.freeName, "page \(number) of a list is not in the file")
                }
                offset = 0
            }
            let freed: UInt64 = page.integer(at: offset)
            guard freed >= 2, freed < previous, free.insert(freed) else {
                return note(
                    StructureProof.freeName,
                    "the list of transaction \(transaction) has page \(freed), where one from 2 to \(previous - 1) belongs "
                        + "that is in no list yet")
            }
            previous = freed
        }
    }
}
