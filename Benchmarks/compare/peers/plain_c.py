"""Plain C: compressed sparse rows in memory, from Benchmarks/Sources/CPlainGraph, compiled here with -O2.

What people write by hand, and the least a graph in memory costs. Nothing is durable, nothing can be added; a node's
number is its label. Lookups go a thousand to a call, so that Python costs them nothing.
"""

import ctypes
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import numpy

from graph import GraphFiles, without_followed
from packages import ROOT
from peers.peer import CannotDo, LabelPairs, Peer, Scores, Session, Suggestions, Walk

SOURCES = ROOT / "Benchmarks/Sources/CPlainGraph"


class Graph(ctypes.Structure):
    """plain_graph"""

    _fields_ = [
        ("node_count", ctypes.c_size_t),
        ("offsets", ctypes.POINTER(ctypes.c_size_t)),
        ("targets", ctypes.POINTER(ctypes.c_uint32)),
    ]

    def degrees(self) -> Any:
        """How long each node's list is, as C takes them."""
        return numpy.diff(numpy.ctypeslib.as_array(self.offsets, (self.node_count + 1,))).astype(numpy.uint32)

    def list(self, node: int) -> Any:
        """A node's list, not copied."""
        first, last = self.offsets[node], self.offsets[node + 1]
        if first == last:
            return numpy.empty(0, numpy.uint32)
        return numpy.ctypeslib.as_array(self.targets, (last,))[first:]


class Ranked(ctypes.Structure):
    """plain_ranked"""

    _fields_ = [("node", ctypes.c_uint32), ("score", ctypes.c_double)]


def compiled() -> ctypes.CDLL:
    """The functions, compiled once a process."""
    compiler = os.environ.get("CC") or shutil.which("cc")
    if compiler is None:
        raise CannotDo("there is no C compiler 'cc'")
    library = Path(os.environ["COMPARE_WORK"]) / "plain.so"
    if not library.exists():
        own = library.with_suffix(f".{os.getpid()}")
        flags = ["-O2", "-shared", "-fPIC", f"-I{SOURCES / 'include'}"]
        files = sorted(map(str, SOURCES.glob("*.c")))
        subprocess.run([compiler, *flags, *files, "-lm", "-o", str(own)], check=True)
        own.rename(library)
    functions = ctypes.CDLL(str(library))
    functions.plain_scratch_create.restype = ctypes.c_void_p
    functions.plain_sum_lists.restype = ctypes.c_uint64
    for name in ("plain_count_edges", "plain_top_paths", "plain_top_scores", "plain_pagerank"):
        getattr(functions, name).restype = ctypes.c_size_t
    return functions


class PlainSession(Session):
    """Two graphs, out and in, and scratch arrays."""

    cannot = {"inserts": "arrays in memory: nothing is durable"}

    def __init__(self, functions: ctypes.CDLL, edges: Path) -> None:
        self.functions = functions
        self.out, self.into = Graph(), Graph()
        if functions.plain_graph_read(str(edges).encode(), ctypes.byref(self.out), ctypes.byref(self.into)) != 0:
            raise OSError(f"'{edges}' cannot be read")
        self.scratch = ctypes.c_void_p(functions.plain_scratch_create(ctypes.c_size_t(self.out.node_count)))
        self.degrees = self.out.degrees()
        self.ranks = numpy.zeros(self.out.node_count)

    def edge_count(self) -> int:
        return int(self.out.offsets[self.out.node_count])

    def neighbors(self, label: int) -> tuple[list[int], list[int]]:
        return self.out.list(label).tolist(), self.into.list(label).tolist()

    def paths(self, user: int, limit: int) -> Suggestions:
        found = (Ranked * limit)()
        count = self.functions.plain_top_paths(
            ctypes.byref(self.out), self.scratch, ctypes.c_uint32(user), ctypes.c_size_t(limit), found
        )
        return [(ranked.node, ranked.score) for ranked in found[:count]]

    def lists(self, labels: LabelPairs) -> int:
        labels = numpy.ascontiguousarray(labels, numpy.uint32)
        given = labels.ctypes.data_as(ctypes.c_void_p), ctypes.c_size_t(labels.size)
        return int(self.functions.plain_sum_lists(ctypes.byref(self.out), *given))

    def edges(self, pairs: LabelPairs) -> int:
        columns = [numpy.ascontiguousarray(pairs[:, column], numpy.uint32) for column in (0, 1)]
        given = [column.ctypes.data_as(ctypes.c_void_p) for column in columns]
        return int(self.functions.plain_count_edges(ctypes.byref(self.out), *given, ctypes.c_size_t(len(pairs))))

    def pagerank(self, walk: Walk, limit: int) -> Suggestions:
        if walk.tolerance is None:
            raise CannotDo("exact only")
        seed, one = ctypes.byref(ctypes.c_uint32(walk.user)), ctypes.c_size_t(1)
        scores = self.ranks.ctypes.data_as(ctypes.c_void_p)
        self.functions.plain_pagerank(
            ctypes.byref(self.into),
            self.degrees.ctypes.data_as(ctypes.c_void_p),
            self.scratch,
            seed,
            one,
            ctypes.c_double(walk.restart),
            ctypes.c_double(walk.tolerance),
            scores,
        )
        found = (Ranked * limit)()
        count = self.functions.plain_top_scores(
            ctypes.byref(self.out), self.scratch, scores, seed, one, ctypes.c_size_t(limit), found
        )
        return [(ranked.node, ranked.score) for ranked in found[:count]]

    def scores(self, walk: Walk) -> Scores:
        scores: Scores = without_followed(self.ranks.copy(), walk.user, self.out.list(walk.user))
        return scores


class PlainC(Peer):
    """Arrays."""

    def __init__(self) -> None:
        self.functions = compiled()

    def version(self) -> str:
        compiler = os.environ.get("CC") or "cc"
        said = subprocess.run([compiler, "--version"], stdout=subprocess.PIPE, text=True, check=True).stdout
        return said.splitlines()[0]

    def load(self, graph: GraphFiles, store: Path) -> None:
        self.open(graph, store)

    def open(self, graph: GraphFiles, store: Path) -> Session:
        return PlainSession(self.functions, graph.edges)


def make() -> Peer:
    """Compiles what is not compiled yet."""
    return PlainC()
