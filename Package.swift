// swift-tools-version: 6.2
import PackageDescription

/// What every target is compiled with; Swift 6 mode comes from the tools version.
let strict: [SwiftSetting] = [
    .strictMemorySafety(),
    .treatAllWarnings(as: .error),
]

/// `@_lifetime` is experimental in this compiler; only the modules that lend views of memory turn it on.
let lending: [SwiftSetting] = strict + [.enableExperimentalFeature("Lifetimes")]

/// Tests poke at bytes on purpose and expand macros: they are strict but for memory safety.
let tests: [SwiftSetting] = [.treatAllWarnings(as: .error)]

let package = Package(
    name: "kith",
    products: [
        // Static, because `swift build --product` builds everything in place of a library whose kind is left open.
        .library(name: "Kith", type: .static, targets: ["Kith"]),
        .executable(name: "kith", targets: ["KithCommand"]),
        // For the tests alone, which preload it into the command: only a product becomes a file of its own.
        .library(name: "FailingCalls", type: .dynamic, targets: ["FailingCalls"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser.git", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-collections.git", from: "1.6.0"),
        .package(url: "https://github.com/apple/swift-log.git", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-metrics.git", from: "2.13.0"),
    ],
    targets: [
        .systemLibrary(name: "CLMDB", pkgConfig: "lmdb", providers: [.apt(["liblmdb-dev"]), .brew(["lmdb"])]),
        .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"]), .brew(["zlib"])]),
        // What the command reads files by; the library does without.
        .systemLibrary(name: "CZstd", pkgConfig: "libzstd", providers: [.apt(["libzstd-dev"]), .brew(["zstd"])]),
        .systemLibrary(name: "CExpat", pkgConfig: "expat", providers: [.apt(["libexpat1-dev"]), .brew(["expat"])]),
        // Parts of the C library that Swift's module of it leaves out.
        .systemLibrary(name: "CLinux"),
        .target(name: "OperatingSystem", dependencies: ["CLinux"], swiftSettings: strict),
        .target(name: "LMDB", dependencies: ["CLMDB", "OperatingSystem"], swiftSettings: lending),
        .target(name: "CVectors"),
        .target(name: "Adjacency", dependencies: ["CVectors"], swiftSettings: lending),
        .target(
            name: "Kith",
            dependencies: [
                "LMDB", "Adjacency", "CVectors", "CZlib", "CLinux", "OperatingSystem",
                .product(name: "HeapModule", package: "swift-collections"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "CoreMetrics", package: "swift-metrics"),
            ],
            swiftSettings: lending),
        .executableTarget(
            name: "KithCommand",
            dependencies: [
                "Kith", "OperatingSystem", "CZstd", "CExpat",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            swiftSettings: strict),
        .target(
            name: "GraphTesting", dependencies: ["Kith", "ProcessTesting", "OperatingSystem"],
            path: "Tests/GraphTesting",
            swiftSettings: tests),
        .target(name: "DiskTesting", path: "Tests/DiskTesting", swiftSettings: tests),
        .target(
            name: "FailingCalls", path: "Tests/FailingCalls",
            linkerSettings: [.linkedLibrary("dl", .when(platforms: [.linux]))]),
        .target(
            name: "ProcessTesting", dependencies: ["OperatingSystem"], path: "Tests/ProcessTesting",
            swiftSettings: tests),
        .executableTarget(
            name: "CrashingWriter", dependencies: ["Kith"], path: "Tests/CrashingWriter", swiftSettings: tests),
        .executableTarget(
            name: "FlippedFiles", dependencies: ["Kith", "GraphTesting"], path: "Tests/FlippedFiles",
            swiftSettings: tests
        ),
        .executableTarget(
            name: "ACIDClient", dependencies: ["Kith", "GraphTesting"], path: "Tests/ACIDClient", swiftSettings: tests),
        .executableTarget(
            name: "DocumentedExamples", dependencies: ["Kith", .product(name: "Logging", package: "swift-log")],
            path: "Tests/DocumentedExamples", swiftSettings: tests),
        .executableTarget(
            name: "ExampleService", dependencies: ["Kith", .product(name: "Logging", package: "swift-log")],
            path: "Tests/ExampleService", swiftSettings: tests),
        .testTarget(
            name: "LMDBTests", dependencies: ["LMDB", "DiskTesting", "ProcessTesting", "OperatingSystem"],
            swiftSettings: tests),
        .testTarget(name: "AdjacencyTests", dependencies: ["Adjacency", "ProcessTesting"], swiftSettings: tests),
        .testTarget(
            name: "KithTests",
            dependencies: [
                "Kith", "GraphTesting", "ProcessTesting", "LMDB", "Adjacency", "CVectors", "CrashingWriter",
                "FlippedFiles", "ACIDClient", "CLinux", "OperatingSystem",
                .product(name: "InMemoryLogging", package: "swift-log"),
                .product(name: "MetricsTestKit", package: "swift-metrics"),
            ],
            resources: [.copy("Resources")], swiftSettings: tests),
        .testTarget(
            name: "KithCommandTests",
            dependencies: ["KithCommand", "CZstd", "GraphTesting", "ProcessTesting", "DiskTesting", "OperatingSystem"],
            swiftSettings: tests),
        .testTarget(
            name: "DocumentationTests",
            dependencies: ["KithCommand", "DocumentedExamples", "ExampleService", "GraphTesting", "ProcessTesting"],
            swiftSettings: tests),
    ]
)
