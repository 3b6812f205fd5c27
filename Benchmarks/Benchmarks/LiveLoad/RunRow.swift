import Measuring

/// A row of the table: what the runs of one kind have shown, a value a run in each column.
struct RunRow {
    /// A column, and its heading.
    enum Column: String, CaseIterable {
        case load = "load, s"
        case write = "of it its write, s"
        case longest = "longest add, ms"
        case longestShare = "longest add / write of the load alone"
        case p99 = "add p99, ms"
        case adds = "adds meanwhile"
        case redone = "lists redone"
        case written = "MiB given to write"
        case grown = "MiB the file grew"

        fileprivate var digits: Int {
            switch self {
            case .load, .longestShare, .p99, .written, .grown: 2
            case .write: 3
            case .longest: 1
            case .adds, .redone: 0
            }
        }
    }

    private let name: String
    private var values: [Column: Samples] = [:]

    init(_ name: String) {
        self.name = name
    }

    mutating func append(_ value: Double, to column: Column) {
        values[column, default: Samples()].append(value)
    }

    /// Takes what a load took.
    mutating func append(_ load: MeasuredLoad) {
        append(load.seconds, to: .load)
        append(load.writeSeconds, to: .write)
        append(Double(load.report.redoneLists), to: .redone)
        append(Double(load.writtenBytes) / 1_048_576, to: .written)
        append(Double(load.grownBytes) / 1_048_576, to: .grown)
    }

    /// Takes how many milliseconds the adds of a run took, beside the load of the same round that had no other writer.
    mutating func append(_ adds: Samples, beside floor: MeasuredLoad?) {
        guard let longest = adds.values.max() else { return }
        append(longest, to: .longest)
        append(adds.quantile(0.99), to: .p99)
        append(Double(adds.values.count), to: .adds)
        if let floor { append(longest / (1e3 * floor.writeSeconds), to: .longestShare) }
    }

    /// The name, then each column: the median, and the least and the greatest.
    var cells: [String] {
        [name] + Column.allCases.map(cell)
    }

    private func cell(of column: Column) -> String {
        guard let samples = values[column] else { return "" }
        return "\(decimal(samples.median, column.digits)) (\(samples.spread(column.digits)))"
    }
}
