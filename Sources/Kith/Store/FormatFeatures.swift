/// Parts of the file format that only some stores have, by number, 0 to 63.
///
/// A store names the features that a program must know to read it, and those that it must know to write to it. They stand in
/// front of the counters, which every transaction reads: a program that has a store open notices a feature that another
/// program adds at the start of its next transaction.
public struct FormatFeatures: OptionSet, Hashable, Sendable {
    /// A bit for each feature.
    public let rawValue: UInt64

    /// The features whose bits are set.
    public init(rawValue: UInt64) {
        self.rawValue = rawValue
    }

    /// Feature 0: some edge type has weights of double precision, whose lists hold a part of the weight where others have
    /// times. Required to read.
    static let preciseWeights = FormatFeatures(rawValue: 1)

    /// Those that this program knows.
    static let known: FormatFeatures = .preciseWeights

    /// The features by number, ascending.
    public var numbers: [Int] { (0..<UInt64.bitWidth).filter { rawValue >> UInt64($0) & 1 == 1 } }
}

/// What a program must know of a store.
struct RequiredFeatures: Hashable, Sendable {
    /// To read it, and so to write to it.
    var toRead: FormatFeatures = []
    /// To write to it.
    var toWrite: FormatFeatures = []

    /// The size of both sets in the file.
    static let byteCount = 16
}

/// A store is of a format that this program may not use in this way; who knows the path makes a ``GraphStoreError`` of it.
enum FormatRefusal: Error {
    /// Only read, because its version is an older one.
    case olderVersion(FormatVersion)
    /// Not read, or not written to, because of features that are not known.
    case unknownFeatures(FormatFeatures, reading: Bool)

    func error(at path: String) -> GraphStoreError {
        switch self {
        case .olderVersion(let version):
            .olderFormatVersion(path: path, found: version.rawValue, written: FormatVersion.current.rawValue)
        case .unknownFeatures(let features, let reading):
            .unknownFeatures(path: path, features, isReadable: !reading)
        }
    }
}

extension RequiredFeatures {
    /// What a store of this schema needs.
    init(for schema: Schema) {
        if schema.edgeTypes.contains(where: { $0.precision == .double }) { toRead.insert(.preciseWeights) }
    }

    /// Whether all that `other` requires is required.
    func isSuperset(of other: RequiredFeatures) -> Bool {
        toRead.isSuperset(of: other.toRead) && toWrite.isSuperset(of: other.toWrite)
    }

    /// Adds what `other` requires.
    mutating func formUnion(_ other: RequiredFeatures) {
        toRead.formUnion(other.toRead)
        toWrite.formUnion(other.toWrite)
    }

    /// - Throws: ``FormatRefusal/unknownFeatures(_:reading:)``.
    func checkCanRead() throws(FormatRefusal) {
        let unknown = toRead.subtracting(.known)
        guard unknown.isEmpty else { throw .unknownFeatures(unknown, reading: true) }
    }

    /// - Throws: ``FormatRefusal/unknownFeatures(_:reading:)``.
    func checkCanWrite() throws(FormatRefusal) {
        let unknown = toWrite.subtracting(.known)
        guard unknown.isEmpty else { throw .unknownFeatures(unknown, reading: false) }
    }
}
