import Foundation
import GraphTesting
import Testing

@testable import Kith

@Suite("A time")
struct TimestampTests {
    /// 2024-05-01T08:00:00Z.
    private static let morning: Timestamp = 1_714_550_400

    @Test(
        "is read with T or a blank, with and without seconds, fractions and zone",
        arguments: [
            "2024-05-01T08:00:00Z", "2024-05-01 08:00:00", "2024-05-01T08:00", "2024-05-01t08:00z",
            "2024-05-01T08:00:00.999", "2024-05-01T08:00:00,5Z", "2024-05-01 10:00:00+02", "2024-05-01T10:00+0200",
            "2024-05-01T10:00:00.25+02:00", "2024-05-01 00:00:00 -08:00", "2024-05-01 08:00:00 UTC",
            "2024-05-02T07:59+23:59", "1714550400", "1714550400.99", "1714550400000", "1714550400999",
            "1714550400000000", "1714550400999999.5",
        ])
    func forms(text: String) throws {
        #expect(try Timestamp(parsing: text) == TimestampTests.morning)
    }

    @Test("that does not exist, or has text around it, is refused for what is wrong with it")
    func refusals() throws {
        let texts: [(TimestampError.Reason, [String])] = [
            (.noSuchDay, ["2023-02-29", "2024-04-31", "2024-13-01", "2024-00-01", "2024-05-00T08:00", "2100-02-29"]),
            (
                .noSuchTimeOfDay,
                [
                    "2024-05-01T25:00", "2024-05-01T24:00:00", "2024-05-01T08:60", "2016-12-31T23:59:60Z",
                    "2024-05-01T08:00+24:00", "2024-05-01T08:00+02:60",
                ]
            ),
            (
                .outOfRange,
                [
                    "-1", "-0.5", "1969-12-31", "1970-01-01T00:00+00:01", "2106-02-07T06:28:16Z", "4294967296",
                    "99999999999", "4294967296000", "99999999999999", "4294967296000000", "20240501080000",
                    "99999999999999999999999",
                ]
            ),
            (
                .unknownForm,
                [
                    "", " ", "soon", "2024-05-01junk", "2024-05-01T08:00:00Zjunk", " 2024-05-01", "2024-05-01 ",
                    "2024-05-01T", "2024-05-01T08", "2024-05-01T8:00", "2024-5-1", "2024-05", "2024-05-01Z",
                    "2024-05-01T08:00.5", "2024-05-01T08:00:00.", "2024-05-01  08:00", "20240501T080000", "2024-122",
                    "2024/05/01", "01.05.2024", "12.", ".5", "1e9", "+1", "0x10", "٢٠٢٤-٠٥-٠١", "2024-05-01T08:00:00+2",
                    "2024-05-01T08:00:00 +02 ", "30d", "yesterday", "now",
                ]
            ),
        ]
        for (reason, texts) in texts {
            for text in texts {
                #expect(throws: TimestampError(text, reason)) { try Timestamp(parsing: text) }
            }
        }
        #expect(try Timestamp(parsing: "2106-02-07T06:28:15Z") == Timestamp(rawValue: .max))
        #expect(try Timestamp(parsing: "1970-01-01T00:00") == 0)
    }

    @Test("is what Python's datetime makes of 10,000 random texts")
    func python() throws {
        let url = try #require(
            Bundle.module.url(forResource: "python-times", withExtension: "tsv", subdirectory: "Resources"))
        let rows = try String(contentsOf: url, encoding: .utf8).split(separator: "\n").filter { !$0.hasPrefix("#") }
        #expect(rows.count == 10_000)
        var others: [String] = []
        for row in rows {
            let tab = try #require(row.lastIndex(of: "\t"))
            let found: String
            do {
                found = String(try Timestamp(parsing: String(row[..<tab])).rawValue)
            } catch {
                found =
                    switch error.reason {
                    case .unknownForm: "form"
                    case .noSuchDay: "day"
                    case .noSuchTimeOfDay: "clock"
                    case .outOfRange: "range"
                    }
            }
            if found != row[tab...].dropFirst() { others.append("\(row), found \(found)") }
        }
        #expect(others == [])
    }

    @Test("in words counts from the present that is given, by days of UTC")
    func words() throws {
        let present = TimestampTests.morning
        let ago: [(String, UInt32)] = [
            ("now", 0), ("0d", 0), ("90s", 90), ("5m", 300), ("12h", 43_200), ("30d", 30 * 86_400), ("2w", 14 * 86_400),
            ("today", 8 * 3_600), ("yesterday", 32 * 3_600),
        ]
        for (word, seconds) in ago {
            let expected = Timestamp(rawValue: present.rawValue - seconds)
            #expect(try Timestamp(parsing: word, relativeTo: present) == expected, "\(word)")
        }
        #expect(try Timestamp(parsing: "2024-05-01", relativeTo: 0).rawValue == present.rawValue - 8 * 3_600)
        for word in ["19845d", "99999999999999999999d", "yesterday"] {
            #expect(throws: TimestampError(word, .outOfRange)) {
                try Timestamp(parsing: word, relativeTo: word == "yesterday" ? 5 : present)
            }
        }
        for word in ["d", "-1d", "1.5d", "30 d", "30D", "30days", "1y", "Today", "yesterday ", "tomorrow"] {
            #expect(throws: TimestampError(word, .unknownForm)) { try Timestamp(parsing: word, relativeTo: present) }
        }
    }

    @Test("is written as ISO 8601 that is read back")
    func description() throws {
        #expect("\(TimestampTests.morning)" == "2024-05-01T08:00:00Z")
        #expect("\(Timestamp(rawValue: 0))" == "1970-01-01T00:00:00Z")
        #expect("\(Timestamp(rawValue: .max))" == "2106-02-07T06:28:15Z")
        // A step that meets every second of the minute, and all days of leap years and others.
        for seconds in stride(from: UInt32(0), to: .max - 86_467, by: 86_467) {
            let time = Timestamp(rawValue: seconds)
            #expect(try Timestamp(parsing: time.description) == time)
        }
    }

    @Test("in JSON is a number or a text, by the same rules; words need the decoder to have the present")
    func json() throws {
        let decoder = JSONDecoder()
        func decode(_ json: String) throws -> [Timestamp] {
            try decoder.decode([Timestamp].self, from: Data(json.utf8))
        }
        let morning = TimestampTests.morning
        #expect(
            try decode(
                "[1714550400, 1714550400000, 1714550400.5, 1.7145504e9, \"2024-05-01 08:00:00\", \"1714550400\"]")
                == Array(repeating: morning, count: 6))
        for json in ["[\"30d\"]", "[-1]", "[4294967296]", "[1e40]", "[\"2023-02-29\"]", "[true]", "[null]"] {
            #expect(throws: DecodingError.self) { try decode(json) }
        }
        decoder.userInfo[.present] = morning
        #expect(try decode("[\"1d\", \"now\"]") == [Timestamp(rawValue: morning.rawValue - 86_400), morning])
        #expect(String(decoding: try JSONEncoder().encode([morning]), as: UTF8.self) == "[1714550400]")
    }

    @Test("in files is counted by what was understood of it, the same in every format")
    func reports() throws {
        let times = [
            "1714550400", "1714550400000", "1714550400000000", "2024-05-01 08:00:00", "2024-05-01T08:00:00.5Z",
            "1714550400.5", "20240501",
        ]
        let expected: [Timestamp.Reading: Int] = [
            .milliseconds: 1, .microseconds: 1, .withoutZone: 1, .fraction: 2, .likeDate: 1,
        ]
        let folder = try TemporaryFolder()
        for format in [EdgeFileFormat.tsv, .csv, .jsonl] {
            let rows = times.enumerated().map { index, time in
                switch format {
                case .csv: "a,\(index),\(time)\n"
                case .jsonl:
                    "{\"from\": \"a\", \"to\": \(index), \"time\": "
                        + (time.allSatisfy { "0123456789.".contains($0) } ? time : "\"\(time)\"") + "}\n"
                default: "a\t\(index)\t\(time)\n"
                }
            }
            let path = folder.file("times.\(format.rawValue)")
            try Data(rows.joined().utf8).write(to: URL(fileURLWithPath: path))
            let store = folder.file("\(format.rawValue).kith")
            let report = try BulkLoader(options: .forTests).load([.init(type: .follows, path: path)], into: store)
            #expect(report.times == expected)
            let found = try GraphStore(opening: store, options: .forTests).read { snapshot in
                try snapshot.neighbors(of: "a", via: .follows, limit: 10).neighbors.map(\.time)
            }
            #expect(Set(found) == [TimestampTests.morning, 20_240_501])
        }
    }
}
