// What the C library has and Swift's Glibc module leaves out.
#include <pthread.h>
#include <sys/xattr.h>
#include <time.h>

// <pthread.h> declares it for _GNU_SOURCE alone, which is not set for a module.
int pthread_setname_np(pthread_t thread, const char *name);

// <time.h> declares it for _XOPEN_SOURCE alone, likewise.
char *strptime(const char *restrict text, const char *restrict pattern, struct tm *restrict parts);
