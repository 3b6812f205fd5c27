/// What the functions share: scratch arrays, and keeping the best few.
#ifndef PLAIN_SCRATCH_H
#define PLAIN_SCRATCH_H

#include "plain_graph.h"

struct plain_scratch {
    /// Zero between requests.
    uint32_t *counts;
    double *sums;
    uint8_t *is_left_out;
    /// Anything between requests.
    uint32_t *touched;
    double *shares;
    double *next;
};

/// Puts a node among the `count` best so far, best first, if it belongs there; returns the new count, at most `limit`.
/// One comparison for most nodes once the list is full.
static inline size_t plain_keep(plain_ranked *best, size_t count, size_t limit, uint32_t node, double score) {
    if (count == limit) {
        if (limit == 0) return 0;
        const plain_ranked *last = &best[limit - 1];
        if (score < last->score || (score == last->score && node > last->node)) return count;
        count--;
    }
    size_t place = count;
    while (place > 0
           && (best[place - 1].score < score || (best[place - 1].score == score && best[place - 1].node > node))) {
        best[place] = best[place - 1];
        place--;
    }
    best[place] = (plain_ranked){.node = node, .score = score};
    return count + 1;
}

#endif
