#include "unpack.h"

#if defined(__x86_64__)

#include <immintrin.h>

#include "machine.h"

// Number i of eight begins at bit i * width. The lower four are taken from the 16 bytes at the chunk, the upper four from
// the 16 bytes at width / 2 behind, where number 4 begins at bit 0 or 4. A number and the bits before it in its first
// byte are at most 7 + 25 = 32 bits: its four bytes are shuffled into a lane, shifted and masked.
#define BIT(w, i) ((i) < 4 ? (i) * (w) : ((i) - 4) * (w) + 4 * ((w) & 1))
#define BYTES(w, i) BIT(w, i) / 8, BIT(w, i) / 8 + 1, BIT(w, i) / 8 + 2, BIT(w, i) / 8 + 3
#define ROW(w)                                                                                                     \
    {                                                                                                              \
        {BYTES(w, 0), BYTES(w, 1), BYTES(w, 2), BYTES(w, 3), BYTES(w, 4), BYTES(w, 5), BYTES(w, 6), BYTES(w, 7)}, \
            {BIT(w, 0) % 8, BIT(w, 1) % 8, BIT(w, 2) % 8, BIT(w, 3) % 8,                                           \
             BIT(w, 4) % 8, BIT(w, 5) % 8, BIT(w, 6) % 8, BIT(w, 7) % 8},                                          \
    }

static const struct {
    uint8_t places[32];
    uint32_t shifts[8];
} rows[UNPACK_WIDTH_MAX + 1] __attribute__((aligned(64))) = {
    ROW(0),  ROW(1),  ROW(2),  ROW(3),  ROW(4),  ROW(5),  ROW(6),  ROW(7),  ROW(8),
    ROW(9),  ROW(10), ROW(11), ROW(12), ROW(13), ROW(14), ROW(15), ROW(16), ROW(17),
    ROW(18), ROW(19), ROW(20), ROW(21), ROW(22), ROW(23), ROW(24), ROW(25),
};

__attribute__((target("avx2"))) uint32_t unpack_group(
    const uint8_t *bytes, intptr_t width, uint32_t previous, uint32_t *output) {
    if (!machine_has_avx2) return 0;
    const __m256i places = _mm256_load_si256((const __m256i *)rows[width].places);
    const __m256i shifts = _mm256_load_si256((const __m256i *)rows[width].shifts);
    const __m256i mask = _mm256_set1_epi32((int)((1u << width) - 1));
    const __m256i one = _mm256_set1_epi32(1);
    const __m256i last = _mm256_set1_epi32(7);
    __m256i before = _mm256_set1_epi32((int)previous);
    for (int chunk = 0; chunk < 4; chunk++) {
        const __m128i low = _mm_loadu_si128((const __m128i *)bytes);
        const __m128i high = _mm_loadu_si128((const __m128i *)(bytes + width / 2));
        __m256i sums = _mm256_shuffle_epi8(_mm256_set_m128i(high, low), places);
        sums = _mm256_add_epi32(_mm256_and_si256(_mm256_srlv_epi32(sums, shifts), mask), one);
        // Prefix sums of four lanes and four, then those of the lower half onto the upper.
        sums = _mm256_add_epi32(sums, _mm256_slli_si256(sums, 4));
        sums = _mm256_add_epi32(sums, _mm256_slli_si256(sums, 8));
        const __m256i totals = _mm256_shuffle_epi32(sums, 0xFF);
        sums = _mm256_add_epi32(sums, _mm256_permute2x128_si256(totals, totals, 0x08));
        sums = _mm256_add_epi32(sums, before);
        _mm256_storeu_si256((__m256i *)output, sums);
        before = _mm256_permutevar8x32_epi32(sums, last);
        bytes += width;
        output += 8;
    }
    return output[-1] - previous;
}

#else

uint32_t unpack_group(const uint8_t *bytes, intptr_t width, uint32_t previous, uint32_t *output) {
    (void)bytes, (void)width, (void)previous, (void)output;
    return 0;
}

#endif
