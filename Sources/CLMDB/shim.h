#include <lmdb.h>
// statfs(2), which tells a network file system; Swift's Glibc leaves it out.
#include <sys/vfs.h>

/// Asks for the bytes at `address`, before they are needed. Any address will do: nothing is read.
static inline void lmdb_prefetch(const void *address) { __builtin_prefetch(address); }
