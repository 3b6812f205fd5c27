import Foundation
import Kith
import Measuring
import Synchronization

/// A load into a store that is there, and what it took.
struct MeasuredLoad {
    let report: BulkLoader.Report
    /// When it began and when it returned: see ``monotonicNanoseconds``.
    let begin: Int
    let end: Int
    /// From asking for the writer's turn until it returned: waiting for the turn, the puts, the sync.
    let writeSeconds: Double
    /// Bytes given to the system to write, but for temporary files.
    let writtenBytes: Int
    /// By how much the store's file is longer, whoever wrote to it.
    let grownBytes: Int

    var seconds: Double { Double(end - begin) / 1e9 }

    /// Loads a file into the store at `path`.
    init(_ file: RowFile, into path: String) throws {
        let asked = LastAsked()
        // A write asks the clock when it is called, and nothing of a load asks it later.
        let options = GraphStore.Options(clock: {
            asked.nanoseconds.store(monotonicNanoseconds, ordering: .relaxed)
            return Timestamp.ofSystemClock
        })
        let bytesBefore = MeasuredLoad.fileBytes(path)
        let given = DiskCounters(ofDiskWith: path)
        begin = monotonicNanoseconds
        report = try BulkLoader(options: options).load([file.asFollows], into: path)
        end = monotonicNanoseconds
        writtenBytes = Int((DiskCounters(ofDiskWith: path) - given).given) - report.spilledBytes
        grownBytes = MeasuredLoad.fileBytes(path) - bytesBefore
        writeSeconds = Double(end - asked.nanoseconds.load(ordering: .relaxed)) / 1e9
        precondition(report.rows == file.rowCount && report.rejected.isEmpty, "rows of '\(file.path)' were left out")
    }

    private static func fileBytes(_ path: String) -> Int {
        var status = stat()
        guard stat(path, &status) == 0 else { fatalError("there is no '\(path)'") }
        return Int(status.st_size)
    }
}

/// When a store's clock was asked last.
private final class LastAsked: Sendable {
    let nanoseconds = Atomic(0)
}

/// The disk alone: how many seconds as many bytes take into a new file, one after the other, and one sync.
func secondsToSync(_ byteCount: Int, in folder: String) -> Double {
    let path = folder + "/sync"
    let file = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
    precondition(file >= 0, "'\(path)' cannot be made")
    defer {
        close(file)
        unlink(path)
    }
    let piece = [UInt8](repeating: 7, count: 1 << 20)
    return seconds {
        var left = byteCount
        while left > 0 {
            let count = write(file, piece, min(left, piece.count))
            precondition(count > 0, "'\(path)' cannot be written")
            left -= count
        }
        precondition(fdatasync(file) == 0, "'\(path)' cannot be brought to the disk")
    }
}
