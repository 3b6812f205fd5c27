extension KeyInterner {
    /// The hash of an integer: the finalizer of MurmurHash3, by Austin Appleby, public domain.
    @inline(__always)
    static func hash(_ value: UInt64) -> UInt64 {
        var mixed = value
        mixed = (mixed ^ (mixed &>> 33)) &* 0xFF51_AFD7_ED55_8CCD
        mixed = (mixed ^ (mixed &>> 33)) &* 0xC4CE_B9FE_1A85_EC53
        return mixed ^ (mixed &>> 33)
    }

    /// The hash of a string, eight bytes at a time.
    @inline(__always)
    static func hash(_ bytes: UnsafeRawBufferPointer) -> UInt64 {
        var state = UInt64(truncatingIfNeeded: bytes.count) &* 0x9E37_79B9_7F4A_7C15
        var offset = 0
        while offset &+ 8 <= bytes.count {
            let word = unsafe bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
            state = hash(state ^ word)
            offset &+= 8
        }
        var tail: UInt64 = 0
        while offset < bytes.count {
            tail = tail &<< 8 | UInt64(unsafe bytes[offset])
            offset &+= 1
        }
        return hash(state ^ tail)
    }
}
