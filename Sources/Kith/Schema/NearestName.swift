/// The name somebody meant who wrote another.
///
/// - Returns: of `names` the one with the fewest slips from `text` (a letter too many, too few, another, or two
/// swapped:
///   optimal string alignment), or one that starts with it; nil when none is near.
package func nearestName(to text: String, among names: [String]) -> String? {
    let text = text.lowercased()
    let slipsMax = max(1, text.count / 3)
    let near = names.map { (name: $0, slips: slips(text, $0.lowercased())) }.filter { $0.slips <= slipsMax }
    if let nearest = near.min(by: { $0.slips < $1.slips }) { return nearest.name }
    return text.count < 2 ? nil : names.first { $0.lowercased().hasPrefix(text) }
}

/// How many slips turn one text into the other.
private func slips(_ first: String, _ second: String) -> Int {
    let (first, second) = (Array(first), Array(second))
    var before: [Int] = []
    var last = Array(0...second.count)
    for row in first.indices {
        var current = [row + 1]
        for column in second.indices {
            let isSame = first[row] == second[column]
            var least = min(last[column] + (isSame ? 0 : 1), last[column + 1] + 1, current[column] + 1)
            if row > 0, column > 0, first[row] == second[column - 1], first[row - 1] == second[column] {
                least = min(least, before[column - 1] + 1)
            }
            current.append(least)
        }
        (before, last) = (last, current)
    }
    return last[second.count]
}
