import Glibc

/// A process that has the writer's turn of a file, as others see it.
public struct WritingProcess: Hashable, Sendable, CustomStringConvertible {
    /// Its number.
    public let id: Int32
    /// What it was started as, with its arguments; nil when the system does not tell.
    public let command: String?

    /// The most characters of a command that are told.
    private static let commandMax = 200

    init(_ id: pid_t) {
        self.id = id
        let file = unsafe open("/proc/\(id)/cmdline", O_RDONLY | O_CLOEXEC)
        guard file >= 0 else {
            command = nil
            return
        }
        defer { close(file) }
        let bytes = unsafe [UInt8](unsafeUninitializedCapacity: 4 * WritingProcess.commandMax) { bytes, count in
            unsafe count = max(0, read(file, bytes.baseAddress, bytes.count))
        }
        // Arguments end with a zero byte.
        let words = bytes.split(separator: 0).map { String(decoding: $0, as: UTF8.self) }
        let text = words.joined(separator: " ").map { $0.isNewline || $0.isASCII && $0 < " " ? " " : $0 }
        command = text.isEmpty ? nil : String(text.prefix(WritingProcess.commandMax))
    }

    /// `process 4711 (kith load people.kith --edges follows=f.tsv)`.
    public var description: String { "process \(id)" + (command.map { " (\($0))" } ?? "") }
}
