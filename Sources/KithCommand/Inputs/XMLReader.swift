import CExpat
import Foundation
import Kith

/// What reads the elements of a document, in their order.
protocol XMLElements: AnyObject {
    /// An element begins.
    func start(_ name: String, _ attributes: [String: String], line: Int) throws
    /// An element of this depth ends.
    func end() throws
    /// Text of the element that is open; one text may come in several pieces.
    func append(_ text: UnsafeRawBufferPointer) throws
}

/// A document that is read piece by piece, by expat.
///
/// Documents come from anywhere: no entity is expanded, nothing is fetched, and what is not complete is held as far as
/// ``tokenBytesMax`` alone. Names lose their prefix: of which space of names they are is not looked at.
///
/// **Unsafety:** expat calls back with the address of this reader, which lets go of expat before it goes.
@safe final class XMLReader {
    /// The most that a tag, a comment or a declaration has.
    static let tokenBytesMax = 1 << 20

    private let parser: XML_Parser
    private unowned let elements: any XMLElements
    private var failure: (any Error)?
    private var bytesTaken = 0

    init(ofFile path: String, into elements: any XMLElements) throws {
        guard let parser = unsafe XML_ParserCreate(nil) else { throw LoadError.reading(path, ENOMEM) }
        unsafe self.parser = unsafe parser
        self.elements = elements
        unsafe XML_SetUserData(parser, Unmanaged.passUnretained(self).toOpaque())
        unsafe XML_SetElementHandler(
            parser, { unsafe XMLReader.of($0)?.start($1, $2) }, { reader, _ in unsafe XMLReader.of(reader)?.end() })
        unsafe XML_SetCharacterDataHandler(parser) { unsafe XMLReader.of($0)?.append($1, $2) }
        unsafe XML_SetEntityDeclHandler(parser) { reader, name, _, _, _, _, _, _, _ in
            unsafe XMLReader.of(reader)?.refuse(entity: name)
        }
        unsafe XML_SetSkippedEntityHandler(parser) { reader, name, _ in
            unsafe XMLReader.of(reader)?.refuse(entity: name)
        }
    }

    deinit {
        unsafe XML_ParserFree(parser)
    }

    /// The line that is being read, from 1.
    var line: Int { unsafe Int(XML_GetCurrentLineNumber(parser)) }

    /// Reads the next piece of the document, or its end.
    ///
    /// - Throws: ``RowError/unreadable(_:)``, what the elements throw.
    func read(_ piece: UnsafeRawBufferPointer, isLast: Bool = false) throws {
        let start = unsafe piece.baseAddress?.assumingMemoryBound(to: CChar.self)
        let status = unsafe XML_Parse(parser, start, Int32(piece.count), isLast ? 1 : 0)
        if let failure { throw failure }
        guard status == XML_STATUS_OK else {
            let code = unsafe XML_GetErrorCode(parser)
            let isCut = code == XML_ERROR_NO_ELEMENTS || code == XML_ERROR_UNCLOSED_TOKEN
            let reason = unsafe XML_ErrorString(code).map { unsafe String(cString: $0) } ?? "it cannot be read"
            throw RowError.unreadable("line \(line): " + (isLast && isCut ? "it is cut off" : reason))
        }
        bytesTaken += piece.count
        guard unsafe bytesTaken - Int(XML_GetCurrentByteIndex(parser)) <= XMLReader.tokenBytesMax || isLast else {
            throw RowError.unreadable("line \(line): a tag has more than \(XMLReader.tokenBytesMax) bytes")
        }
    }

    private static func of(_ reader: UnsafeMutableRawPointer?) -> XMLReader? {
        unsafe reader.map { unsafe Unmanaged<XMLReader>.fromOpaque($0).takeUnretainedValue() }
    }

    /// Runs what an element does, unless something failed before: what expat has read ahead still comes.
    private func handle(_ body: () throws -> Void) {
        if failure != nil { return }
        do {
            try body()
        } catch {
            failure = error
            unsafe XML_StopParser(parser, XML_Bool(0))
        }
    }

    private static func localName(_ name: UnsafePointer<XML_Char>) -> String {
        let name = unsafe String(cString: name)
        return name.lastIndex(of: ":").map { String(name[name.index(after: $0)...]) } ?? name
    }

    private func start(
        _ name: UnsafePointer<XML_Char>?, _ list: UnsafeMutablePointer<UnsafePointer<XML_Char>?>?
    ) {
        guard let name = unsafe name, let list = unsafe list else { return }
        var attributes: [String: String] = [:]
        var index = 0
        // Name, value, name, value, and nil behind the last.
        while let name = unsafe list[index], let value = unsafe list[index + 1] {
            unsafe attributes[String(cString: name)] = unsafe String(cString: value)
            index += 2
        }
        handle { unsafe try elements.start(XMLReader.localName(name), attributes, line: line) }
    }

    private func end() { handle { try elements.end() } }

    private func append(_ text: UnsafePointer<XML_Char>?, _ count: Int32) {
        handle { unsafe try elements.append(UnsafeRawBufferPointer(start: text, count: Int(count))) }
    }

    private func refuse(entity name: UnsafePointer<XML_Char>?) {
        let name = unsafe name.map { unsafe String(cString: $0) } ?? ""
        handle {
            throw RowError.unreadable(
                "line \(line): entities such as '\(name)' are not expanded; write their text in place of them")
        }
    }
}
