import Kith

/// What files that verbs read may be wrapped in, beside gzip.
enum InputCodings {
    static let all: [any ByteCoding] = [ZstdCoding(), GraphMLCoding()]
}
