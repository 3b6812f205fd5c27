import Foundation

/// A table as Markdown, a row at a time, so that what a long run has found is seen at once.
public struct MarkdownTable: Sendable {
    /// Prints the headings.
    public init(_ title: String, _ headings: [String]) {
        print("\n### \(title)\n")
        MarkdownTable.line(headings)
        MarkdownTable.line(headings.map { _ in "---" })
    }

    /// Prints a row.
    public func row(_ cells: [String]) {
        MarkdownTable.line(cells)
    }

    private static func line(_ cells: [String]) {
        print("| " + cells.joined(separator: " | ") + " |")
        fflush(nil)
    }
}

/// A number with so many digits after the point.
public func decimal(_ value: Double, _ digits: Int) -> String {
    String(format: "%.\(digits)f", value)
}

/// A note to whoever watches; not part of the table.
public func note(_ text: String) {
    FileHandle.standardError.write(Data((text + "\n").utf8))
}
