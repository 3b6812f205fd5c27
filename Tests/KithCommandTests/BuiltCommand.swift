import Foundation
import ProcessTesting

/// The command `kith` that was built beside these tests.
func builtCommand() throws -> URL { try Process.url(ofBuiltProgram: "kith") }
