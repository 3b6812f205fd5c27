extension TwoHopScore {
    /// The product of both numbers of neighbours.
    public static let preferentialAttachment = Self("preferential-attachment", PreferentialAttachmentFormula())
}

/// |A| |B(w)|, where there is a path. Barabási and Albert, *Emergence of scaling in random networks*, Science 286, 1999.
struct PreferentialAttachmentFormula: CountFormula {
    func score(count: Double, firstSize: Double, size: Double) -> Double { firstSize * size }
}
