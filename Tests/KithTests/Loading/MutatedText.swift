import GraphTesting

/// A text with some of its bytes changed, put in or taken out, and pieces of it cut out or put in again elsewhere.
enum MutatedText {
    private static let special: [UInt8] = Array("\"\n\r\t, ;|#%{}:\\0".utf8) + [0, 0xFF, 0xC3, 0x80, 0xEF]

    /// - Parameter changes: how many changes are made.
    static func of(_ text: [UInt8], changes: ClosedRange<Int> = 1...12, _ random: inout SplitMix64) -> [UInt8] {
        var text = text
        for _ in 0..<Int.random(in: changes, using: &random) {
            guard !text.isEmpty else { break }
            let place = Int.random(in: 0..<text.count, using: &random)
            switch Int.random(in: 0..<6, using: &random) {
            case 0: text[place] = UInt8.random(in: 0...255, using: &random)
            case 1: text[place] = special.randomElement(using: &random) ?? 0
            case 2: text.insert(special.randomElement(using: &random) ?? 0, at: place)
            case 3: text.remove(at: place)
            case 4: text.removeSubrange(place..<min(text.count, place + Int.random(in: 0...40, using: &random)))
            default:
                let end = min(text.count, place + Int.random(in: 0...60, using: &random))
                text.insert(contentsOf: text[place..<end], at: Int.random(in: 0...text.count, using: &random))
            }
        }
        return text
    }
}
