import Foundation

/// What answering requests keeps with an open data file, from request to request and for all threads.
final class RequestCaches: Sendable {
    /// The reused memory of requests.
    let scratch: ScratchPool
    let attention = PopularityCache()
    let preparedRequests = PreparedRequestCache()
    let metrics: RequestMetrics

    init(for file: OpenFile, _ metrics: StoreMetrics) {
        scratch = ScratchPool(
            idleMax: ProcessInfo.processInfo.activeProcessorCount, decodedBytesMax: file.options.decodedBytesMax)
        self.metrics = RequestMetrics(metrics)
    }
}

extension Snapshot {
    /// Those of the data file that is read.
    var caches: RequestCaches { file.companion { RequestCaches(for: file, metrics) } }
}
