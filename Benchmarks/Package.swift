// swift-tools-version: 6.2
import PackageDescription

/// Each table is a program of its own: `swift run -c release --package-path Benchmarks FriendsOfFriends`.
func table(_ name: String, _ more: [Target.Dependency] = []) -> Target {
    .executableTarget(
        name: name, dependencies: ["Measuring", .product(name: "Kith", package: "kith")] + more,
        path: "Benchmarks/\(name)")
}

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
        .systemLibrary(
            name: "CSQLite", path: "Sources/CSQLite", pkgConfig: "sqlite3", providers: [.apt(["libsqlite3-dev"])]),
        // A release build compiles it with -O2.
        .target(name: "CPlainGraph", path: "Sources/CPlainGraph", linkerSettings: [.linkedLibrary("m")]),
        .target(
            name: "Measuring",
            dependencies: ["CPlainGraph", "CLMDBBare", "CSQLite", .product(name: "Kith", package: "kith")],
            path: "Sources/Measuring"),
        .target(name: "CAllocations", path: "Sources/CAllocations"),
        table("Allocations", ["CAllocations"]),
        table("FriendsOfFriends"),
        table("LinkBench"),
        table("LiveLoad"),
        table("PageRank"),
        table("Writes"),
        .target(
            name: "MicroCases", dependencies: ["Measuring", .product(name: "Kith", package: "kith")],
            path: "Sources/MicroCases"),
        table("MicroRun", ["MicroCases"]),
        .executableTarget(
            name: "Micro", dependencies: ["MicroCases", .product(name: "Benchmark", package: "benchmark")],
            path: "Benchmarks/Micro", plugins: [.plugin(name: "BenchmarkPlugin", package: "benchmark")]),
        .executableTarget(
            name: "Driver", dependencies: [.product(name: "Kith", package: "kith")], path: "Sources/Driver"),
    ]
)
