/// Two steps out, a counter for every node there is, a list of those that were touched.

#include <math.h>

#include "scratch.h"

size_t plain_top_paths(
    const plain_graph *graph, plain_scratch *scratch, uint32_t user, size_t limit, plain_ranked *best) {
    const size_t *offsets = graph->offsets;
    const uint32_t *targets = graph->targets;
    uint32_t *counts = scratch->counts;
    uint32_t *touched = scratch->touched;
    size_t touched_count = 0;
    for (size_t first = offsets[user]; first < offsets[user + 1]; first++) {
        const uint32_t node = targets[first];
        for (size_t second = offsets[node]; second < offsets[node + 1]; second++) {
            const uint32_t candidate = targets[second];
            if (counts[candidate]++ == 0) touched[touched_count++] = candidate;
        }
    }
    for (size_t first = offsets[user]; first < offsets[user + 1]; first++) counts[targets[first]] = 0;
    counts[user] = 0;
    size_t count = 0;
    for (size_t index = 0; index < touched_count; index++) {
        const uint32_t candidate = touched[index];
        if (counts[candidate] > 0) count = plain_keep(best, count, limit, candidate, counts[candidate]);
        counts[candidate] = 0;
    }
    return count;
}

size_t plain_top_weighted_paths(
    const plain_graph *graph, plain_scratch *scratch, const double *weights, uint32_t user, size_t limit,
    plain_ranked *best) {
    const size_t *offsets = graph->offsets;
    const uint32_t *targets = graph->targets;
    double *sums = scratch->sums;
    uint32_t *touched = scratch->touched;
    size_t touched_count = 0;
    for (size_t first = offsets[user]; first < offsets[user + 1]; first++) {
        const uint32_t node = targets[first];
        const double weight = weights[node];
        // Without this, a node of weight 0 would put its neighbours on the list again and again.
        if (weight <= 0) continue;
        for (size_t second = offsets[node]; second < offsets[node + 1]; second++) {
            const uint32_t candidate = targets[second];
            if (sums[candidate] == 0) touched[touched_count++] = candidate;
            sums[candidate] += weight;
        }
    }
    for (size_t first = offsets[user]; first < offsets[user + 1]; first++) sums[targets[first]] = 0;
    sums[user] = 0;
    size_t count = 0;
    for (size_t index = 0; index < touched_count; index++) {
        const uint32_t candidate = touched[index];
        if (sums[candidate] > 0) count = plain_keep(best, count, limit, candidate, sums[candidate]);
        sums[candidate] = 0;
    }
    return count;
}

void plain_adamic_adar_weights(const plain_graph *graph, double *weights) {
    for (size_t node = 0; node < graph->node_count; node++) {
        const size_t degree = graph->offsets[node + 1] - graph->offsets[node];
        weights[node] = degree < 2 ? 0 : 1 / log((double)degree);
    }
}
