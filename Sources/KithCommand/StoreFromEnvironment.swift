import ArgumentParser
import Foundation

/// `KITH_STORE` stands for STORE where that is left out.
///
/// | first argument behind the verb | then |
/// |---|---|
/// | is a file | it is STORE, whatever `KITH_STORE` says |
/// | is no file, or an option, or missing | STORE is `KITH_STORE`, and the argument the next one; unless the line makes sense only without it, as `kith create NEW` does |
enum StoreFromEnvironment {
    static let variable = "KITH_STORE"

    /// Parses the arguments, from the verb's name on, with the store of the environment if need be.
    static func parse(
        _ arguments: [String], verb: (any ParsableCommand.Type)?,
        environment: [String: String] = ProcessInfo.processInfo.environment,
        _ parser: ([String]) throws -> any ParsableCommand
    ) throws -> any ParsableCommand {
        guard let verb, takesStore(verb), let store = environment[variable], !store.isEmpty,
            !(arguments.dropFirst().first.map(isFile) ?? false)
        else { return try parser(arguments) }
        do {
            return try parser([arguments[0], store] + arguments.dropFirst())
        } catch {
            // A line that makes sense as it stands names its store; another is explained with the store in it.
            guard let command = try? parser(arguments) else { throw error }
            return command
        }
    }

    /// Whether a verb's first argument is a store.
    private static func takesStore(_ verb: any ParsableCommand.Type) -> Bool {
        Mirror(reflecting: verb.init()).children.contains {
            $0.value is OptionGroup<StoreArgument> || $0.value is OptionGroup<StorePath>
        }
    }

    private static func isFile(_ path: String) -> Bool {
        var isFolder: ObjCBool = false
        return unsafe FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) && !isFolder.boolValue
    }
}
