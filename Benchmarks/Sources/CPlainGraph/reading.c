/// A graph from a file of pairs, by counting: sorted by target, then by source, stable.

#include <stdio.h>
#include <stdlib.h>

#include "plain_graph.h"

/// All bytes of a file and a 0, or NULL.
static char *contents(const char *path) {
    FILE *file = fopen(path, "rb");
    if (file == NULL) return NULL;
    char *text = NULL;
    if (fseek(file, 0, SEEK_END) == 0) {
        const long size = ftell(file);
        rewind(file);
        text = size < 0 ? NULL : malloc((size_t)size + 1);
        if (text != NULL && fread(text, 1, (size_t)size, file) != (size_t)size) {
            free(text);
            text = NULL;
        }
        if (text != NULL) text[size] = 0;
    }
    fclose(file);
    return text;
}

/// The numbers of a text, whatever stands between them; NULL when there is no memory.
static uint32_t *numbers(const char *text, size_t *count) {
    size_t capacity = 1 << 16;
    uint32_t *found = malloc(capacity * sizeof *found);
    *count = 0;
    while (found != NULL && *text != 0) {
        if (*text < '0' || *text > '9') {
            text++;
            continue;
        }
        uint32_t number = 0;
        for (; *text >= '0' && *text <= '9'; text++) number = 10 * number + (uint32_t)(*text - '0');
        if (*count == capacity) {
            capacity *= 2;
            uint32_t *larger = realloc(found, capacity * sizeof *found);
            if (larger == NULL) free(found);
            found = larger;
        }
        if (found != NULL) found[(*count)++] = number;
    }
    return found;
}

/// Puts `values[i]` into the list of `keys[i]`, in order of i; one more place in `offsets` than there are nodes.
static int gather(
    const uint32_t *keys, const uint32_t *values, size_t count, size_t stride, size_t node_count, size_t *offsets,
    uint32_t *lists) {
    size_t *next = calloc(node_count + 1, sizeof *next);
    if (next == NULL) return -1;
    for (size_t index = 0; index < count; index++) next[keys[stride * index] + 1]++;
    for (size_t node = 0; node < node_count; node++) next[node + 1] += next[node];
    for (size_t node = 0; node <= node_count; node++) offsets[node] = next[node];
    for (size_t index = 0; index < count; index++) lists[next[keys[stride * index]]++] = values[stride * index];
    free(next);
    return 0;
}

/// The owner of each place in the lists.
static void owners(const plain_graph *graph, uint32_t *nodes) {
    for (size_t node = 0; node < graph->node_count; node++)
        for (size_t place = graph->offsets[node]; place < graph->offsets[node + 1]; place++)
            nodes[place] = (uint32_t)node;
}

/// Takes out of ascending lists what is there twice.
static void keep_distinct(size_t node_count, size_t *offsets, uint32_t *targets) {
    size_t kept = 0;
    size_t first = offsets[0];
    for (size_t node = 0; node < node_count; node++) {
        const size_t start = kept;
        for (size_t place = first; place < offsets[node + 1]; place++)
            if (kept == start || targets[kept - 1] != targets[place]) targets[kept++] = targets[place];
        first = offsets[node + 1];
        offsets[node + 1] = kept;
    }
}

int plain_graph_read(const char *path, plain_graph *out, plain_graph *in) {
    char *text = contents(path);
    if (text == NULL) return -1;
    size_t count;
    uint32_t *pairs = numbers(text, &count);
    free(text);
    if (pairs == NULL) return -1;
    size_t node_count = 0;
    for (size_t index = 0; index < count; index++)
        if (pairs[index] >= node_count) node_count = (size_t)pairs[index] + 1;
    count /= 2;
    size_t *in_offsets = malloc((node_count + 1) * sizeof *in_offsets);
    size_t *out_offsets = malloc((node_count + 1) * sizeof *out_offsets);
    uint32_t *sources = malloc((count + 1) * sizeof *sources);
    uint32_t *targets = malloc((count + 1) * sizeof *targets);
    uint32_t *nodes = calloc(count + 1, sizeof *nodes);
    int failure = in_offsets == NULL || out_offsets == NULL || sources == NULL || targets == NULL || nodes == NULL;
    if (!failure) failure = gather(pairs + 1, pairs, count, 2, node_count, in_offsets, sources);
    if (!failure) {
        *in = (plain_graph){.node_count = node_count, .offsets = in_offsets, .targets = sources};
        owners(in, nodes);
        failure = gather(sources, nodes, count, 1, node_count, out_offsets, targets);
    }
    if (!failure) {
        keep_distinct(node_count, out_offsets, targets);
        *out = (plain_graph){.node_count = node_count, .offsets = out_offsets, .targets = targets};
        owners(out, nodes);
        failure = gather(targets, nodes, out_offsets[node_count], 1, node_count, in_offsets, sources);
    }
    free(pairs);
    free(nodes);
    if (failure) {
        free(in_offsets);
        free(out_offsets);
        free(sources);
        free(targets);
    }
    return failure;
}

void plain_graph_free(plain_graph *graph) {
    free((void *)graph->offsets);
    free((void *)graph->targets);
}
