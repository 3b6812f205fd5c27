#include "machine.h"

bool machine_has_avx2 = false;

#if defined(__x86_64__)

__attribute__((constructor)) static void look(void) {
    __builtin_cpu_init();
    machine_has_avx2 = __builtin_cpu_supports("avx2");
}

#endif
