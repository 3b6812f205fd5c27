"""What a peer must be able to do: load the file, and answer from what it made of it.

A `Peer` loads; a `Session` is its store held open, and answers. What a session cannot do it says with `CannotDo`, and
the reason stands in the table.
"""

import os
import time
from abc import ABC, abstractmethod
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

import numpy
from numpy.typing import NDArray

from graph import GraphFiles

# What Kith, DuckDB and Ladybug may load with. SQLite sorts with one more.
THREADS = 2

# What DuckDB and Ladybug answer with; the others answer on one thread.
ANSWER_THREADS = int(os.environ.get("COMPARE_ANSWER_THREADS", THREADS))

# A user's suggestions, best first: (label, score).
Suggestions = list[tuple[int, float]]

# A score for each label.
Scores = NDArray[numpy.float64]

# Many (source, target) rows.
LabelPairs = NDArray[numpy.uint32]


class CannotDo(Exception):
    """A peer has no such thing; the message says why, in a few words."""


@dataclass(frozen=True)
class Description:
    """A peer as the table names it, and the PyPI packages it needs: one of each group."""

    title: str
    how: str
    packages: tuple[tuple[str, ...], ...]
    # Whether it leaves a store on disk; if not, it reads the file again whenever it is opened.
    is_durable: bool = True


@dataclass(frozen=True)
class Walk:
    """A personalised PageRank: `tolerance` is the greatest L1 error, None a serving mode's own judgement."""

    user: int
    restart: float
    tolerance: float | None


class Session:
    """A peer's graph, open. Whatever is not overridden cannot be done, for the reason in `cannot`."""

    cannot: dict[str, str] = {}

    # How long opening took, where the peer has a clock of its own.
    open_seconds: float | None = None

    def refuse(self, work: str) -> NoReturn:
        raise CannotDo(self.cannot.get(work, "not measured"))

    def timed(self, work: str, *given: Any) -> tuple[float, Any]:
        """The seconds until an answer was in Python's hands, and the answer."""
        start = time.perf_counter()
        answer = getattr(self, work)(*given)
        return time.perf_counter() - start, answer

    def timed_each(self, work: str, questions: list[Any], seconds: float) -> list[tuple[float, Any]]:
        """`timed` of as many of the questions, one after the other, as the seconds allow; of the first always."""
        found = []
        end = time.perf_counter() + seconds
        for question in questions:
            found.append(self.timed(work, *question))
            if time.perf_counter() > end:
                break
        return found

    def edge_count(self) -> int:
        """How many distinct edges there are."""
        self.refuse("check")

    def neighbors(self, label: int) -> tuple[list[int], list[int]]:
        """A label's out- and in-neighbours, in any order."""
        self.refuse("check")

    def paths(self, user: int, limit: int) -> Suggestions:
        """The user's `limit` best friends of friends over follows, without the user and those already followed, by the
        number of paths."""
        self.refuse("paths")

    def lists(self, labels: LabelPairs) -> int:
        """The sum of all that is in the out-lists of these labels, in the peer's own numbers."""
        self.refuse("lists")

    def label_sum(self, labels: LabelPairs) -> int:
        """The same sum in labels, for the check; for peers whose numbers are labels it is the same."""
        return self.lists(labels)

    def edges(self, pairs: LabelPairs) -> int:
        """How many of these rows (source, target) are edges."""
        self.refuse("edges")

    def pagerank(self, walk: Walk, limit: int) -> Suggestions:
        """The `limit` best by personalised PageRank, without the user and those already followed."""
        self.refuse("pagerank")

    def scores(self, walk: Walk) -> Scores:
        """The whole of the last such answer by label, for the check; 0 for those who are never suggested."""
        self.refuse("pagerank")

    def begin_inserts(self) -> None:
        """Makes the store ready to be changed durably; only inserts follow."""

    def insert(self, pairs: LabelPairs) -> int:
        """Adds edges that are not there between labels that are; durable when it returns; how many were new."""
        self.refuse("inserts")

    def close(self) -> None:
        """Lets go of the store."""


class Peer(ABC):
    """One store or library under comparison. `store` is a folder that belongs to the peer alone."""

    @abstractmethod
    def version(self) -> str:
        """The library's version."""

    @abstractmethod
    def load(self, graph: GraphFiles, store: Path) -> None:
        """Loads the distinct edges so that both directions can be asked for; returns with the store closed."""

    @abstractmethod
    def open(self, graph: GraphFiles, store: Path) -> Session:
        """Opens what `load` made."""


def best(scores: Scores, limit: int) -> Suggestions:
    """The labels of the greatest scores, greatest first, equal ones by smaller label; none with a score of 0."""
    limit = min(limit, scores.size)
    candidates = numpy.flatnonzero(scores >= max(numpy.partition(scores, -limit)[-limit], numpy.finfo(float).tiny))
    order = numpy.argsort(-scores[candidates], kind="stable")[:limit]
    return [(int(label), float(scores[label])) for label in candidates[order]]
