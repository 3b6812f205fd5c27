import Foundation
import GraphTesting

@testable import Kith

extension EdgeFileFormat {
    /// The formats that are read and written, and hold keys of every sort.
    static let general: [EdgeFileFormat] = [.tsv, .csv, .edges, .jsonl, .adjacency]
}

/// Random rows of edges, good and bad, and how each format writes them: the other side of what the loader reads.
struct EdgeFileText {
    /// A row as it is meant.
    struct Row {
        var source: String
        var target: String
        var weight: String?
        var time: String?
        /// Why the loader is to turn it down.
        var badCode: String?
    }

    /// What was written.
    struct File {
        var text: [UInt8] = []
        /// The rows it holds, in order.
        var rows: [Row] = []
        /// The lines of bad rows, from 1, and why they are bad.
        var rejected: [(line: Int, code: String)] = []
    }

    let format: EdgeFileFormat
    let type: EdgeType

    private static let plainNames = [
        "7", "42", "007", "-3", "18446744073709551615", "18446744073709551616", "x", "ümlaut", "日本",
    ]
    private static let oddNames = ["a,b", "say \"hi\"", "two\nlines", "semi;colon", " blank "]

    private func key(_ random: inout SplitMix64) -> String {
        switch Int.random(in: 0..<10, using: &random) {
        case 0..<6: String(UInt64.random(in: 0..<30, using: &random))
        case 6, 7: "user-\(UInt64.random(in: 0..<20, using: &random))"
        case 8: EdgeFileText.plainNames.randomElement(using: &random) ?? "x"
        default:
            format == .csv || format == .jsonl
                ? EdgeFileText.oddNames.randomElement(using: &random) ?? "x"
                : "uuid-\(UInt64.random(in: 0...9, using: &random))"
        }
    }

    private func row(_ random: inout SplitMix64, badShare: Int) -> Row {
        var row = Row(source: key(&random), target: key(&random))
        if format != .adjacency {
            if type.columns.contains(.weight) {
                let number = UInt64.random(in: 0...99_999, using: &random)
                row.weight = ["\(number)", "0.\(number)", "\(number).25", "1e-3", "1.1754944e-38"].randomElement(
                    using: &random)
            }
            if type.columns.contains(.time), row.weight != nil || !type.columns.contains(.weight) {
                let seconds = UInt32.random(in: 1_000_000_000...1_003_000_000, using: &random)
                row.time = ["\(seconds)", "\(seconds)123", "2001-09-09T01:46:40Z"].randomElement(using: &random)
            }
        }
        if type.source == type.target, !type.allowsSelfLoops, row.source == row.target { row.badCode = "self-loop" }
        if Int.random(in: 0..<100, using: &random) < badShare {
            switch Int.random(in: 0..<4, using: &random) {
            case 0 where row.weight != nil:
                (row.weight, row.badCode) = (
                    format == .jsonl ? "\"x\"" : "nan", format == .jsonl ? "bad-json" : "bad-weight"
                )
            case 1 where row.time != nil: (row.time, row.badCode) = ("yesterday", "bad-time")
            case 2:
                (row.target, row.badCode) = (
                    String(repeating: "k", count: 501), format == .jsonl ? "bad-json" : "bad-key"
                )
            default: row.badCode = format == .jsonl ? "bad-json" : "too-few-columns"
            }
        }
        return row
    }

    /// A file of `count` rows.
    func make(_ count: Int, badShare: Int, _ random: inout SplitMix64) -> File {
        var file = File()
        var line = 1
        func write(_ text: String) {
            let end = Int.random(in: 0..<5, using: &random) == 0 ? "\r\n" : "\n"
            file.text += Array((text + end).utf8)
            line += 1 + text.utf8.filter { $0 == 10 }.count
        }
        let hasHeader = (format == .tsv || format == .csv) && Bool.random(using: &random)
        let delimiter = format == .csv ? [",", ";", "|"].randomElement(using: &random) ?? "," : "\t"
        if hasHeader {
            let columns =
                ["source", "target"] + (type.columns.contains(.weight) ? ["weight"] : [])
                + (type.columns.contains(.time) ? ["time"] : [])
            write((columns + ["remark"]).joined(separator: delimiter))
        } else if format == .edges, Bool.random(using: &random) {
            // A header that other programs pass over.
            write(
                "# from to" + (type.columns.contains(.weight) ? " weight" : "")
                    + (type.columns.contains(.time) ? " time" : ""))
        } else if format == .csv {
            // The first line tells the delimiter.
            let row = Row(source: "1", target: "2")
            write("1\(delimiter)2")
            file.rows.append(row)
        }
        for _ in 0..<count {
            if format == .edges, Int.random(in: 0..<20, using: &random) == 0 {
                write(Bool.random(using: &random) ? "# a remark" : "% a remark")
            }
            if Int.random(in: 0..<30, using: &random) == 0 { write("") }
            let row = row(&random, badShare: badShare)
            if let code = row.badCode { file.rejected.append((line, code)) } else { file.rows.append(row) }
            write(text(of: row, delimiter, hasRemark: hasHeader, &random))
        }
        // The last line may lack its end.
        if Bool.random(using: &random), file.text.last == 10 {
            file.text.removeLast()
            if file.text.last == 13 { file.text.removeLast() }
        }
        return file
    }

    private func text(of row: Row, _ delimiter: String, hasRemark: Bool, _ random: inout SplitMix64) -> String {
        let isShort = row.badCode == "too-few-columns"
        switch format {
        case .jsonl:
            let isTorn = row.badCode == "bad-json" && row.target.count < 501 && row.weight != "\"x\""
            var members = ["\"from\": \(EdgeFileText.json(row.source))", "\"to\": \(EdgeFileText.json(row.target))"]
            if let weight = row.weight { members.append("\"weight\": \(weight)") }
            if let time = row.time {
                members.append("\"time\": \(time.allSatisfy(\.isNumber) ? time : EdgeFileText.json(time))")
            }
            if Bool.random(using: &random) { members.append("\"extra\": [1, {\"a\": null}]") }
            return isTorn ? "{" + members[0] : "{" + members.shuffled(using: &random).joined(separator: ", ") + "}"
        case .adjacency:
            return isShort ? row.source : row.source + "\t" + row.target
        default:
            var fields = isShort ? [row.source] : [row.source, row.target]
            if !isShort, let weight = row.weight { fields.append(weight) }
            if !isShort, let time = row.time { fields.append(time) }
            if hasRemark, !isShort { fields.append("remark") }
            if format == .edges {
                return fields.joined(separator: Bool.random(using: &random) ? " " : "\t  ")
            }
            return fields.map { format == .csv ? EdgeFileText.quoted($0, Bool.random(using: &random)) : $0 }
                .joined(separator: delimiter)
        }
    }

    private static func quoted(_ text: String, _ always: Bool) -> String {
        guard always || text.contains(where: { ",;|\"\n".contains($0) }) else { return text }
        return "\"" + text.replacingOccurrences(of: "\"", with: "\"\"") + "\""
    }

    private static func json(_ text: String) -> String {
        guard let data = try? JSONEncoder().encode(text) else { return "\"\"" }
        return String(decoding: data, as: UTF8.self)
    }
}
