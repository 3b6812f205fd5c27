import Foundation

/// Rows under headings, in columns: numbers to the right, all else to the left.
///
/// Columns are as wide as their widest cell among the first rows. On a terminal they share its width: the widest
/// columns of text give way, and what does not fit ends with a mark. Later rows are cut the same on a terminal, and
/// move what stands behind them elsewhere; so a table of any length takes the memory of its first rows.
struct Table {
    private let headings: [String]
    private let sampleMax: Int
    private let width: Int?
    private let isStyled: Bool
    private var held: [[JSON]] = []
    private var layout: Layout?

    private struct Layout {
        var widths: [Int]
        let isNumeric: [Bool]
    }

    /// A column of text is not made narrower than this while another can be.
    private static let textColumnsMin = 8

    /// A table on standard output.
    ///
    /// - Parameter sampleMax: how many rows decide on the widths.
    init(
        _ headings: [String], sampleMax: Int, width: Int? = Terminal.columns(of: STDOUT_FILENO),
        isStyled: Bool = Terminal.isStyled
    ) {
        self.headings = headings
        self.sampleMax = sampleMax
        self.width = width
        self.isStyled = isStyled
    }

    /// Adds a row; answers the lines that can be printed.
    mutating func append(_ row: [JSON]) -> [String] {
        if let layout { return [line(row.map(\.tableCell), layout)] }
        held.append(row)
        return held.count < sampleMax ? [] : release()
    }

    /// The lines that are left.
    mutating func finish() -> [String] {
        layout == nil ? release() : []
    }

    private mutating func release() -> [String] {
        let cells = held.map { $0.map(\.tableCell) }
        let isNumeric = headings.indices.map { column in
            !held.isEmpty && held.allSatisfy { $0[column].isNumberOrNull } && held.contains { $0[column].isNumber }
        }
        var layout = Layout(
            widths: headings.indices.map { column in
                max(headings[column].columns, cells.map { $0[column].columns }.max() ?? 0)
            }, isNumeric: isNumeric)
        if let width { Table.fit(&layout, into: width) }
        self.layout = layout
        held = []
        let head = line(headings, layout)
        return [isStyled ? "\u{1B}[1m\(head)\u{1B}[0m" : head] + cells.map { line($0, layout) }
    }

    /// Takes from the widest column of text until all fit, or none has anything to give.
    private static func fit(_ layout: inout Layout, into width: Int) {
        var excess = layout.widths.reduce(2 * (layout.widths.count - 1), +) - width
        while excess > 0 {
            let text = layout.widths.indices.filter { !layout.isNumeric[$0] && layout.widths[$0] > textColumnsMin }
            guard let widest = text.max(by: { layout.widths[$0] < layout.widths[$1] }) else { return }
            layout.widths[widest] -= 1
            excess -= 1
        }
    }

    private func line(_ cells: [String], _ layout: Layout) -> String {
        let padded = cells.indices.map { column in
            let isCut = width != nil && !layout.isNumeric[column]
            let cell = isCut ? cells[column].fitted(to: layout.widths[column]) : cells[column]
            let space = String(repeating: " ", count: max(0, layout.widths[column] - cell.columns))
            return layout.isNumeric[column] ? space + cell : cell + space
        }
        var text = padded.joined(separator: "  ")
        while text.last == " " { text.removeLast() }
        return width.map { text.fitted(to: $0) } ?? text
    }
}

extension JSON {
    /// The value for a reader: no control characters, and no more digits than tell something.
    fileprivate var tableCell: String {
        if case .time(let time) = self { return "\(time)" }
        guard case .number(let value) = self, value.isFinite, value.description.utf8.count > 9 else {
            return cell.printable
        }
        return String(format: "%.6g", value)
    }

    fileprivate var isNumberOrNull: Bool {
        if case .null = self { true } else { isNumber }
    }
}
