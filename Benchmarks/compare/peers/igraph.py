"""igraph: C arrays of edges with two indices, asked from Python. In memory; a vertex's number is its label."""

from collections import Counter
from heapq import nsmallest
from itertools import chain
from pathlib import Path

import igraph
import numpy

from graph import GraphFiles, without_followed
from peers.peer import CannotDo, LabelPairs, Peer, Scores, Session, Suggestions, Walk, best


class IGraphSession(Session):
    """The graph in memory."""

    cannot = {"inserts": "in memory: nothing is durable"}

    def __init__(self, graph: igraph.Graph) -> None:
        self.graph = graph
        self.ranks: Scores = numpy.empty(0)

    def edge_count(self) -> int:
        return int(self.graph.ecount())

    def neighbors(self, label: int) -> tuple[list[int], list[int]]:
        return self.graph.neighbors(label, mode="out"), self.graph.neighbors(label, mode="in")

    def paths(self, user: int, limit: int) -> Suggestions:
        # It has no function for this; counting in Python's Counter, which is C, is what its users write.
        followed = self.graph.neighbors(user, mode="out")
        counts = Counter(chain.from_iterable(self.graph.neighbors(label, mode="out") for label in followed))
        for label in [user, *followed]:
            counts.pop(label, None)
        return nsmallest(limit, counts.items(), key=lambda found: (-found[1], found[0]))

    def lists(self, labels: LabelPairs) -> int:
        return sum(sum(self.graph.neighbors(label, mode="out")) for label in labels.tolist())

    def edges(self, pairs: LabelPairs) -> int:
        return sum(self.graph.get_eid(source, target, error=False) >= 0 for source, target in pairs.tolist())

    def pagerank(self, walk: Walk, limit: int) -> Suggestions:
        if walk.tolerance is None:
            raise CannotDo("exact only")
        # PRPACK has a tolerance of its own, smaller than any asked for here.
        ranks = self.graph.personalized_pagerank(damping=1 - walk.restart, reset_vertices=[walk.user])
        followed = self.graph.neighbors(walk.user, mode="out")
        self.ranks = without_followed(numpy.array(ranks), walk.user, numpy.array(followed, numpy.uint32))
        return best(self.ranks, limit)

    def scores(self, walk: Walk) -> Scores:
        return self.ranks


class IGraph(Peer):
    """A library of graph algorithms."""

    def version(self) -> str:
        return str(igraph.__version__)

    def load(self, graph: GraphFiles, store: Path) -> None:
        self.open(graph, store)

    def open(self, graph: GraphFiles, store: Path) -> Session:
        read = igraph.Graph.Read_Edgelist(str(graph.edges), directed=True)
        read.simplify()
        return IGraphSession(read)


def make() -> Peer:
    """igraph, in this process."""
    return IGraph()
