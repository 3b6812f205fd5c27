extension TwoHopScore {
    /// The share of those in common in the longer of both lists: hubs score low, however many they share.
    public static let hubDepressed = Self("hub-depressed", HubDepressedFormula())
}

/// The hub-depressed index, c / max(|A|, |B(w)|). Zhou, Lü and Zhang, *Predicting missing links via local information*,
/// European Physical Journal B 71, 2009; after Ravasz and others, *Hierarchical organization of modularity in metabolic
/// networks*, Science 297, 2002.
struct HubDepressedFormula: CountFormula {
    func score(count: Double, firstSize: Double, size: Double) -> Double { count / max(firstSize, size) }

    func scoreMax(count: Double, firstSize: Double) -> Double { count / firstSize }
}
