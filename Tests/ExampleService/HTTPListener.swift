import Foundation
import Glibc

/// A request, as far as this service looks at it.
struct HTTPRequest {
    let method: String
    /// The parts of the path, decoded.
    let path: [String]
    /// What stands behind the question mark, decoded.
    let query: [String: String]
}

/// An answer: a status and JSON.
struct HTTPAnswer {
    var status = 200
    var body: [String: any Sendable] = [:]
}

/// Plain HTTP/1.1 over sockets, a connection for each request: enough to show a service, and no more.
final class HTTPListener: Sendable {
    /// Where it listens.
    let port: UInt16
    private let socket: Int32
    private static let headBytesMax = 8_192

    /// Listens on this machine's own address; on any free port when `port` is 0.
    init(port: UInt16) throws {
        let socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var reuses: Int32 = 1
        setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &reuses, socklen_t(MemoryLayout<Int32>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = INADDR_LOOPBACK.bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let code = withUnsafeMutablePointer(to: &address) { address in
            address.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                bind(socket, address, length) == 0 && listen(socket, 64) == 0
                    ? getsockname(socket, address, &length) : -1
            }
        }
        guard code == 0 else { throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO) }
        self.socket = socket
        self.port = UInt16(bigEndian: address.sin_port)
    }

    /// Answers every request by a task of its own, until the process ends.
    func run(_ answer: @escaping @Sendable (HTTPRequest) async -> HTTPAnswer) -> Never {
        while true {
            let connection = accept(socket, nil, nil)
            guard connection >= 0 else { continue }
            // A client that says nothing is not waited for.
            var patience = timeval(tv_sec: 5, tv_usec: 0)
            setsockopt(connection, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
            Thread.detachNewThread {
                let request = HTTPListener.readRequest(from: connection)
                Task {
                    let reply = if let request { await answer(request) } else { HTTPAnswer(status: 400) }
                    HTTPListener.write(reply, to: connection)
                    close(connection)
                }
            }
        }
    }

    private static func readRequest(from connection: Int32) -> HTTPRequest? {
        var head: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 1_024)
        while head.count < headBytesMax, !String(decoding: head, as: UTF8.self).contains("\r\n\r\n") {
            let count = recv(connection, &piece, piece.count, 0)
            guard count > 0 else { return nil }
            head += piece[..<count]
        }
        let words = String(decoding: head, as: UTF8.self).prefix { $0 != "\r\n" }.split(separator: " ")
        guard words.count == 3, let url = URLComponents(string: String(words[1])) else { return nil }
        let items = (url.queryItems ?? []).map { ($0.name, $0.value ?? "") }
        return HTTPRequest(
            method: String(words[0]), path: url.path.split(separator: "/").map(String.init),
            query: Dictionary(items) { first, _ in first })
    }

    private static func write(_ answer: HTTPAnswer, to connection: Int32) {
        // What cannot be written as JSON is a mistake of this program's.
        let body = (try? JSONSerialization.data(withJSONObject: answer.body, options: .sortedKeys)) ?? Data()
        let head =
            "HTTP/1.1 \(answer.status) -\r\nContent-Type: application/json\r\nContent-Length: \(body.count)\r\n"
            + "Connection: close\r\n\r\n"
        let bytes = Array(head.utf8) + body
        var sent = 0
        while sent < bytes.count {
            let count = bytes[sent...].withUnsafeBytes { rest in
                send(connection, rest.baseAddress, rest.count, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { return }
            sent += count
        }
    }
}
