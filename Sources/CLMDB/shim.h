#include <lmdb.h>
// statfs(2), which tells a network file system; Swift's Glibc leaves it out.
#include <sys/vfs.h>
