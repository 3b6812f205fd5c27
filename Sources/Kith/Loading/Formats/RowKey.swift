import Glibc

/// A key as a row has it: an integer, or the bytes of a string in the block.
@safe enum RowKey {
    case integer(UInt64)
    case string(UnsafeRawBufferPointer)

    /// The key in a field.
    ///
    /// - Parameter column: the field's, from 1.
    /// - Throws: ``RowError/badKey(column:_:)``.
    @inline(__always)
    init(_ field: Field, column: Int) throws(RowError) {
        let bytes = unsafe field.rawBytes
        if let value = unsafe NodeKey.canonicalInteger(bytes) {
            self = .integer(value)
            return
        }
        guard bytes.count > 0 else { throw .badKey(column: column, .empty) }
        guard bytes.count <= NodeKey.bytesMax else { throw .badKey(column: column, .tooLong(bytes: bytes.count)) }
        guard unsafe RowKey.isUTF8(bytes) else { throw .badKey(column: column, .notUTF8) }
        self = unsafe .string(bytes)
    }

    private static func isUTF8(_ bytes: UnsafeRawBufferPointer) -> Bool {
        if unsafe bytes.allSatisfy({ $0 < 0x80 }) { return true }
        return unsafe String(validating: bytes, as: UTF8.self) != nil
    }

    func isEqual(to other: RowKey) -> Bool {
        switch (self, other) {
        case (.integer(let left), .integer(let right)): left == right
        case (.string(let left), .string(let right)):
            unsafe left.count == right.count
                && memcmp(left.baseAddress.unsafelyUnwrapped, right.baseAddress.unsafelyUnwrapped, left.count) == 0
        default: false
        }
    }
}
