#include "plain_graph.h"

uint64_t plain_sum_lists(const plain_graph *graph, const uint32_t *nodes, size_t count) {
    uint64_t sum = 0;
    for (size_t index = 0; index < count; index++)
        for (size_t place = graph->offsets[nodes[index]]; place < graph->offsets[nodes[index] + 1]; place++)
            sum += graph->targets[place];
    return sum;
}

size_t plain_count_edges(const plain_graph *graph, const uint32_t *sources, const uint32_t *targets, size_t count) {
    size_t found = 0;
    for (size_t index = 0; index < count; index++) {
        size_t low = graph->offsets[sources[index]];
        size_t high = graph->offsets[sources[index] + 1];
        const size_t end = high;
        while (low < high) {
            const size_t middle = low + (high - low) / 2;
            if (graph->targets[middle] < targets[index])
                low = middle + 1;
            else
                high = middle;
        }
        if (low < end && graph->targets[low] == targets[index]) found++;
    }
    return found;
}
