import Foundation

// Runs the examples of the README, the articles and the comments, each in a new folder within the one it is started in.
//
// What stands between `// example` and `// end` is what the documents say, line by line; a test compares the two.

/// Makes a folder the current one.
func enter(_ folder: String) throws {
    guard FileManager.default.changeCurrentDirectoryPath(folder) else { throw CocoaError(.fileNoSuchFile) }
}

let examples: [(name: String, run: () async throws -> Void)] = [
    ("readme", readme), ("overview", overview), ("getting-started", gettingStarted), ("loading", loading),
    ("recommending", recommending), ("concurrency", concurrency), ("operations", operations), ("comments", comments),
]
let start = FileManager.default.currentDirectoryPath
for example in examples {
    let folder = start + "/" + example.name
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: false)
    try enter(folder)
    print("==", example.name)
    try await example.run()
}
