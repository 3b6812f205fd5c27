extension Environment {
    /// Whether the file is written.
    public enum Access: Sendable {
        /// Read and written.
        case readWrite
        /// Only read.
        case readOnly
    }

    /// What a crash of the machine may lose; a crash of the process never loses a commit.
    public enum Durability: Sendable {
        /// Nothing that was committed.
        case full
        /// The last commit.
        case noMetaSync
        /// Everything since the last sync, and the file itself.
        case none
    }

    /// How a file is opened.
    public struct Options: Sendable {
        /// Whether the file is written.
        public var access = Access.readWrite
        /// Whether a file that is not there is made.
        public var createsFile = false
        /// The largest the file may grow: address space that is reserved at once, less where there is less.
        public var mapSizeMax = Options.usualMapSizeMax
        /// How many tables can be open.
        public var databasesMax = 256
        /// How many readers there can be at once, in all processes.
        public var readersMax = 1_024
        /// What a crash of the machine may lose.
        public var durability = Durability.full
        /// Whether a network file system is accepted.
        public var allowsNetworkFilesystem = false
        /// Whether LMDB's locks are used; not by one who has the file for its own: ``Environment/withExclusiveUse(of:_:)``.
        public var isLocked = true
        /// Whether opening frees the places of readers whose process has died, as a rule; not by one who wants to see them.
        public var clearsStaleReaders = true
        /// Whether a read takes the writer's turn where all readers' places are taken, and others cannot write while it
        /// lasts; else it throws ``LMDBError/readersFull``. For administration; the file is opened for writing.
        public var readsAsWriter = false
        /// For how long opening waits while another process opens the file, or has it for itself; without end when nil.
        public var openWait: Duration?
        /// How long a begin waits for this process's own transactions to end, when another process let the file grow.
        public var resizeWaitSeconds = 5.0
        /// For how long a read transaction may be open before it is told of; nil for ever.
        public var longReadSeconds: Double? = 60
        /// Told of each read transaction of this process that is open for longer, once, when a writer meets it.
        public var onLongRead: (@Sendable (LongRead) -> Void)?
        /// Told, once and by a thread of its own, when a write has waited for another for a second, and for which process.
        public var onLongWait: (@Sendable (WritingProcess?) -> Void)?

        /// The defaults.
        public init() {}

        #if KITH_SMALL_MAPS
            /// For a build with a sanitizer, which keeps a shadow of whatever is reserved.
            public static let usualMapSizeMax = 1 << 30
        #else
            /// More than a disk holds; address space costs nothing.
            public static let usualMapSizeMax = 1 << 40
        #endif
    }
}
