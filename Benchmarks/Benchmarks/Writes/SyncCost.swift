import Foundation
import Measuring

/// What the disk asks of everyone: a page written over and synced, in a file that does not grow.
struct SyncCost {
    private let path: String

    init(in folder: String) {
        path = folder + "/sync"
    }

    func measure() throws {
        let file = open(path, O_RDWR | O_CREAT, 0o600)
        precondition(file >= 0, "'\(path)' cannot be made")
        defer { close(file) }
        let table = MarkdownTable(
            "The disk itself: pages written over in one file, then fdatasync",
            ["pages a sync", "µs mean", "p50", "p99"])
        for pages in [1, 16, 256] {
            let bytes = [UInt8](repeating: 7, count: 4096 * pages)
            var times = Samples()
            for turn in 0..<101 {
                let start = ContinuousClock.now
                precondition(pwrite(file, bytes, bytes.count, 0) == bytes.count && fdatasync(file) == 0)
                // The first makes the file longer.
                if turn > 0 { times.append(start.duration(to: .now) / .microseconds(1)) }
            }
            table.row(["\(pages)", decimal(times.mean, 0), decimal(times.median, 0), decimal(times.quantile(0.99), 0)])
        }
    }
}
