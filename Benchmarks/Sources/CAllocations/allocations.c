#define _GNU_SOURCE
#include "allocations.h"

#include <dlfcn.h>
#include <errno.h>
#include <execinfo.h>
#include <string.h>

/// The C library's own, under the names it keeps for this.
extern void *__libc_malloc(size_t);
extern void *__libc_calloc(size_t, size_t);
extern void *__libc_realloc(void *, size_t);
extern void *__libc_memalign(size_t, size_t);

enum { traces_max = 20000, skipped = 2 };

static __thread int is_counting;
static __thread int is_tracing;
static __thread allocations counted;
static uintptr_t traces[traces_max][allocations_depth];
static size_t trace_count;

static __attribute__((noinline)) void count(size_t bytes) {
    if (!is_counting) return;
    counted.count++;
    counted.bytes += bytes;
    if (!is_tracing || trace_count == traces_max) return;
    // backtrace may take memory itself.
    is_counting = 0;
    void *frames[allocations_depth + skipped] = {0};
    const int found = backtrace(frames, allocations_depth + skipped);
    for (int index = skipped; index < found; index++) traces[trace_count][index - skipped] = (uintptr_t)frames[index];
    trace_count++;
    is_counting = 1;
}

void *malloc(size_t size) {
    count(size);
    return __libc_malloc(size);
}

void *calloc(size_t number, size_t size) {
    count(number * size);
    return __libc_calloc(number, size);
}

void *realloc(void *memory, size_t size) {
    count(size);
    return __libc_realloc(memory, size);
}

void *memalign(size_t alignment, size_t size) {
    count(size);
    return __libc_memalign(alignment, size);
}

void *aligned_alloc(size_t alignment, size_t size) {
    count(size);
    return __libc_memalign(alignment, size);
}

int posix_memalign(void **memory, size_t alignment, size_t size) {
    count(size);
    *memory = __libc_memalign(alignment, size);
    return *memory == NULL ? ENOMEM : 0;
}

void allocations_begin(int tracing) {
    if (tracing) {
        // The first call loads a library.
        void *frame;
        backtrace(&frame, 1);
    }
    memset(&counted, 0, sizeof counted);
    is_tracing = tracing;
    is_counting = 1;
}

allocations allocations_end(void) {
    is_counting = 0;
    return counted;
}

size_t allocations_traced(void) { return trace_count; }

const uintptr_t *allocations_trace(size_t call) { return traces[call]; }

const char *allocations_locate(uintptr_t address, uintptr_t *offset) {
    Dl_info info;
    if (dladdr((void *)address, &info) == 0) return NULL;
    // A return address is behind its call.
    *offset = address - 1 - (uintptr_t)info.dli_fbase;
    return info.dli_fname;
}
