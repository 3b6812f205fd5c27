"""The same rankings without kith: every score of every candidate, dense, in NumPy. Equal scores by smaller key."""

from collections.abc import Iterable

import numpy as np

from methods import FORMULAS, Method
from reference.graphs import Graph, graph, nonzero
from reference.pagerank import personalized_pagerank, single_seeds
from splits import Split

# People scored at a time: a dense block of them by 50,000 candidates is 40 MB.
BATCH = 100
# Orders no pair of the first twenty differently than the limit would.
PAGERANK_TOLERANCE = 1e-7


def rankings(split: Split, method: Method, limit: int) -> dict[int, list[int]]:
    """Each asked user's best candidates."""
    friends = graph(split.known, is_symmetric=True)
    asked = list(split.hidden)
    found: dict[int, list[int]] = {}
    for first in range(0, len(asked), BATCH):
        users = asked[first : first + BATCH]
        nodes = np.array([friends.index(user) for user in users])
        scores = score(friends, nodes, method)
        scores[np.arange(len(nodes)), nodes] = -np.inf
        known = friends.matrix[nodes].tocoo()
        scores[known.row, known.col] = -np.inf
        for user, row in zip(users, scores, strict=True):
            found[user] = friends.keys[best(row, limit)].tolist()
    return found


def best(scores: np.ndarray, limit: int) -> Iterable[int]:
    """The places of the greatest scores, greatest first; a stable sort keeps equal ones in the order of their keys."""
    limit = min(limit, len(scores))
    least = np.partition(scores, -limit)[-limit]
    candidates = np.flatnonzero(scores >= least)
    return candidates[np.argsort(-scores[candidates], kind="stable")][:limit]


def score(friends: Graph, nodes: np.ndarray, method: Method) -> np.ndarray:
    """A row of scores for each node."""
    if method.restart is not None:
        seeds = single_seeds(friends, nodes)
        return np.ascontiguousarray(
            personalized_pagerank(friends, seeds, method.restart, PAGERANK_TOLERANCE).T, dtype=np.float64
        )
    if method.formula not in FORMULAS:
        raise ValueError(f"NumPy has no {method.title}")
    degrees = friends.degrees.astype(float)
    through = {"adamic-adar": 1 / np.log(np.maximum(degrees, 2)), "resource-allocation": 1 / nonzero(degrees)}
    steps = friends.matrix[nodes]
    if method.formula in through:
        steps = steps.multiply(through[method.formula][None, :]).tocsr()
    paths = (steps @ friends.matrix).toarray()
    if method.formula == "jaccard":
        return np.asarray(paths / (degrees[nodes][:, None] + degrees[None, :] - paths))
    if method.formula == "cosine":
        return np.asarray(paths / np.sqrt(degrees[nodes][:, None] * degrees[None, :]))
    return np.asarray(paths)
