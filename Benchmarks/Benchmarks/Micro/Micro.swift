import Benchmark
import Foundation
import MicroCases

// How long small things take, by the clock: rates to compare on a quiet machine. What is kept to is the number of
// instructions, which `Benchmarks/instructions` counts where the processor's own counters cannot be read.
//
//     swift package --package-path Benchmarks benchmark --target Micro

let benchmarks: @Sendable () -> Void = {
    for micro in MicroCase.all {
        Benchmark(
            "\(micro.name), \(micro.count) x \(micro.unit)",
            configuration: .init(
                metrics: [.wallClock, .cpuTotal, .instructions], warmupIterations: 1, maxDuration: .seconds(3),
                maxIterations: 1_000)
        ) { _ in
            try micro.run(Opened.fixture)
        }
    }
}

/// The stores, made at first use in a folder that is left to the system's clearing of temporary files.
enum Opened {
    nonisolated(unsafe) static let fixture: MicroFixture = {
        do {
            let folder = NSTemporaryDirectory() + "kith-micro-\(ProcessInfo.processInfo.processIdentifier)"
            try MicroFixture.prepare(in: folder)
            return try MicroFixture(in: folder)
        } catch {
            fatalError("\(error)")
        }
    }()
}
