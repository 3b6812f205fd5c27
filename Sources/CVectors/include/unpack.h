/// Unpacks groups of bit-packed numbers with vector instructions, on machines that have them.
///
/// Why C: a Swift package is compiled for the least machine of its architecture, and only C can compile one function for a
/// better one and ask at run time whether this is it.
#ifndef KITH_UNPACK_H
#define KITH_UNPACK_H

#include <stdint.h>

/// The most bits a number may have for unpack_group.
#define UNPACK_WIDTH_MAX 25

/// How many bytes unpack_group reads from the group's start on.
static inline intptr_t unpack_reach(intptr_t width) { return 3 * width + width / 2 + 16; }

/// Unpacks 32 numbers n of `width` bits, 1 to UNPACK_WIDTH_MAX, that start at `bytes`:
/// output[i] = previous + (n[0] + 1) + ... + (n[i] + 1), modulo 2^32. Returns the whole sum without `previous`; 0, and no
/// output, on a machine that lacks the instructions.
uint32_t unpack_group(const uint8_t *bytes, intptr_t width, uint32_t previous, uint32_t *output);

#endif
