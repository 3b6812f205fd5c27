// swift-tools-version: 6.2
import PackageDescription

/// What every target is compiled with; Swift 6 mode comes from the tools version.
let strict: [SwiftSetting] = [
    .strictMemorySafety(),
    .treatAllWarnings(as: .error),
]

/// `@_lifetime` is experimental in this compiler; only the two modules that lend views of memory turn it on.
let lending: [SwiftSetting] = strict + [.enableExperimentalFeature("Lifetimes")]

let package = Package(
    name: "kith",
    products: [
        .library(name: "Kith", targets: ["Kith"])
    ],
    targets: [
        .systemLibrary(name: "CLMDB", pkgConfig: "lmdb", providers: [.apt(["liblmdb-dev"]), .brew(["lmdb"])]),
        .target(name: "LMDB", dependencies: ["CLMDB"], swiftSettings: lending),
        .target(name: "Adjacency", swiftSettings: lending),
        .target(name: "Kith", dependencies: ["LMDB", "Adjacency"], swiftSettings: strict),
        .testTarget(name: "LMDBTests", dependencies: ["LMDB"], swiftSettings: strict),
        .testTarget(name: "AdjacencyTests", dependencies: ["Adjacency"], swiftSettings: strict),
        .testTarget(name: "KithTests", dependencies: ["Kith"], swiftSettings: strict),
    ]
)
