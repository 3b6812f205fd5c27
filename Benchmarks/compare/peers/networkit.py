"""NetworKit: C++ vectors of neighbours, asked from Python. In memory; a node's number is its label."""

from collections import Counter
from heapq import nsmallest
from itertools import chain
from pathlib import Path
from typing import Any

import networkit

from graph import GraphFiles
from peers.peer import THREADS, LabelPairs, Peer, Session, Suggestions


class NetworKitSession(Session):
    """The graph in memory."""

    cannot = {
        "inserts": "in memory: nothing is durable",
        "pagerank": "its PageRank cannot restart at a chosen node",
        "serving": "its PageRank cannot restart at a chosen node",
    }

    def __init__(self, graph: Any) -> None:
        self.graph = graph

    def edge_count(self) -> int:
        return int(self.graph.numberOfEdges())

    def neighbors(self, label: int) -> tuple[list[int], list[int]]:
        return list(self.graph.iterNeighbors(label)), list(self.graph.iterInNeighbors(label))

    def paths(self, user: int, limit: int) -> Suggestions:
        # Its common neighbours are for undirected graphs and single pairs.
        followed = list(self.graph.iterNeighbors(user))
        counts = Counter(chain.from_iterable(map(self.graph.iterNeighbors, followed)))
        for label in [user, *followed]:
            counts.pop(label, None)
        return nsmallest(limit, counts.items(), key=lambda found: (-found[1], found[0]))

    def lists(self, labels: LabelPairs) -> int:
        return sum(sum(self.graph.iterNeighbors(label)) for label in labels.tolist())

    def edges(self, pairs: LabelPairs) -> int:
        return sum(self.graph.hasEdge(source, target) for source, target in pairs.tolist())


class NetworKit(Peer):
    """A library of parallel graph algorithms."""

    def version(self) -> str:
        return str(networkit.__version__)

    def load(self, graph: GraphFiles, store: Path) -> None:
        self.open(graph, store)

    def open(self, graph: GraphFiles, store: Path) -> Session:
        networkit.setNumberOfThreads(THREADS)
        read = networkit.graphio.EdgeListReader("\t", 0, directed=True).read(str(graph.edges))
        read.removeMultiEdges()
        return NetworKitSession(read)


def make() -> Peer:
    """NetworKit, in this process."""
    return NetworKit()
