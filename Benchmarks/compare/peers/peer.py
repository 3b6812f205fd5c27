"""What a peer must be able to do: load the file durably, and answer from the store it made."""

import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from graph import GraphFiles

# What DuckDB and Ladybug may use; Kith, SQLite and NumPy work on one thread (SQLite sorts with one more).
THREADS = 2

# A user's suggestions, best first: (label, number of paths).
Suggestions = list[tuple[int, int]]


@dataclass(frozen=True)
class Description:
    """A peer as the table names it, and the PyPI packages it needs: one of each group."""

    title: str
    how: str
    packages: tuple[tuple[str, ...], ...]


class Peer(ABC):
    """One store under comparison. `store` is a folder that belongs to the peer alone."""

    @abstractmethod
    def version(self) -> str:
        """The library's version."""

    @abstractmethod
    def load(self, graph: GraphFiles, store: Path) -> None:
        """Loads the distinct edges so that both directions can be asked for; returns with the store closed."""

    @abstractmethod
    def edge_count(self, store: Path) -> int:
        """How many distinct edges the store holds."""

    @abstractmethod
    def neighbors(self, store: Path, labels: list[int]) -> Iterator[tuple[list[int], list[int]]]:
        """Each label's out- and in-neighbours, in any order."""

    @abstractmethod
    def recommend(self, store: Path, users: list[int], limit: int) -> Iterator[tuple[float, Suggestions]]:
        """Each user's `limit` best friends of friends over follows, without the user and those already followed, by the
        number of paths; with the milliseconds it took, from one store that stays open."""


def timed(answer: Callable[[int, int], Suggestions], user: int, limit: int) -> tuple[float, Suggestions]:
    """The answer, and the milliseconds until all of it was in Python's hands."""
    start = time.perf_counter()
    suggestions = answer(user, limit)
    return 1000 * (time.perf_counter() - start), suggestions
