"""Recommenders from who viewed what: R is people by items, all ones.

    linear filter    R S'S, S = Du^-1/2 R Di^-1/2
    user-based       for each person the K most similar by cosine, their rows summed with that weight
    item-based       R C, C the cosine between items, all neighbours; C's diagonal is 0
    most popular     the number of viewers

Every function scores some rows and returns them dense. `top` leaves out what the person has already.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from reference.graphs import nonzero, scaled

# So many people are scored at a time: a dense block of them by Gowalla's 40,981 items is 80 MB.
BATCH = 256

Scorer = Callable[[np.ndarray], np.ndarray]


def linear_filter(views: sparse.csr_array) -> Scorer:
    """The normalised linear filter; the item-item matrix is made once."""
    by_user, by_item = roots(views)
    share = scaled(1 / by_user, views, 1 / by_item)
    items = sparse.csr_array(share.T @ share)
    return lambda people: (views[people] @ items).toarray()


def item_based(views: sparse.csr_array) -> Scorer:
    """Item-item cosine with all neighbours."""
    _, by_item = roots(views)
    unit = scaled(np.ones(views.shape[0]), views, 1 / by_item)
    items = sparse.csr_array(unit.T @ unit)
    items.setdiag(0)
    return lambda people: (views[people] @ items).toarray()


def user_based(views: sparse.csr_array, neighbors: int) -> Scorer:
    """The most similar people by cosine, all that are as similar as the last of them too, and what they viewed."""
    by_user, _ = roots(views)
    unit = scaled(1 / by_user, views, np.ones(views.shape[1]))
    transposed = sparse.csr_array(unit.T)

    def score(people: np.ndarray) -> np.ndarray:
        similar = (unit[people] @ transposed).toarray()
        similar[np.arange(len(people)), people] = 0
        least = np.partition(similar, -neighbors, axis=1)[:, -neighbors]
        similar[similar < least[:, None]] = 0
        return (sparse.csr_array(similar) @ views).toarray()

    return score


def most_popular(views: sparse.csr_array) -> Scorer:
    """The same for everyone."""
    counts = views.sum(axis=0)
    return lambda people: np.tile(counts, (len(people), 1))


def roots(views: sparse.csr_array) -> tuple[np.ndarray, np.ndarray]:
    """The square roots of how many items each person has and how many people each item; 1 for none."""
    return np.sqrt(nonzero(views.sum(axis=1))), np.sqrt(nonzero(views.sum(axis=0)))


@dataclass(frozen=True)
class Ranked:
    """The best items of each person, best first, by item number; and the scores."""

    items: np.ndarray
    scores: np.ndarray


def top(views: sparse.csr_array, score: Scorer, people: np.ndarray, limit: int) -> Ranked:
    """The best items that the people do not have; equal scores by smaller item number."""
    items = np.empty((len(people), limit), dtype=np.int64)
    scores = np.empty((len(people), limit))
    for first in range(0, len(people), BATCH):
        batch = people[first : first + BATCH]
        block = score(batch)
        owned = views[batch].tocoo()
        block[owned.row, owned.col] = -np.inf
        best = np.argpartition(block, -limit, axis=1)[:, -limit:]
        found = np.take_along_axis(block, best, axis=1)
        order = np.lexsort((best, -found), axis=1)
        items[first : first + BATCH] = np.take_along_axis(best, order, axis=1)
        scores[first : first + BATCH] = np.take_along_axis(found, order, axis=1)
    return Ranked(items, scores)
