/// Power iteration, and the best of what it finds.

#include <math.h>

#include "scratch.h"

/// The sum of what a node's sources share with it. Four sums side by side: one alone would wait for each addition.
static double pulled(const plain_graph *in, const double *shares, size_t node) {
    const uint32_t *source = in->targets + in->offsets[node];
    const uint32_t *end = in->targets + in->offsets[node + 1];
    double a = 0, b = 0, c = 0, d = 0;
    for (; end - source >= 4; source += 4) {
        a += shares[source[0]];
        b += shares[source[1]];
        c += shares[source[2]];
        d += shares[source[3]];
    }
    for (; source < end; source++) a += shares[*source];
    return (a + b) + (c + d);
}

/// All mass on the seeds.
static void begin(size_t node_count, const uint32_t *seeds, size_t seed_count, double *scores) {
    for (size_t node = 0; node < node_count; node++) scores[node] = 0;
    for (size_t index = 0; index < seed_count; index++) scores[seeds[index]] += 1 / (double)seed_count;
}

/// One step; returns by how much it changed the scores, in L1.
static double advance(
    const plain_graph *in, const uint32_t *out_degrees, plain_scratch *scratch, const uint32_t *seeds,
    size_t seed_count, double restart, double *scores) {
    const size_t node_count = in->node_count;
    double *shares = scratch->shares;
    double *next = scratch->next;
    double dangling = 0;
    for (size_t node = 0; node < node_count; node++) {
        if (out_degrees[node] == 0) {
            dangling += scores[node];
            shares[node] = 0;
        } else {
            shares[node] = scores[node] / out_degrees[node];
        }
    }
    for (size_t node = 0; node < node_count; node++) next[node] = (1 - restart) * pulled(in, shares, node);
    const double returned = (restart + (1 - restart) * dangling) / (double)seed_count;
    for (size_t index = 0; index < seed_count; index++) next[seeds[index]] += returned;
    double change = 0;
    for (size_t node = 0; node < node_count; node++) {
        change += fabs(next[node] - scores[node]);
        scores[node] = next[node];
    }
    return change;
}

size_t plain_pagerank(
    const plain_graph *in, const uint32_t *out_degrees, plain_scratch *scratch, const uint32_t *seeds,
    size_t seed_count, double restart, double tolerance, double *scores) {
    begin(in->node_count, seeds, seed_count, scores);
    for (size_t steps = 1;; steps++) {
        const double change = advance(in, out_degrees, scratch, seeds, seed_count, restart, scores);
        // Every further step moves at most 1 - restart of what this one did; the sum of them all is what is left.
        if (change * (1 - restart) / restart <= tolerance) return steps;
    }
}

void plain_pagerank_steps(
    const plain_graph *in, const uint32_t *out_degrees, plain_scratch *scratch, const uint32_t *seeds,
    size_t seed_count, double restart, size_t steps, double *scores) {
    begin(in->node_count, seeds, seed_count, scores);
    for (size_t step = 0; step < steps; step++)
        advance(in, out_degrees, scratch, seeds, seed_count, restart, scores);
}

static void mark(
    const plain_graph *out, uint8_t *is_left_out, const uint32_t *seeds, size_t seed_count, uint8_t value) {
    for (size_t index = 0; index < seed_count; index++) {
        is_left_out[seeds[index]] = value;
        for (size_t place = out->offsets[seeds[index]]; place < out->offsets[seeds[index] + 1]; place++)
            is_left_out[out->targets[place]] = value;
    }
}

size_t plain_top_scores(
    const plain_graph *out, plain_scratch *scratch, const double *scores, const uint32_t *seeds, size_t seed_count,
    size_t limit, plain_ranked *best) {
    uint8_t *is_left_out = scratch->is_left_out;
    mark(out, is_left_out, seeds, seed_count, 1);
    size_t count = 0;
    for (size_t node = 0; node < out->node_count; node++)
        if (scores[node] > 0 && !is_left_out[node])
            count = plain_keep(best, count, limit, (uint32_t)node, scores[node]);
    mark(out, is_left_out, seeds, seed_count, 0);
    return count;
}
