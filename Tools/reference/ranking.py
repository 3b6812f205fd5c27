"""How good ranked lists are: NDCG and recall at the length of the lists."""

from collections.abc import Collection, Sequence

import numpy as np


def ndcg(ranked: Sequence[int], relevant: Collection[int], limit: int) -> float:
    """Binary gains, discounts 1 / log2(rank + 1), divided by what the best list of `limit` could have."""
    if not relevant:
        return 0.0
    gains = [1 / np.log2(place + 2) for place, found in enumerate(ranked[:limit]) if found in relevant]
    ideal = sum(1 / np.log2(place + 2) for place in range(min(limit, len(relevant))))
    return float(sum(gains) / ideal)


def recall(ranked: Sequence[int], relevant: Collection[int], limit: int) -> float:
    """The part of the relevant that is in the first `limit`."""
    return sum(found in relevant for found in ranked[:limit]) / len(relevant) if relevant else 0.0
