#include "scores.h"

#include <stdbool.h>
#include <string.h>

#include "machine.h"

#define IN_LINE(TYPE) ((intptr_t)(SCORES_LINE / sizeof(TYPE)))

#define PLAIN(NAME, TYPE)                                                                                   \
    intptr_t NAME##_plain(TYPE *scores, intptr_t start, intptr_t end, TYPE least, uint64_t *found) {        \
        for (; start < end; start += IN_LINE(TYPE)) {                                                       \
            uint64_t reached = 0;                                                                           \
            for (int lane = 0; lane < IN_LINE(TYPE); lane++) {                                              \
                reached |= (uint64_t)(scores[start + lane] >= least) << lane;                               \
            }                                                                                               \
            if (reached != 0) {                                                                             \
                *found = reached;                                                                           \
                return start;                                                                               \
            }                                                                                               \
            memset(scores + start, 0, SCORES_LINE);                                                          \
        }                                                                                                   \
        return end;                                                                                         \
    }

PLAIN(clear_until_u8, uint8_t)
PLAIN(clear_until_u16, uint16_t)
PLAIN(clear_until_u32, uint32_t)
PLAIN(clear_until_double, double)

intptr_t clear_until_set_u8_plain(
    uint8_t *scores, intptr_t start, intptr_t end, const uint8_t wanted[SCORES_SETS], int members, uint64_t *found) {
    (void)members;
    for (; start < end; start += IN_LINE(uint8_t)) {
        uint64_t reached = 0;
        for (int lane = 0; lane < IN_LINE(uint8_t); lane++) {
            reached |= (uint64_t)(wanted[scores[start + lane]] != 0) << lane;
        }
        if (reached != 0) {
            *found = reached;
            return start;
        }
        memset(scores + start, 0, SCORES_LINE);
    }
    return end;
}

#define PLAIN_COUNT(NAME, TYPE)                                                       \
    intptr_t NAME##_plain(const TYPE *scores, intptr_t end, TYPE least) {             \
        intptr_t count = 0;                                                           \
        for (intptr_t place = 0; place < end; place++) count += scores[place] >= least; \
        return count;                                                                 \
    }

PLAIN_COUNT(count_reaching_u8, uint8_t)
PLAIN_COUNT(count_reaching_u16, uint16_t)
PLAIN_COUNT(count_reaching_u32, uint32_t)

intptr_t clear_until_quotient_plain(
    double *scores, const double *norms, intptr_t start, intptr_t end, double least, uint64_t *found) {
    for (; start < end; start += IN_LINE(double)) {
        uint64_t reached = 0;
        for (int lane = 0; lane < IN_LINE(double); lane++) {
            const double score = scores[start + lane];
            reached |= (uint64_t)(score > 0 && score >= least * norms[start + lane]) << lane;
        }
        if (reached != 0) {
            *found = reached;
            return start;
        }
        memset(scores + start, 0, SCORES_LINE);
    }
    return end;
}

// The best of every SCORES_LANES-th quotient: as many numbers of different nodes, the greatest of all among them.
static inline void best_of_lanes_plain(const double *scores, const double *norms, intptr_t end, double best[SCORES_LANES]) {
    for (intptr_t place = 0; place < end; place++) {
        const double quotient = scores[place] / norms[place];
        double *const lane = &best[place % SCORES_LANES];
        // Not so for nothing divided by nothing.
        if (quotient > *lane) *lane = quotient;
    }
}

// The count-th greatest of them, by taking out the greatest, with all who equal it, until there are as many. Numbers that are
// not negative have the order of their bits, which compilers know how to compare many at once.
static inline __attribute__((always_inline)) double reached_in_lanes(const double best[SCORES_LANES], int64_t count) {
    int64_t bits[SCORES_LANES];
    memcpy(bits, best, sizeof bits);
    int64_t greatest = 0;
    while (count > 0) {
        greatest = 0;
        for (int lane = 0; lane < SCORES_LANES; lane++) greatest = bits[lane] > greatest ? bits[lane] : greatest;
        if (greatest == 0) break;
        int64_t equal = 0;
        for (int lane = 0; lane < SCORES_LANES; lane++) {
            const bool is_greatest = bits[lane] == greatest;
            equal += is_greatest;
            bits[lane] = is_greatest ? 0 : bits[lane];
        }
        count -= equal;
    }
    double reached;
    memcpy(&reached, &greatest, sizeof reached);
    return reached;
}

double quotient_reached_plain(const double *scores, const double *norms, intptr_t end, int count) {
    double best[SCORES_LANES] = {0};
    best_of_lanes_plain(scores, norms, end, best);
    return reached_in_lanes(best, count);
}

#if defined(__x86_64__)

#include <immintrin.h>

// Whether each number of a vector is at least the bound. Unsigned numbers have no comparison: the greater of both is the
// number itself where that is no less.
#define REACHES_U8(v) _mm256_cmpeq_epi8(_mm256_max_epu8(v, bound), v)
#define REACHES_U16(v) _mm256_cmpeq_epi16(_mm256_max_epu16(v, bound), v)
#define REACHES_U32(v) _mm256_cmpeq_epi32(_mm256_max_epu32(v, bound), v)
#define REACHES_DOUBLE(v) _mm256_castpd_si256(_mm256_cmp_pd(_mm256_castsi256_pd(v), bound, _CMP_GE_OQ))

// A bit for each number of a line, of the answers for its two halves. Packing takes turns with the halves' halves.
#define BITS_U8(a, b) ((uint32_t)_mm256_movemask_epi8(a) | (uint64_t)(uint32_t)_mm256_movemask_epi8(b) << 32)
#define BITS_U16(a, b) (uint32_t)_mm256_movemask_epi8(_mm256_permute4x64_epi64(_mm256_packs_epi16(a, b), 0xD8))
#define BITS_U32(a, b) \
    (uint32_t)(_mm256_movemask_ps(_mm256_castsi256_ps(a)) | _mm256_movemask_ps(_mm256_castsi256_ps(b)) << 8)
#define BITS_DOUBLE(a, b) \
    (uint32_t)(_mm256_movemask_pd(_mm256_castsi256_pd(a)) | _mm256_movemask_pd(_mm256_castsi256_pd(b)) << 4)

// Makes lines zero up to one with a score that a comparison is set for.
#define CLEAR_LINES(TYPE, REACHES, BITS)                                                                              \
    for (; start < end; start += IN_LINE(TYPE)) {                                                                     \
        __m256i *const line = (__m256i *)(scores + start);                                                            \
        const __m256i one = _mm256_loadu_si256(line), other = _mm256_loadu_si256(line + 1);                           \
        const __m256i reached = REACHES(one), also = REACHES(other);                                                  \
        const __m256i any = _mm256_or_si256(reached, also);                                                           \
        if (!_mm256_testz_si256(any, any)) {                                                                          \
            *found = BITS(reached, also);                                                                             \
            return start;                                                                                             \
        }                                                                                                             \
        _mm256_storeu_si256(line, _mm256_setzero_si256());                                                            \
        _mm256_storeu_si256(line + 1, _mm256_setzero_si256());                                                        \
    }                                                                                                                 \
    return end;

#define CLEAR(NAME, TYPE, BOUND, REACHES, BITS)                                                                       \
    __attribute__((target("avx2"))) static intptr_t NAME##_avx2(                                                      \
        TYPE *scores, intptr_t start, intptr_t end, TYPE least, uint64_t *found) {                                    \
        const __typeof__(BOUND) bound = BOUND;                                                                        \
        CLEAR_LINES(TYPE, REACHES, BITS)                                                                              \
    }                                                                                                                 \
                                                                                                                      \
    intptr_t NAME(TYPE *scores, intptr_t start, intptr_t end, TYPE least, uint64_t *found) {                          \
        return (machine_has_avx2 ? NAME##_avx2 : NAME##_plain)(scores, start, end, least, found);                     \
    }

CLEAR(clear_until_u8, uint8_t, _mm256_set1_epi8((char)least), REACHES_U8, BITS_U8)
CLEAR(clear_until_u16, uint16_t, _mm256_set1_epi16((short)least), REACHES_U16, BITS_U16)
CLEAR(clear_until_u32, uint32_t, _mm256_set1_epi32((int)least), REACHES_U32, BITS_U32)
CLEAR(clear_until_double, double, _mm256_set1_pd(least), REACHES_DOUBLE, BITS_DOUBLE)

// Looks each of 32 sets up in four tables of 16: a shuffle goes by the low four bits, two selections by the others, which
// are moved to where a selection looks. Sets of up to four members are all in the first table.
#define WANTED_16(v) _mm256_shuffle_epi8(t0, v)
#define WANTED_64(v)                                                                                         \
    _mm256_blendv_epi8(                                                                                      \
        _mm256_blendv_epi8(_mm256_shuffle_epi8(t0, v), _mm256_shuffle_epi8(t1, v), _mm256_slli_epi16(v, 3)), \
        _mm256_blendv_epi8(_mm256_shuffle_epi8(t2, v), _mm256_shuffle_epi8(t3, v), _mm256_slli_epi16(v, 3)), \
        _mm256_slli_epi16(v, 2))

__attribute__((target("avx2"))) static intptr_t clear_until_set_u8_avx2(
    uint8_t *scores, intptr_t start, intptr_t end, const uint8_t wanted[SCORES_SETS], int members, uint64_t *found) {
    const __m128i *const tables = (const __m128i *)wanted;
    const __m256i t0 = _mm256_broadcastsi128_si256(_mm_loadu_si128(tables));
    if (members <= 4) {
        CLEAR_LINES(uint8_t, WANTED_16, BITS_U8)
    }
    const __m256i t1 = _mm256_broadcastsi128_si256(_mm_loadu_si128(tables + 1));
    const __m256i t2 = _mm256_broadcastsi128_si256(_mm_loadu_si128(tables + 2));
    const __m256i t3 = _mm256_broadcastsi128_si256(_mm_loadu_si128(tables + 3));
    CLEAR_LINES(uint8_t, WANTED_64, BITS_U8)
}

intptr_t clear_until_set_u8(
    uint8_t *scores, intptr_t start, intptr_t end, const uint8_t wanted[SCORES_SETS], int members, uint64_t *found) {
    return (machine_has_avx2 ? clear_until_set_u8_avx2 : clear_until_set_u8_plain)(scores, start, end, wanted, members, found);
}

#define COUNT(NAME, TYPE, BOUND, REACHES, BITS)                                                                      \
    __attribute__((target("avx2,popcnt"))) static intptr_t NAME##_avx2(                                              \
        const TYPE *scores, intptr_t end, TYPE least) {                                                              \
        const __typeof__(BOUND) bound = BOUND;                                                                       \
        intptr_t count = 0;                                                                                          \
        for (intptr_t start = 0; start < end; start += IN_LINE(TYPE)) {                                              \
            const __m256i *const line = (const __m256i *)(scores + start);                                           \
            const __m256i one = _mm256_loadu_si256(line), other = _mm256_loadu_si256(line + 1);                      \
            count += __builtin_popcountll(BITS(REACHES(one), REACHES(other)));                                       \
        }                                                                                                            \
        return count;                                                                                                \
    }                                                                                                                \
                                                                                                                     \
    intptr_t NAME(const TYPE *scores, intptr_t end, TYPE least) {                                                    \
        return (machine_has_avx2 ? NAME##_avx2 : NAME##_plain)(scores, end, least);                                  \
    }

COUNT(count_reaching_u8, uint8_t, _mm256_set1_epi8((char)least), REACHES_U8, BITS_U8)
COUNT(count_reaching_u16, uint16_t, _mm256_set1_epi16((short)least), REACHES_U16, BITS_U16)
COUNT(count_reaching_u32, uint32_t, _mm256_set1_epi32((int)least), REACHES_U32, BITS_U32)

// A product that is no number, nothing times infinity, is reached by nobody.
__attribute__((target("avx2"))) static intptr_t clear_until_quotient_avx2(
    double *scores, const double *norms, intptr_t start, intptr_t end, double least, uint64_t *found) {
    const __m256d bound = _mm256_set1_pd(least), zero = _mm256_setzero_pd();
    for (; start < end; start += IN_LINE(double)) {
        const __m256d one = _mm256_loadu_pd(scores + start), other = _mm256_loadu_pd(scores + start + 4);
        const __m256d one_least = _mm256_mul_pd(bound, _mm256_loadu_pd(norms + start));
        const __m256d other_least = _mm256_mul_pd(bound, _mm256_loadu_pd(norms + start + 4));
        const __m256d reached =
            _mm256_and_pd(_mm256_cmp_pd(one, one_least, _CMP_GE_OQ), _mm256_cmp_pd(one, zero, _CMP_GT_OQ));
        const __m256d also =
            _mm256_and_pd(_mm256_cmp_pd(other, other_least, _CMP_GE_OQ), _mm256_cmp_pd(other, zero, _CMP_GT_OQ));
        const int bits = _mm256_movemask_pd(reached) | _mm256_movemask_pd(also) << 4;
        if (bits != 0) {
            *found = (uint64_t)bits;
            return start;
        }
        _mm256_storeu_pd(scores + start, zero);
        _mm256_storeu_pd(scores + start + 4, zero);
    }
    return end;
}

intptr_t clear_until_quotient(
    double *scores, const double *norms, intptr_t start, intptr_t end, double least, uint64_t *found) {
    return (machine_has_avx2 ? clear_until_quotient_avx2 : clear_until_quotient_plain)(
        scores, norms, start, end, least, found);
}

// Of a comparison with what is no number the second operand comes out.
__attribute__((target("avx2"))) static double quotient_reached_avx2(
    const double *scores, const double *norms, intptr_t end, int count) {
    double best[SCORES_LANES] = {0};
    for (intptr_t start = 0; start < end; start += 4) {
        const __m256d quotients = _mm256_div_pd(_mm256_loadu_pd(scores + start), _mm256_loadu_pd(norms + start));
        double *const lanes = best + start % SCORES_LANES;
        _mm256_storeu_pd(lanes, _mm256_max_pd(quotients, _mm256_loadu_pd(lanes)));
    }
    return reached_in_lanes(best, count);
}

double quotient_reached(const double *scores, const double *norms, intptr_t end, int count) {
    return (machine_has_avx2 ? quotient_reached_avx2 : quotient_reached_plain)(scores, norms, end, count);
}

#else

#define CLEAR(NAME, TYPE)                                                                        \
    intptr_t NAME(TYPE *scores, intptr_t start, intptr_t end, TYPE least, uint64_t *found) {     \
        return NAME##_plain(scores, start, end, least, found);                                   \
    }

CLEAR(clear_until_u8, uint8_t)
CLEAR(clear_until_u16, uint16_t)
CLEAR(clear_until_u32, uint32_t)
CLEAR(clear_until_double, double)

intptr_t clear_until_set_u8(
    uint8_t *scores, intptr_t start, intptr_t end, const uint8_t wanted[SCORES_SETS], int members, uint64_t *found) {
    return clear_until_set_u8_plain(scores, start, end, wanted, members, found);
}

#define COUNT(NAME, TYPE)                                                                        \
    intptr_t NAME(const TYPE *scores, intptr_t end, TYPE least) { return NAME##_plain(scores, end, least); }

COUNT(count_reaching_u8, uint8_t)
COUNT(count_reaching_u16, uint16_t)
COUNT(count_reaching_u32, uint32_t)

intptr_t clear_until_quotient(
    double *scores, const double *norms, intptr_t start, intptr_t end, double least, uint64_t *found) {
    return clear_until_quotient_plain(scores, norms, start, end, least, found);
}

double quotient_reached(const double *scores, const double *norms, intptr_t end, int count) {
    return quotient_reached_plain(scores, norms, end, count);
}

#endif
