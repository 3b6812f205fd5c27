#include "clear.h"

#include <string.h>

#include "machine.h"

#define IN_LINE(TYPE) ((intptr_t)(CLEAR_LINE / sizeof(TYPE)))

#define PLAIN(NAME, TYPE)                                                                              \
    intptr_t NAME##_plain(TYPE *scores, intptr_t start, intptr_t end, TYPE least) {                    \
        for (start -= start % IN_LINE(TYPE); start < end; start += IN_LINE(TYPE)) {                    \
            for (intptr_t place = start; place < start + IN_LINE(TYPE); place++) {                     \
                if (scores[place] >= least) return place;                                              \
            }                                                                                          \
            memset(scores + start, 0, CLEAR_LINE);                                                     \
        }                                                                                              \
        return end;                                                                                    \
    }

PLAIN(clear_until_u8, uint8_t)
PLAIN(clear_until_u16, uint16_t)
PLAIN(clear_until_u32, uint32_t)
PLAIN(clear_until_double, double)

#if defined(__x86_64__)

#include <immintrin.h>

// Unsigned numbers have no comparison: the greater of both is the number itself where that is no less.
#define REACHES_U8(v) _mm256_cmpeq_epi8(_mm256_max_epu8(v, bound), v)
#define REACHES_U16(v) _mm256_cmpeq_epi16(_mm256_max_epu16(v, bound), v)
#define REACHES_U32(v) _mm256_cmpeq_epi32(_mm256_max_epu32(v, bound), v)
#define REACHES_DOUBLE(v) _mm256_castpd_si256(_mm256_cmp_pd(_mm256_castsi256_pd(v), bound, _CMP_GE_OQ))

#define CLEAR(NAME, TYPE, BOUND, REACHES)                                                                \
    __attribute__((target("avx2"))) static intptr_t NAME##_avx2(                                         \
        TYPE *scores, intptr_t start, intptr_t end, TYPE least) {                                        \
        const __typeof__(BOUND) bound = BOUND;                                                           \
        for (start -= start % IN_LINE(TYPE); start < end; start += IN_LINE(TYPE)) {                      \
            __m256i *const line = (__m256i *)(scores + start);                                           \
            const __m256i one = _mm256_loadu_si256(line), other = _mm256_loadu_si256(line + 1);          \
            const __m256i reach = REACHES(one), reach_too = REACHES(other);                              \
            const __m256i any = _mm256_or_si256(reach, reach_too);                                       \
            if (!_mm256_testz_si256(any, any)) {                                                         \
                const uint64_t low = (uint32_t)_mm256_movemask_epi8(reach);                              \
                const uint64_t bits = low | (uint64_t)(uint32_t)_mm256_movemask_epi8(reach_too) << 32;   \
                return start + __builtin_ctzll(bits) / (intptr_t)sizeof(TYPE);                           \
            }                                                                                            \
            _mm256_storeu_si256(line, _mm256_setzero_si256());                                           \
            _mm256_storeu_si256(line + 1, _mm256_setzero_si256());                                       \
        }                                                                                                \
        return end;                                                                                      \
    }                                                                                                    \
                                                                                                         \
    intptr_t NAME(TYPE *scores, intptr_t start, intptr_t end, TYPE least) {                              \
        return (machine_has_avx2 ? NAME##_avx2 : NAME##_plain)(scores, start, end, least);               \
    }

CLEAR(clear_until_u8, uint8_t, _mm256_set1_epi8((char)least), REACHES_U8)
CLEAR(clear_until_u16, uint16_t, _mm256_set1_epi16((short)least), REACHES_U16)
CLEAR(clear_until_u32, uint32_t, _mm256_set1_epi32((int)least), REACHES_U32)
CLEAR(clear_until_double, double, _mm256_set1_pd(least), REACHES_DOUBLE)

#else

#define CLEAR(NAME, TYPE)                                                   \
    intptr_t NAME(TYPE *scores, intptr_t start, intptr_t end, TYPE least) { \
        return NAME##_plain(scores, start, end, least);                     \
    }

CLEAR(clear_until_u8, uint8_t)
CLEAR(clear_until_u16, uint16_t)
CLEAR(clear_until_u32, uint32_t)
CLEAR(clear_until_double, double)

#endif
