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
        .executableTarget(
            name: "Ratios",
            dependencies: [
                "CLMDBBare", .product(name: "Kith", package: "kith"),
                .product(name: "Benchmark", package: "benchmark"),
            ],
            path: "Benchmarks/Ratios",
            plugins: [.plugin(name: "BenchmarkPlugin", package: "benchmark")]),
    ]
)
