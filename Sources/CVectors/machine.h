/// What this machine can do, looked at when the program starts.
#ifndef KITH_MACHINE_H
#define KITH_MACHINE_H

#include <stdbool.h>

extern bool machine_has_avx2;

#endif
