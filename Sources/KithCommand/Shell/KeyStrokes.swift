import Foundation

/// A key as a terminal sends it.
enum KeyStroke: Equatable {
    case letter(Character)
    case left, right, up, down, home, end, wordLeft, wordRight
    case backspace, delete, deleteWord, deleteToStart, deleteToEnd
    case tab, enter, clear, interrupt, endOfInput
    /// Something that means nothing here.
    case other
}

/// The keys typed at a terminal that passes them on at once, as bytes.
struct KeyStrokes {
    private let descriptor: Int32
    /// How long the rest of an escape sequence may take; the escape key alone sends no rest.
    private static let escapeMilliseconds: Int32 = 50

    init(_ descriptor: Int32) {
        self.descriptor = descriptor
    }

    /// Waits for the next; nil at the end.
    func next() -> KeyStroke? {
        guard let byte = byte() else { return nil }
        switch byte {
        case 1: return .home
        case 2: return .left
        case 3: return .interrupt
        case 4: return .endOfInput
        case 5: return .end
        case 6: return .right
        case 8, 127: return .backspace
        case 9: return .tab
        case 10, 13: return .enter
        case 11: return .deleteToEnd
        case 12: return .clear
        case 14: return .down
        case 16: return .up
        case 21: return .deleteToStart
        case 23: return .deleteWord
        case 27: return escape()
        case 0..<32: return .other
        default: return letter(byte)
        }
    }

    private func byte() -> UInt8? {
        var byte: UInt8 = 0
        while true {
            let count = unsafe read(descriptor, &byte, 1)
            if count == 1 { return byte }
            if count == 0 || errno != EINTR { return nil }
        }
    }

    private var isMoreComing: Bool {
        var waiting = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        return unsafe poll(&waiting, 1, KeyStrokes.escapeMilliseconds) > 0
    }

    /// ESC [ numbers letter, ESC O letter, or ESC letter.
    private func escape() -> KeyStroke {
        guard isMoreComing, let kind = byte() else { return .other }
        if kind == UInt8(ascii: "b") { return .wordLeft }
        if kind == UInt8(ascii: "f") { return .wordRight }
        guard kind == UInt8(ascii: "[") || kind == UInt8(ascii: "O") else { return .other }
        var numbers = ""
        while isMoreComing, let next = byte() {
            let character = Character(Unicode.Scalar(next))
            guard character.isLetter || character == "~" else {
                numbers.append(character)
                continue
            }
            let isFar = numbers.hasSuffix(";5") || numbers.hasSuffix(";3")
            switch (character, numbers) {
            case ("A", _): return .up
            case ("B", _): return .down
            case ("C", _): return isFar ? .wordRight : .right
            case ("D", _): return isFar ? .wordLeft : .left
            case ("H", _), ("~", "1"), ("~", "7"): return .home
            case ("F", _), ("~", "4"), ("~", "8"): return .end
            case ("~", "3"): return .delete
            default: return .other
            }
        }
        return .other
    }

    /// A letter of UTF-8, or nothing when the bytes are none.
    private func letter(_ first: UInt8) -> KeyStroke {
        var bytes = [first]
        let count = first < 0x80 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4
        while bytes.count < count, let next = byte() { bytes.append(next) }
        guard let character = String(validating: bytes, as: UTF8.self)?.first else { return .other }
        return .letter(character)
    }
}
