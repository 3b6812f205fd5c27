import CLMDB
import Glibc
import OperatingSystem

/// What LMDB, the system or this wrapper refuses, each under its own name.
public enum LMDBError: Error, Hashable, Sendable, CustomStringConvertible {
    /// `MDB_KEYEXIST`: the key is there already, or an appended key is not greater than the last.
    case keyExists
    /// `MDB_NOTFOUND`: a table that should be there is not.
    case notFound
    /// `MDB_PAGE_NOTFOUND`: a page that is referred to is not there: the file is damaged.
    case pageNotFound
    /// `MDB_CORRUPTED`: a page is of the wrong kind: the file is damaged.
    case corrupted
    /// `MDB_PANIC`: an earlier write of the head of the file failed; the environment must be opened anew.
    case panic
    /// `MDB_VERSION_MISMATCH`: the file is of another version of LMDB.
    case versionMismatch
    /// `MDB_INVALID`: the file is no LMDB file.
    case invalid
    /// `MDB_MAP_FULL`: the file has reached the size it may have.
    case mapFull
    /// `MDB_DBS_FULL`: more tables than the environment was opened for.
    case databasesFull
    /// `MDB_READERS_FULL`: more readers than the lock file has places for.
    case readersFull
    /// `MDB_TLS_FULL`: no thread-local storage is left.
    case threadStorageFull
    /// `MDB_TXN_FULL`: the transaction has changed too many pages.
    case transactionFull
    /// `MDB_CURSOR_FULL`: a tree is deeper than a cursor can follow.
    case cursorFull
    /// `MDB_PAGE_FULL`: a page has no room although it should have.
    case pageFull
    /// `MDB_MAP_RESIZED`: another process let the file grow, and this one has transactions open that keep it from following.
    case mapResized
    /// `MDB_INCOMPATIBLE`: the table has keys of another kind than it is opened for.
    case incompatible
    /// `MDB_BAD_RSLOT`: a reader's place is used twice.
    case badReaderSlot
    /// `MDB_BAD_TXN`: the transaction has failed and can only be aborted.
    case badTransaction
    /// `MDB_BAD_VALSIZE`: a key is not 1 to 511 bytes, or not of the table's size.
    case badValueSize
    /// `MDB_BAD_DBI`: the table was closed.
    case badDatabase
    /// Another code.
    case other(Int32)
    /// What the system said.
    case system(Int32)
    /// There is no room on the disk; the transaction was not committed.
    case diskFull
    /// The system would not start a thread, and why.
    case noThread(Int32)
    /// The path names no regular file.
    case notAFile(path: String)
    /// The file's first pages are not those of an LMDB file.
    case invalidFile(path: String, reason: String)
    /// The head of the file is sound, and LMDB could not read it, or not lock its lock file.
    case headNotRead(path: String)
    /// The file is shorter than its first pages say.
    case truncatedFile(path: String, bytes: UInt64, expected: UInt64)
    /// A page of the file is not as LMDB writes it: see ``StructureReport``.
    case unsound(tree: String, problem: String)
    /// The file is on a network file system, across which locks do not work.
    case networkFilesystem(path: String)
    /// Somebody else has the file open, and it is to be used by one alone.
    case inUse(path: String)
    /// The file is open by another lock file.
    case otherLockFile(path: String)
    /// The name is one of a lock file.
    case lockFileName(path: String)
    /// What has the name of a lock file is another file, which LMDB would write over.
    case notALockFile(path: String)
    /// The data file has another owner, for whom this user can make no lock file.
    case lockOwner(path: String, owner: UInt32)
    /// The file is on another file system than the one it is to replace.
    case otherFileSystem(path: String)
    /// The file cannot be given to the owner of the one it is to replace.
    case fileOwner(path: String, owner: UInt32)
    /// The file was replaced, and its name could not be brought to the disk.
    case nameNotSynced(path: String, code: Int32)
    /// The process was forked since the environment was opened.
    case forked
    /// The thread has a write transaction already.
    case writeInsideWrite
    /// Another writer, of this process or another, was at work for as long as this one would wait; which process that is,
    /// when it is another and is found.
    case writerBusy(WritingProcess?)
    /// The map could not be made anew after another process let the file grow; the environment must be opened anew.
    case poisoned
    /// The file is open in this process for reading only, and was to be opened for writing.
    case openReadOnly(path: String)

    /// The error that a code of LMDB or of the system stands for.
    public init(code: Int32) {
        self =
            switch code {
            case MDB_KEYEXIST: .keyExists
            case MDB_NOTFOUND: .notFound
            case MDB_PAGE_NOTFOUND: .pageNotFound
            case MDB_CORRUPTED: .corrupted
            case MDB_PANIC: .panic
            case MDB_VERSION_MISMATCH: .versionMismatch
            case MDB_INVALID: .invalid
            case MDB_MAP_FULL: .mapFull
            case MDB_DBS_FULL: .databasesFull
            case MDB_READERS_FULL: .readersFull
            case MDB_TLS_FULL: .threadStorageFull
            case MDB_TXN_FULL: .transactionFull
            case MDB_CURSOR_FULL: .cursorFull
            case MDB_PAGE_FULL: .pageFull
            case MDB_MAP_RESIZED: .mapResized
            case MDB_INCOMPATIBLE: .incompatible
            case MDB_BAD_RSLOT: .badReaderSlot
            case MDB_BAD_TXN: .badTransaction
            case MDB_BAD_VALSIZE: .badValueSize
            case MDB_BAD_DBI: .badDatabase
            case ENOSPC, EDQUOT: .diskFull
            case 1...: .system(code)
            default: .other(code)
            }
    }

    /// What was found and what to do.
    public var description: String {
        switch self {
        case .keyExists: "a key is there already, or was appended out of order"
        case .notFound: "a table of the file is missing"
        case .pageNotFound, .corrupted: "the file is damaged; run `kith check` and restore a backup"
        case .panic: "an earlier write of the file's head failed; close the file and open it anew"
        case .versionMismatch: "the file is of another version of LMDB; export it with the program that wrote it"
        case .invalid: "the file is no LMDB file"
        case .mapFull:
            Refusal.limit(RLIMIT_AS) == nil
                ? "the file has reached the size it may have; open it with a larger one"
                : "the file has no more room in the memory that `ulimit -v` leaves it; raise that limit"
        case .databasesFull: "the file has more tables than it was opened for"
        case .readersFull: "all places for readers are taken; end some, or open with more"
        case .threadStorageFull: "the process has no thread-local storage left"
        case .transactionFull: "the transaction has changed too many pages; write in smaller ones"
        case .cursorFull: "a tree of the file is too deep; the file is damaged"
        case .pageFull: "a page has no room although it should have; the file is damaged"
        case .mapResized: "another process let the file grow while this one reads; end its reads and try again"
        case .incompatible: "a table of the file has keys of another kind than it should; the file is damaged"
        case .badReaderSlot: "a reader's place is used twice"
        case .badTransaction: "the transaction has failed before and can only be given up"
        case .badValueSize: "a key has 1 to 511 bytes"
        case .badDatabase: "the table was closed"
        case .other(let code): unsafe String(cString: mdb_strerror(code))
        case .system(let code): "\(Refusal(code))"
        case .noThread(let code): "\(Worker.NotStarted(refusal: Refusal(code)))"
        case .diskFull: "there is no room left on the disk; nothing was changed; make room and try again"
        case .notAFile(let path): "'\(path)' is not a regular file; name the store's file"
        case .invalidFile(let path, let reason): "'\(path)' is not a store: \(reason)"
        case .headNotRead(let path):
            "the head of '\(path)' is sound, but it could not be read again, or its lock file could not be locked; see to "
                + "the disk and try again"
        case .truncatedFile(let path, let bytes, let expected):
            "'\(path)' is cut short: it has \(bytes) bytes of at least \(expected); restore a backup"
        case .unsound(let tree, let problem): "the file is damaged in its \(tree): \(problem); restore a backup"
        case .networkFilesystem(let path):
            "'\(path)' is on a network file system, where locks do not work; move it to a local disk"
        case .forked: "the process was forked since the file was opened; open it anew in the child"
        case .inUse(let path):
            "'\(path)' is open, in this process or another, and this needs it alone; close it there, or stop who uses it"
        case .otherLockFile(let path):
            "'\(path)' is open under another name (a hard link or a bind mount), or its lock file was removed while it was "
                + "open; end the processes that have it open, and use one name"
        case .otherFileSystem(let path):
            "'\(path)' is on another file system than the store; copy it beside the store first"
        case .fileOwner(let path, let owner):
            "'\(path)' cannot be given to user \(owner), whom the store belongs to; do this as that user or as the superuser"
        case .nameNotSynced(let path, let code):
            "'\(path)' was replaced, but its folder could not be brought to the disk: \(Refusal(code)); a crash of the "
                + "machine may bring the old file back"
        case .lockFileName(let path):
            "'\(path)' ends in '-lock', as the lock files of stores do; choose another name"
        case .notALockFile(let path):
            "'\(path)' has the name of the store's lock file and is another file; move it away"
        case .lockOwner(let path, let owner):
            "'\(path)' belongs to user \(owner), for whom this user can make no lock file; let its owner open it first, or "
                + "copy it"
        case .poisoned:
            "another process let the file grow, and the memory map could not follow; close the store and open it again"
        case .writeInsideWrite: "this thread is in a write already, and a second could never begin; write once"
        case .writerBusy(let process):
            "\(process?.description ?? "somebody else") writes, and did for as long as this waits; try again, or wait longer (`--wait`)"
        case .openReadOnly(let path):
            "'\(path)' is open in this process for reading only; close that before opening it for writing"
        }
    }

    /// Throws what `code` stands for, unless it is success.
    @inlinable
    static func check(_ code: Int32) throws(LMDBError) {
        if code != 0 { throw LMDBError(code: code) }
    }
}
