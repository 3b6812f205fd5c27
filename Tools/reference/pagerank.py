"""Personalised PageRank by plain power iteration.

    p <- restart * s + (1 - restart) * (P' p + s * (mass on nodes without out-edges))

From such a node the walk always returns to the seed distribution s, so p stays a distribution. Each step shrinks the L1
error by 1 - restart.
"""

import math

import numpy as np

from reference.graphs import Graph, nonzero


def personalized_pagerank(graph: Graph, seeds: np.ndarray, restart: float, tolerance: float) -> np.ndarray:
    """One distribution a column, from the seed distributions in the columns of `seeds`; L1 error below `tolerance`."""
    degrees = graph.degrees
    transposed = graph.matrix.T.tocsr()
    share = (1 / nonzero(degrees))[:, None]
    dangling = degrees == 0
    # Two distributions are at most 2 apart.
    steps = math.ceil(math.log(tolerance / 2) / math.log(1 - restart))
    scores = seeds.copy()
    for _ in range(steps):
        walked = transposed @ (scores * share)
        walked += seeds * scores[dangling].sum(axis=0)
        scores = restart * seeds + (1 - restart) * walked
    return scores


def single_seeds(graph: Graph, nodes: np.ndarray) -> np.ndarray:
    """Seed distributions that are all on one node each."""
    seeds = np.zeros((len(graph.keys), len(nodes)))
    seeds[nodes, np.arange(len(nodes))] = 1
    return seeds
