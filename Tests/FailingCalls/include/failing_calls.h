/// Calls of the system that fail on purpose, in a program that knows nothing of it.
///
/// This library is preloaded (`LD_PRELOAD`) into the command under test. It stands in front of the calls below, counts
/// each kind, and lets the nth fail as a broken disk, a full one or an exhausted limit would make it fail. What the C
/// library calls within itself is not seen; what LMDB, zlib, Foundation and Kith call is.
///
/// Environment variables:
///
/// KITH_FAIL_CALL     the kind of call that fails, by its name in FAILING_CALLS; none when absent
/// KITH_FAIL_AT       which call of the kind fails, from 1
/// KITH_FAIL_ONWARDS  "1" when every later call of the kind fails as well
/// KITH_FAIL_WITH     the number of the error, or "short": half of the bytes are written or read
/// KITH_FAIL_PATH     only calls on files whose path contains this are counted and fail; threads always are
/// KITH_FAIL_LOG      a file that gets one line for each call that is counted: process, kind, number, path
/// KITH_FAIL_SECONDS  the program is ended by SIGALRM after so many: a call that is waited for in vain becomes a signal
#ifndef KITH_FAILING_CALLS_H
#define KITH_FAILING_CALLS_H

/// The kinds of call. `open` stands for `openat`, `fopen` and `mkstemp` too, `read` and `write` for what standard I/O reads
/// and writes, `fcntl` for locks alone, `unlink` for `rmdir`.
#define FAILING_CALLS(call) \
    call(pwrite) call(write) call(writev) call(pread) call(read) call(fdatasync) call(fsync) call(ftruncate) \
    call(fallocate) call(mmap) call(open) call(rename) call(link) call(unlink) call(mkdir) call(fcntl) \
    call(pthread_create)

#endif
