"""scikit-network: SciPy's sparse matrices, the rows parsed by NumPy. In memory; a row's number is its label."""

import math
from pathlib import Path

import numpy
import scipy
import sknetwork
from scipy import sparse
from sknetwork.data import from_edge_list
from sknetwork.ranking import PageRank

from graph import GraphFiles, without_followed
from peers.peer import CannotDo, LabelPairs, Peer, Scores, Session, Suggestions, Walk
from peers.peer import best as best_scores
from rows import Ids, parse


class ScikitNetworkSession(Session):
    """The adjacency matrix and its transpose."""

    cannot = {"inserts": "in memory: nothing is durable"}

    def __init__(self, adjacency: sparse.csr_matrix) -> None:
        adjacency.sort_indices()
        self.out = adjacency
        self.into = adjacency.T.tocsr()
        self.ranks: Scores = numpy.empty(0)

    def row(self, label: int) -> Ids:
        """A node's list, not copied."""
        found: Ids = self.out.indices[self.out.indptr[label] : self.out.indptr[label + 1]]
        return found

    def edge_count(self) -> int:
        return int(self.out.nnz)

    def neighbors(self, label: int) -> tuple[list[int], list[int]]:
        inward = self.into.indices[self.into.indptr[label] : self.into.indptr[label + 1]]
        return self.row(label).tolist(), inward.tolist()

    def paths(self, user: int, limit: int) -> Suggestions:
        # It has no function for this; a product of sparse matrices is what its users write.
        reached = self.out[user] @ self.out
        known = numpy.isin(reached.indices, self.row(user)) | (reached.indices == user)
        candidates, paths = reached.indices[~known], reached.data[~known]
        order = numpy.lexsort((candidates, -paths))[:limit]
        return list(zip(candidates[order].tolist(), paths[order].tolist(), strict=True))

    def lists(self, labels: LabelPairs) -> int:
        return sum(int(self.row(label).sum(dtype=numpy.int64)) for label in labels.tolist())

    def edges(self, pairs: LabelPairs) -> int:
        found = 0
        for source, target in pairs.tolist():
            row = self.row(source)
            place = row.searchsorted(target)
            found += bool(place < row.size and row[place] == target)
        return found

    def pagerank(self, walk: Walk, limit: int) -> Suggestions:
        if walk.tolerance is None:
            raise CannotDo("exact only")
        # Its power iteration spreads what arrives at nodes without out-edges over all nodes, where the walk should
        # restart; the sum of so many steps, scaled to 1, is the walk.
        steps = math.ceil(math.log(walk.tolerance / 2) / math.log(1 - walk.restart))
        solver = PageRank(1 - walk.restart, solver="RH", n_iter=steps)
        ranks = solver.fit_predict(self.out, {walk.user: 1})
        self.ranks = without_followed(ranks, walk.user, self.row(walk.user))
        return best_scores(self.ranks, limit)

    def scores(self, walk: Walk) -> Scores:
        return self.ranks


class ScikitNetwork(Peer):
    """Graph algorithms on sparse matrices."""

    def version(self) -> str:
        return f"{sknetwork.__version__}, scipy {scipy.__version__}, numpy {numpy.__version__}"

    def load(self, graph: GraphFiles, store: Path) -> None:
        self.open(graph, store)

    def open(self, graph: GraphFiles, store: Path) -> Session:
        pairs = parse(graph.edges).reshape(-1, 2)
        adjacency = from_edge_list(pairs.astype(numpy.int64), directed=True, weighted=False, matrix_only=True)
        return ScikitNetworkSession(adjacency.astype(numpy.int32))


def make() -> Peer:
    """scikit-network, in this process."""
    return ScikitNetwork()
