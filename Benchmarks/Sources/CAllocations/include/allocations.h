/// Counts what the calling thread takes from the heap. Linking this puts functions of the C library's names in front of
/// its own: malloc, calloc, realloc, aligned_alloc, memalign, posix_memalign. They count and pass on. glibc only.
#ifndef ALLOCATIONS_H
#define ALLOCATIONS_H

#include <stddef.h>
#include <stdint.h>

typedef struct {
    /// Calls that took memory; a realloc is one.
    uint64_t count;
    /// What they asked for.
    uint64_t bytes;
} allocations;

/// Begins to count on this thread; with `is_tracing`, and keeps who called.
void allocations_begin(int is_tracing);
/// Ends and answers.
allocations allocations_end(void);

/// How many return addresses are kept of a call.
enum { allocations_depth = 12 };
/// How many calls were kept since the first begin with tracing; those beyond a limit are not.
size_t allocations_traced(void);
/// The return addresses of a call, the innermost first, zeros behind the last.
const uintptr_t *allocations_trace(size_t call);

/// Where in which file an address of code is. The path stays; the offset is as a symbolizer wants it.
const char *allocations_locate(uintptr_t address, uintptr_t *offset);

#endif
