import CoreMetrics
import FoundationEssentials

/// What is measured of a load, once, when it is done. The article Operations has the table of all names.
struct LoadMetrics {
    private let begin = ContinuousClock.now
    private let path: String
    private let options: GraphStore.Options

    init(path: String, options: GraphStore.Options) {
        self.path = path
        self.options = options
    }

    /// Records and tells what was loaded from so many bytes of files.
    func note(_ report: BulkLoader.Report, bytes: Int) {
        let factory = options.metrics ?? MetricsSystem.factory
        let dimensions = [("store", URL(fileURLWithPath: path).lastPathComponent)]
        Timer(label: "kith.load.duration", dimensions: dimensions, factory: factory).record(since: begin)
        Counter(label: "kith.load.rows", dimensions: dimensions, factory: factory).increment(by: report.rows)
        Counter(label: "kith.load.bytes", dimensions: dimensions, factory: factory).increment(by: bytes)
        options.storeLogger(path).info(
            "loaded a graph",
            metadata: [
                "rows": "\(report.rows)", "rejected": "\(report.rejected.values.reduce(0, +))",
                "seconds": "\((ContinuousClock.now - begin) / .seconds(1))",
            ])
    }
}
