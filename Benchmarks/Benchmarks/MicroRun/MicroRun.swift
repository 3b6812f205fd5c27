import MicroCases

/// Runs one micro benchmark so and so often and nothing else, for a tool that counts; see `Benchmarks/instructions`.
///
///     MicroRun prepare FOLDER
///     MicroRun list
///     MicroRun run FOLDER NAME TIMES
@main
enum MicroRun {
    static func main() throws {
        let arguments = CommandLine.arguments.dropFirst()
        switch (arguments.first, arguments.count) {
        case ("prepare", 2): try MicroFixture.prepare(in: CommandLine.arguments[2])
        case ("list", 1):
            for micro in MicroCase.all { print("\(micro.name)\t\(micro.count)\t\(micro.unit)") }
        case ("run", 4):
            guard let micro = MicroCase.all.first(where: { $0.name == CommandLine.arguments[3] }),
                let times = Int(CommandLine.arguments[4])
            else { fatalError("there is no such micro benchmark; `MicroRun list` lists them") }
            let fixture = try MicroFixture(in: CommandLine.arguments[2])
            for _ in 0..<times { try micro.run(fixture) }
        default: fatalError("usage: MicroRun prepare FOLDER | list | run FOLDER NAME TIMES")
        }
    }
}
