/// Text of others, such as keys and paths, as a terminal may read it.
///
/// A control character moves the cursor or ends a line; one of direction turns what stands around it about; one without a
/// width makes two keys look the same. Each is spelt out, as `\\n` or `\\u{202E}`. Files and pipes get text as it is.
extension StringProtocol {
    /// The text with such characters spelt out, but for those of `kept`.
    func printable(keeping kept: Set<Unicode.Scalar>) -> String {
        escaping(kept) { $0.escaped(asASCII: true) }
    }

    /// The text with such characters spelt out.
    var printable: String { printable(keeping: []) }

    /// JSON with such characters spelt out as JSON does, which is the same JSON. They stand nowhere but in its strings.
    var printableJSON: String {
        escaping(["\n"]) { scalar in
            UTF16.encode(scalar)?.map { unit in
                let digits = String(unit, radix: 16)
                return "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            }.joined() ?? ""
        }
    }

    private func escaping(_ kept: Set<Unicode.Scalar>, _ escape: (Unicode.Scalar) -> String) -> String {
        if utf8.allSatisfy({ (0x20..<0x7F).contains($0) }) { return String(self) }
        var text = ""
        for scalar in unicodeScalars {
            if scalar.isUnprintable, !kept.contains(scalar) {
                text += escape(scalar)
            } else {
                text.unicodeScalars.append(scalar)
            }
        }
        return text
    }
}

extension Unicode.Scalar {
    /// Whether a terminal does something else with it than to show it: controls, marks of direction, ends of lines, and
    /// what Unicode says is shown as nothing.
    var isUnprintable: Bool {
        switch properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator: true
        default: properties.isDefaultIgnorableCodePoint
        }
    }
}
