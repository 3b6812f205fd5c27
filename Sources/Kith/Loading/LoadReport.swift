extension BulkLoader {
    /// What a load did.
    public struct Report: Sendable, Hashable {
        /// Edges the store has now, of the types loaded.
        public internal(set) var edges: [EdgeType.Name: Int] = [:]
        /// Nodes the store has now, of the kinds loaded.
        public internal(set) var nodes: [NodeKind: Int] = [:]
        /// Rows read, those left out included.
        public internal(set) var rows = 0
        /// Rows left out, by reason.
        public internal(set) var rejected: [String: Int] = [:]
        /// Rows whose edge was there already, from another row or before the load.
        public internal(set) var duplicates = 0
        /// Edges that join a node to itself, where their type allows it.
        public internal(set) var selfLoops = 0
        /// How many bytes were written to temporary files.
        public internal(set) var spilledBytes = 0
        /// How many edges the types of ``BulkLoader/replaces`` had before, which are gone.
        public internal(set) var replaced: [EdgeType.Name: Int] = [:]
        /// Lists of neighbours that a load into a store that is there merged again while it wrote, because somebody had changed
        /// the store since they were prepared.
        public internal(set) var redoneLists = 0
        /// How many edges have a time of which more was understood than it says: a unit, a zone, a fraction that was
        /// dropped.
        public internal(set) var times: [Timestamp.Reading: Int] = [:]
        /// What was understood of each file, in the order they were read.
        public internal(set) var files: [FileReport] = []
    }

    /// What a load would do, found out without writing: ``BulkLoader/dryRun(_:nodes:)``.
    public struct Estimate: Sendable, Hashable {
        /// What the load would report for a new store; exact.
        public internal(set) var report: Report
        /// About how large the store would be, in bytes.
        public internal(set) var storeBytes: Int
        /// About how much memory the load would take so as to write no temporary files, in bytes.
        public internal(set) var memoryBytes: Int
    }
}
