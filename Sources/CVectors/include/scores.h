/// Goes over arrays of scores, by vector instructions on machines that have them; in C for the
/// reason that unpack.h gives.
#ifndef KITH_SCORES_H
#define KITH_SCORES_H

#include <stdint.h>

/// How many bytes are looked at together: a cache line of most machines.
#define SCORES_LINE 64

/// Makes scores zero, a line at a time, from place `start` on up to the first line in which a score is at least `least`, which
/// is above zero. Returns the first place of that line, or `end`; sets bit i of `found` where its i-th score is one of those.
///
/// The line found stays as it is. `start` and `end` are whole numbers of lines. Lines are written whether there was something
/// in them or not: a branch for that, which cannot be foreseen, takes four times as long.
intptr_t clear_until_u8(uint8_t *scores, intptr_t start, intptr_t end, uint8_t least, uint64_t *found);
intptr_t clear_until_u16(uint16_t *scores, intptr_t start, intptr_t end, uint16_t least, uint64_t *found);
intptr_t clear_until_u32(uint32_t *scores, intptr_t start, intptr_t end, uint32_t least, uint64_t *found);
intptr_t clear_until_double(double *scores, intptr_t start, intptr_t end, double least, uint64_t *found);

/// How many sets of up to six there are.
#define SCORES_SETS 64

/// The same where scores are sets of so many members at most, a bit for each, up to the first line with one that is wanted: 255
/// in `wanted`, which is 0 for all others and for the empty set.
intptr_t clear_until_set_u8(
    uint8_t *scores, intptr_t start, intptr_t end, const uint8_t wanted[SCORES_SETS], int members, uint64_t *found);

/// How many scores before `end`, which is a whole number of lines, are at least `least`, which is above zero.
intptr_t count_reaching_u8(const uint8_t *scores, intptr_t end, uint8_t least);
intptr_t count_reaching_u16(const uint16_t *scores, intptr_t end, uint16_t least);
intptr_t count_reaching_u32(const uint32_t *scores, intptr_t end, uint32_t least);

/// The same where what counts is each score, if it is above zero, divided by its norm, and needs to be at least `least`: a line
/// is found where a score is at least `least` times the norm. There are norms up to `end`; infinite ones are reached by nobody.
intptr_t clear_until_quotient(
    double *scores, const double *norms, intptr_t start, intptr_t end, double least, uint64_t *found);

/// Of so many parts of all places ``quotient_reached`` knows the best.
#define SCORES_LANES 64

/// A number that at least `count` of the scores before `end`, a whole number of lines, divided by their norms, reach: most often
/// few more do. 0 where it finds none; `count` is from 1 to SCORES_LANES.
double quotient_reached(const double *scores, const double *norms, intptr_t end, int count);

/// The same without vector instructions, for machines that have none and to compare with.
intptr_t clear_until_u8_plain(uint8_t *scores, intptr_t start, intptr_t end, uint8_t least, uint64_t *found);
intptr_t clear_until_u16_plain(uint16_t *scores, intptr_t start, intptr_t end, uint16_t least, uint64_t *found);
intptr_t clear_until_u32_plain(uint32_t *scores, intptr_t start, intptr_t end, uint32_t least, uint64_t *found);
intptr_t clear_until_double_plain(double *scores, intptr_t start, intptr_t end, double least, uint64_t *found);
intptr_t clear_until_set_u8_plain(
    uint8_t *scores, intptr_t start, intptr_t end, const uint8_t wanted[SCORES_SETS], int members, uint64_t *found);
intptr_t count_reaching_u8_plain(const uint8_t *scores, intptr_t end, uint8_t least);
intptr_t count_reaching_u16_plain(const uint16_t *scores, intptr_t end, uint16_t least);
intptr_t count_reaching_u32_plain(const uint32_t *scores, intptr_t end, uint32_t least);
intptr_t clear_until_quotient_plain(
    double *scores, const double *norms, intptr_t start, intptr_t end, double least, uint64_t *found);
double quotient_reached_plain(const double *scores, const double *norms, intptr_t end, int count);

#endif
