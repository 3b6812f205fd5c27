// See include/failing_calls.h.
#define _GNU_SOURCE
#include "failing_calls.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

enum kind {
#define KIND(name) KIND_##name,
    FAILING_CALLS(KIND)
#undef KIND
    KIND_COUNT
};

static const char *const kind_names[KIND_COUNT] = {
#define NAME(name) #name,
    FAILING_CALLS(NAME)
#undef NAME
};

/// What becomes of a call, beside the number of an error.
enum { PASSES = 0, IS_SHORT = -1 };

static enum kind failing_kind = KIND_COUNT;
static long failing_at;
static int fails_onwards;
static int failing_with = EIO;
static const char *path_part;
static int log_file = -1;
static atomic_long counts[KIND_COUNT];

/// Set last: calls that libraries make before are passed on.
static int is_ready;

__attribute__((constructor)) static void read_environment(void)
{
    const char *call = getenv("KITH_FAIL_CALL"), *at = getenv("KITH_FAIL_AT"), *with = getenv("KITH_FAIL_WITH");
    const char *log = getenv("KITH_FAIL_LOG"), *seconds = getenv("KITH_FAIL_SECONDS");
    for (enum kind kind = 0; call && kind < KIND_COUNT; kind++)
        if (!strcmp(call, kind_names[kind])) failing_kind = kind;
    failing_at = at ? atol(at) : 0;
    fails_onwards = getenv("KITH_FAIL_ONWARDS") != NULL;
    if (with) failing_with = strcmp(with, "short") ? atoi(with) : IS_SHORT;
    path_part = getenv("KITH_FAIL_PATH");
    if (log) log_file = (int)syscall(SYS_openat, AT_FDCWD, log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (seconds) alarm((unsigned)atoi(seconds));
    is_ready = 1;
}

/// Counts a call on the file at `path` and decides about it: PASSES, IS_SHORT or the number of an error.
static int decide(enum kind kind, const char *path)
{
    if (!is_ready || (kind != failing_kind && log_file < 0)) return PASSES;
    if (path_part && !strstr(path, path_part)) return PASSES;
    long number = atomic_fetch_add(&counts[kind], 1) + 1;
    if (log_file >= 0) {
        char line[1200];
        int length = snprintf(line, sizeof line, "%d %s %ld %s\n", getpid(), kind_names[kind], number, path);
        if (length >= (int)sizeof line) length = sizeof line - 1;
        syscall(SYS_write, log_file, line, length);
    }
    if (kind != failing_kind || number < failing_at || (number > failing_at && !fails_onwards)) return PASSES;
    return failing_with;
}

/// The same for a call on an open file.
static int decide_open(enum kind kind, int file)
{
    if (!is_ready || (kind != failing_kind && log_file < 0)) return PASSES;
    char link[40], path[1024];
    int error = errno;
    snprintf(link, sizeof link, "/proc/self/fd/%d", file);
    ssize_t length = syscall(SYS_readlink, link, path, sizeof path - 1);
    errno = error;
    path[length < 0 ? 0 : length] = 0;
    return decide(kind, path);
}

/// Ends the function with -1 when the call is to fail.
#define FAIL_IF(decision) \
    do { \
        int error_ = (decision); \
        if (error_ > 0) { \
            errno = error_; \
            return -1; \
        } \
    } while (0)

/// The function of the same name that is behind this library.
#define NEXT(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

static size_t half(size_t count) { return count > 1 ? count / 2 : count; }

// Writing and reading

ssize_t pwrite(int file, const void *bytes, size_t count, off_t offset)
{
    int decision = decide_open(KIND_pwrite, file);
    FAIL_IF(decision);
    return syscall(SYS_pwrite64, file, bytes, decision == IS_SHORT ? half(count) : count, offset);
}

ssize_t pwrite64(int file, const void *bytes, size_t count, off64_t offset)
{
    return pwrite(file, bytes, count, offset);
}

ssize_t write(int file, const void *bytes, size_t count)
{
    int decision = decide_open(KIND_write, file);
    FAIL_IF(decision);
    return syscall(SYS_write, file, bytes, decision == IS_SHORT ? half(count) : count);
}

ssize_t writev(int file, const struct iovec *pieces, int count)
{
    int decision = decide_open(KIND_writev, file);
    FAIL_IF(decision);
    if (decision == IS_SHORT) return syscall(SYS_write, file, pieces[0].iov_base, half(pieces[0].iov_len));
    return syscall(SYS_writev, file, pieces, count);
}

ssize_t pread(int file, void *bytes, size_t count, off_t offset)
{
    int decision = decide_open(KIND_pread, file);
    FAIL_IF(decision);
    return syscall(SYS_pread64, file, bytes, decision == IS_SHORT ? half(count) : count, offset);
}

ssize_t pread64(int file, void *bytes, size_t count, off64_t offset) { return pread(file, bytes, count, offset); }

ssize_t read(int file, void *bytes, size_t count)
{
    int decision = decide_open(KIND_read, file);
    FAIL_IF(decision);
    return syscall(SYS_read, file, bytes, decision == IS_SHORT ? half(count) : count);
}

// Standard I/O reads and writes within the C library, where no call can be stood in front of. So streams are made of
// functions that come back here (fopencookie(3)), and that go on behind a short write, as the C library's own do.

static ssize_t stream_read(void *file, char *bytes, size_t count) { return read((int)(intptr_t)file, bytes, count); }

static ssize_t stream_write(void *file, const char *bytes, size_t count)
{
    size_t written = 0;
    while (written < count) {
        ssize_t more = write((int)(intptr_t)file, bytes + written, count - written);
        if (more < 0) break;
        written += (size_t)more;
    }
    // Less than all of it is an error to the stream.
    return (ssize_t)written;
}

static int stream_close(void *file) { return (int)syscall(SYS_close, (int)(intptr_t)file); }

FILE *fdopen(int file, const char *mode)
{
    cookie_io_functions_t functions = {.read = stream_read, .write = stream_write, .close = stream_close};
    return fopencookie((void *)(intptr_t)file, mode, functions);
}

// Making durable and making room

int fdatasync(int file)
{
    FAIL_IF(decide_open(KIND_fdatasync, file));
    return (int)syscall(SYS_fdatasync, file);
}

int fsync(int file)
{
    FAIL_IF(decide_open(KIND_fsync, file));
    return (int)syscall(SYS_fsync, file);
}

int ftruncate(int file, off_t size)
{
    FAIL_IF(decide_open(KIND_ftruncate, file));
    return (int)syscall(SYS_ftruncate, file, size);
}

int ftruncate64(int file, off64_t size) { return ftruncate(file, size); }

int fallocate(int file, int mode, off_t offset, off_t size)
{
    FAIL_IF(decide_open(KIND_fallocate, file));
    return (int)syscall(SYS_fallocate, file, mode, offset, size);
}

int fallocate64(int file, int mode, off64_t offset, off64_t size) { return fallocate(file, mode, offset, size); }

/// Answers the number of the error in place of setting it.
int posix_fallocate(int file, off_t offset, off_t size)
{
    int decision = decide_open(KIND_fallocate, file);
    return decision > 0 ? decision : NEXT(posix_fallocate)(file, offset, size);
}

int posix_fallocate64(int file, off64_t offset, off64_t size) { return posix_fallocate(file, offset, size); }

void *mmap(void *address, size_t size, int protection, int flags, int file, off_t offset)
{
    int decision = flags & MAP_ANONYMOUS ? PASSES : decide_open(KIND_mmap, file);
    if (decision > 0) {
        errno = decision;
        return MAP_FAILED;
    }
    return (void *)syscall(SYS_mmap, address, size, protection, flags, file, offset);
}

void *mmap64(void *address, size_t size, int protection, int flags, int file, off64_t offset)
{
    return mmap(address, size, protection, flags, file, offset);
}

// Names

static int open_at(int folder, const char *path, int flags, mode_t mode)
{
    FAIL_IF(decide(KIND_open, path));
    return (int)syscall(SYS_openat, folder, path, flags, mode);
}

/// The mode stands behind the flags only where a file may be made; read in any case, used only then.
#define OPEN(function, folder, parameters) \
    int function parameters \
    { \
        va_list rest; \
        va_start(rest, flags); \
        mode_t mode = va_arg(rest, mode_t); \
        va_end(rest); \
        return open_at(folder, path, flags, mode); \
    }

OPEN(open, AT_FDCWD, (const char *path, int flags, ...))
OPEN(open64, AT_FDCWD, (const char *path, int flags, ...))
OPEN(openat, folder, (int folder, const char *path, int flags, ...))
OPEN(openat64, folder, (int folder, const char *path, int flags, ...))

FILE *fopen(const char *path, const char *mode)
{
    int flags = strchr(mode, '+') ? O_RDWR : mode[0] == 'r' ? O_RDONLY : O_WRONLY;
    if (mode[0] != 'r') flags |= O_CREAT | (mode[0] == 'a' ? O_APPEND : O_TRUNC);
    if (strchr(mode, 'e')) flags |= O_CLOEXEC;
    int file = open_at(AT_FDCWD, path, flags, 0666);
    if (file < 0) return NULL;
    FILE *stream = fdopen(file, mode);
    if (!stream) syscall(SYS_close, file);
    return stream;
}

FILE *fopen64(const char *path, const char *mode) { return fopen(path, mode); }

int mkstemp(char *path)
{
    FAIL_IF(decide(KIND_open, path));
    return NEXT(mkstemp)(path);
}

int mkstemp64(char *path) { return mkstemp(path); }

int rename(const char *from, const char *to)
{
    FAIL_IF(decide(KIND_rename, to));
    return (int)syscall(SYS_rename, from, to);
}

int renameat(int from_folder, const char *from, int to_folder, const char *to)
{
    FAIL_IF(decide(KIND_rename, to));
    return (int)syscall(SYS_renameat2, from_folder, from, to_folder, to, 0);
}

int renameat2(int from_folder, const char *from, int to_folder, const char *to, unsigned flags)
{
    FAIL_IF(decide(KIND_rename, to));
    return (int)syscall(SYS_renameat2, from_folder, from, to_folder, to, flags);
}

int link(const char *from, const char *to)
{
    FAIL_IF(decide(KIND_link, to));
    return (int)syscall(SYS_linkat, AT_FDCWD, from, AT_FDCWD, to, 0);
}

int linkat(int from_folder, const char *from, int to_folder, const char *to, int flags)
{
    FAIL_IF(decide(KIND_link, to));
    return (int)syscall(SYS_linkat, from_folder, from, to_folder, to, flags);
}

int unlink(const char *path)
{
    FAIL_IF(decide(KIND_unlink, path));
    return (int)syscall(SYS_unlinkat, AT_FDCWD, path, 0);
}

int unlinkat(int folder, const char *path, int flags)
{
    FAIL_IF(decide(KIND_unlink, path));
    return (int)syscall(SYS_unlinkat, folder, path, flags);
}

int rmdir(const char *path)
{
    FAIL_IF(decide(KIND_unlink, path));
    return (int)syscall(SYS_unlinkat, AT_FDCWD, path, AT_REMOVEDIR);
}

int mkdir(const char *path, mode_t mode)
{
    FAIL_IF(decide(KIND_mkdir, path));
    return (int)syscall(SYS_mkdirat, AT_FDCWD, path, mode);
}

// Locks and threads

static int control(int file, int command, void *argument)
{
    switch (command) {
    case F_GETLK: case F_SETLK: case F_SETLKW: case F_OFD_GETLK: case F_OFD_SETLK: case F_OFD_SETLKW:
        FAIL_IF(decide_open(KIND_fcntl, file));
    }
    return (int)syscall(SYS_fcntl, file, command, argument);
}

int fcntl(int file, int command, ...)
{
    va_list rest;
    va_start(rest, command);
    void *argument = va_arg(rest, void *);
    va_end(rest);
    return control(file, command, argument);
}

int fcntl64(int file, int command, ...)
{
    va_list rest;
    va_start(rest, command);
    void *argument = va_arg(rest, void *);
    va_end(rest);
    return control(file, command, argument);
}

/// Answers the number of the error in place of setting it.
int pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*body)(void *), void *argument)
{
    int decision = decide(KIND_pthread_create, path_part ? path_part : "");
    return decision > 0 ? decision : NEXT(pthread_create)(thread, attributes, body, argument);
}
