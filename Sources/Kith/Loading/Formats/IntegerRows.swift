/// Reads rows of two integers and nothing else: ``FieldTokenizer`` reads what this cannot.
///
/// It reads no row otherwise than that does. It only stops before what it does not know: so it may be left out.
struct IntegerRows {
    /// What stands between the two; a single blank or tab when nil.
    let delimiter: UInt8?
    let refusesLoops: Bool
    /// What the rows are added to.
    let edges: EdgeRows

    /// Reads rows from `start` on, up to the first that is not two canonical integers and a line end.
    ///
    /// - Returns: where that row starts, and how many were read.
    func read(_ text: UnsafeBufferPointer<UInt8>, _ start: Int) -> (end: Int, rows: Int) {
        let count = text.count
        let text = unsafe text.baseAddress.unsafelyUnwrapped
        edges.reserve((count - start) / 4 + 1)
        let sources = unsafe edges.sources.start + edges.count
        let targets = unsafe edges.targets.start + edges.count
        var done = 0
        var index = start
        while true {
            var place = index
            guard let source = unsafe IntegerRows.integer(text, &place, count), place < count else { break }
            let between = unsafe text[place]
            if let delimiter {
                guard between == delimiter else { break }
            } else {
                guard between == 9 || between == 32 else { break }
            }
            place &+= 1
            guard let target = unsafe IntegerRows.integer(text, &place, count), place < count else { break }
            if unsafe text[place] == 13 { place &+= 1 }
            guard place < count, unsafe text[place] == 10 else { break }
            if refusesLoops, source == target { break }
            unsafe sources[done] = source
            unsafe targets[done] = target
            done &+= 1
            index = place &+ 1
        }
        edges.appendIntegers(done)
        return (index, done)
    }

    /// The canonical integer of at most 18 digits that starts at `place`, which is moved behind it.
    @inline(__always)
    private static func integer(_ text: UnsafePointer<UInt8>, _ place: inout Int, _ count: Int) -> UInt64? {
        let first = place
        let limit = min(count, first &+ 19)
        var value: UInt64 = 0
        while place < limit {
            let digit = unsafe text[place] &- UInt8(ascii: "0")
            if digit > 9 { break }
            value = value &* 10 &+ UInt64(digit)
            place &+= 1
        }
        let digits = place &- first
        guard digits > 0, digits < 19, unsafe text[first] != UInt8(ascii: "0") || digits == 1 else { return nil }
        return value
    }
}
