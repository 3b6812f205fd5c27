/// What people write by hand, in C: a graph as arrays of compressed sparse rows in memory, nodes numbered as they come,
/// and the plain loops over it. The other side of Kith's ratios: obvious code, compiled with optimisation, no tricks.
///
///     offsets   [0, 2, 2, 5]         node 0 has targets[0 ..< 2], node 1 has none, node 2 has targets[2 ..< 5]
///     targets   [1, 2, 0, 1, 2]
///
/// Every function answers with better scores first, equal ones by smaller node.
#ifndef PLAIN_GRAPH_H
#define PLAIN_GRAPH_H

#include <stddef.h>
#include <stdint.h>

/// Neighbour lists; the arrays belong to the caller.
typedef struct {
    size_t node_count;
    /// node_count + 1 places in targets.
    const size_t *offsets;
    const uint32_t *targets;
} plain_graph;

/// Reads pairs of numbers, source and target, from a text file, each edge once, lists ascending; a node's number is its
/// label, so there are as many nodes as the greatest label plus one. `in` has the edges the other way round. Returns 0,
/// or -1 when the file cannot be read or there is no memory; free both graphs.
int plain_graph_read(const char *path, plain_graph *out, plain_graph *in);
void plain_graph_free(plain_graph *graph);

/// The sum of all targets in the lists of `nodes`.
uint64_t plain_sum_lists(const plain_graph *graph, const uint32_t *nodes, size_t count);

/// How many of the edges from `sources[i]` to `targets[i]` there are, by bisection; lists need to be ascending.
size_t plain_count_edges(const plain_graph *graph, const uint32_t *sources, const uint32_t *targets, size_t count);

/// A suggested node.
typedef struct {
    uint32_t node;
    double score;
} plain_ranked;

/// Arrays as long as the graph has nodes, made once and reused by every request of one thread.
typedef struct plain_scratch plain_scratch;

/// NULL when there is no memory.
plain_scratch *plain_scratch_create(size_t node_count);
void plain_scratch_free(plain_scratch *scratch);

/// The `limit` nodes two steps from `user` with most paths, the user and those already joined left out. Returns how
/// many there are in `best`.
size_t plain_top_paths(
    const plain_graph *graph, plain_scratch *scratch, uint32_t user, size_t limit, plain_ranked *best);

/// The same with the sum of `weights[x]` over the nodes x between; for Adamic-Adar see below.
size_t plain_top_weighted_paths(
    const plain_graph *graph, plain_scratch *scratch, const double *weights, uint32_t user, size_t limit,
    plain_ranked *best);

/// 1 / ln of each node's number of neighbours in a symmetric graph; 0 below two, where no path leads through.
void plain_adamic_adar_weights(const plain_graph *graph, double *weights);

/// Personalised PageRank by power iteration: p <- restart s + (1 - restart) (P' p + s (p's mass on nodes without
/// out-edges)), s even over the seeds, until p is closer than `tolerance` to the solution in L1.
///
/// Mass is pulled: `in` has each node's sources (for a symmetric graph, its neighbours), `out_degrees` each node's
/// number of targets. Writes node_count `scores`; returns the number of steps.
size_t plain_pagerank(
    const plain_graph *in, const uint32_t *out_degrees, plain_scratch *scratch, const uint32_t *seeds,
    size_t seed_count, double restart, double tolerance, double *scores);

/// The same for so many steps, which leave an error of at most 2 (1 - restart)^steps whatever the graph.
void plain_pagerank_steps(
    const plain_graph *in, const uint32_t *out_degrees, plain_scratch *scratch, const uint32_t *seeds,
    size_t seed_count, double restart, size_t steps, double *scores);

/// The `limit` nodes with the greatest scores above 0, the seeds and their out-neighbours in `out` left out.
size_t plain_top_scores(
    const plain_graph *out, plain_scratch *scratch, const double *scores, const uint32_t *seeds, size_t seed_count,
    size_t limit, plain_ranked *best);

#endif
