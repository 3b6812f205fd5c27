import Benchmark
import Foundation
import MicroCases

// How long small things take, by the clock: rates to compare on a quiet machine. What is kept to is the number of
// instructions, which `Benchmarks/instructions` counts where the processor's own counters cannot be read.
//
//     swift package --package-path Benchmarks benchmark --target Micro

let benchmarks: @Sendable () -> Void = {
    Benchmark.shutdownHook = { try FileManager.default.removeItem(atPath: Opened.folder) }
    for micro in MicroCase.all {
        Benchmark(
            "\(micro.name), \(micro.count) x \(micro.unit)",
            configuration: .init(
                metrics: [.wallClock], warmupIterations: 1, maxDuration: .seconds(3), maxIterations: 1_000)
        ) { _ in
            try micro.run(Opened.fixture)
        }
    }
}

/// The stores, made in each benchmark's process at first use.
enum Opened {
    static let folder = NSTemporaryDirectory() + "kith-micro-\(ProcessInfo.processInfo.processIdentifier)"
    nonisolated(unsafe) static let fixture: MicroFixture = {
        do {
            try MicroFixture.prepare(in: folder)
            return try MicroFixture(in: folder)
        } catch {
            fatalError("\(error)")
        }
    }()
}
