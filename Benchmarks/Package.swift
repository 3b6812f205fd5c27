// swift-tools-version: 6.2
import PackageDescription

/// Apart from the library, so that its users build none of what it is measured with.
let package = Package(
    name: "kith-benchmarks",
    dependencies: [
        .package(name: "kith", path: ".."),
        .package(url: "https://github.com/ordo-one/benchmark.git", from: "1.38.1", traits: []),
    ],
    targets: [
        .systemLibrary(
            name: "CLMDBBare", path: "Sources/CLMDBBare", pkgConfig: "lmdb", providers: [.apt(["liblmdb-dev"])]),
        // A release build compiles it with -O2.
        .target(name: "CPlainGraph", path: "Sources/CPlainGraph", linkerSettings: [.linkedLibrary("m")]),
        .executableTarget(
            name: "Driver", dependencies: [.product(name: "Kith", package: "kith")], path: "Sources/Driver"),
        .executableTarget(
            name: "Ratios",
            dependencies: [
                "CLMDBBare", "CPlainGraph", .product(name: "Kith", package: "kith"),
                .product(name: "Benchmark", package: "benchmark"),
            ],
            path: "Benchmarks/Ratios",
            plugins: [.plugin(name: "BenchmarkPlugin", package: "benchmark")]),
    ]
)
