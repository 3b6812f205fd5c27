import Glibc

/// pread(2) until `bytes` are full or the file ends: one call may read fewer, and a signal may keep it from reading any.
///
/// - Returns: how many bytes were read, fewer than asked for at the end of the file alone; -1 when the system refuses, and
///   `errno` says why.
package func preadWhole(_ descriptor: Int32, _ bytes: UnsafeMutableRawBufferPointer, _ offset: Int) -> Int {
    guard let start = bytes.baseAddress else { return 0 }
    var done = 0
    while done < bytes.count {
        let count = unsafe pread(descriptor, start + done, bytes.count - done, off_t(offset + done))
        if count < 0, errno == EINTR { continue }
        if count < 0 { return -1 }
        if count == 0 { break }
        done += count
    }
    return done
}
