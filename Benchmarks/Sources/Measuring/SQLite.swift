import CSQLite

/// A connection to an SQLite database, and its prepared statements.
///
/// Write-ahead log, synchronous=FULL: a commit is on the disk when it returns, as in the stores beside it.
public final class SQLite: @unchecked Sendable {
    private var connection: OpaquePointer?

    /// Opens or makes the file at `path`.
    public init(path: String) {
        // Connections of several threads, each used by one.
        let flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX
        precondition(sqlite3_open_v2(path, &connection, flags, nil) == SQLITE_OK, "'\(path)' cannot be opened")
        sqlite3_busy_timeout(connection, 60_000)
        run("PRAGMA journal_mode=WAL")
        run("PRAGMA synchronous=FULL")
        run("PRAGMA cache_size=-262144")
    }

    deinit {
        sqlite3_close_v2(connection)
    }

    /// Runs statements without parameters.
    public func run(_ text: String) {
        check(sqlite3_exec(connection, text, nil, nil, nil), text)
    }

    /// A statement to be run often.
    public func prepare(_ text: String) -> Statement {
        var statement: OpaquePointer?
        check(sqlite3_prepare_v3(connection, text, -1, UInt32(SQLITE_PREPARE_PERSISTENT), &statement, nil), text)
        return Statement(statement, of: self)
    }

    fileprivate func check(_ code: Int32, _ text: String) {
        precondition(
            code == SQLITE_OK || code == SQLITE_ROW || code == SQLITE_DONE,
            "\(text): \(String(cString: sqlite3_errmsg(connection)))")
    }

    /// A prepared statement with integers for parameters.
    public final class Statement: @unchecked Sendable {
        private let statement: OpaquePointer?
        private let connection: SQLite

        fileprivate init(_ statement: OpaquePointer?, of connection: SQLite) {
            self.statement = statement
            self.connection = connection
        }

        deinit {
            sqlite3_finalize(statement)
        }

        /// Runs it with these numbers in place of its question marks; `visit` sees every row it finds.
        /// - Returns: how many rows it found.
        @discardableResult
        public func callAsFunction(
            _ first: Int64, _ second: Int64? = nil, _ third: Int64? = nil, visit: (Row) -> Void = { _ in }
        ) -> Int {
            sqlite3_bind_int64(statement, 1, first)
            if let second { sqlite3_bind_int64(statement, 2, second) }
            if let third { sqlite3_bind_int64(statement, 3, third) }
            var count = 0
            while true {
                let code = sqlite3_step(statement)
                if code != SQLITE_ROW {
                    connection.check(code, String(cString: sqlite3_sql(statement)))
                    break
                }
                count += 1
                visit(Row(statement: statement))
            }
            sqlite3_reset(statement)
            return count
        }
    }

    /// The row a statement is at.
    public struct Row {
        fileprivate let statement: OpaquePointer?

        /// The integer in a column.
        public subscript(column: Int32) -> Int64 { sqlite3_column_int64(statement, column) }
    }
}
