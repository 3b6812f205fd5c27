#include "scratch.h"

#include <stdlib.h>

plain_scratch *plain_scratch_create(size_t node_count) {
    plain_scratch *scratch = calloc(1, sizeof *scratch);
    if (scratch == NULL) return NULL;
    scratch->counts = calloc(node_count, sizeof *scratch->counts);
    scratch->sums = calloc(node_count, sizeof *scratch->sums);
    scratch->is_left_out = calloc(node_count, sizeof *scratch->is_left_out);
    scratch->touched = calloc(node_count, sizeof *scratch->touched);
    scratch->shares = calloc(node_count, sizeof *scratch->shares);
    scratch->next = calloc(node_count, sizeof *scratch->next);
    if (node_count > 0
        && (!scratch->counts || !scratch->sums || !scratch->is_left_out || !scratch->touched || !scratch->shares
            || !scratch->next)) {
        plain_scratch_free(scratch);
        return NULL;
    }
    return scratch;
}

void plain_scratch_free(plain_scratch *scratch) {
    if (scratch == NULL) return;
    free(scratch->counts);
    free(scratch->sums);
    free(scratch->is_left_out);
    free(scratch->touched);
    free(scratch->shares);
    free(scratch->next);
    free(scratch);
}
