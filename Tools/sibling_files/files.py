"""A file that a library wrote, and what the libraries' modules share."""

import gzip
import random
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from sibling_files.graphs import Graph

# Names of columns for the two ends, as exporters of the field have them.
ENDS = [
    ("from", "to"), ("from", "to"), ("source", "target"), ("source", "target"), ("src", "dst"), ("start", "end"),
    ("user_id", "friend_id"), ("user_id", "item_id"), ("follower_id", "followee_id"), ("subject", "object"),
    ("id1", "id2"), (":START_ID", ":END_ID"), ("Source", "Target"), ("FollowerId", "FolloweeId"),
    ("FromNodeId", "ToNodeId"), ("user_id:token", "item_id:token"), ("follower", "followee"),
]  # fmt: skip
WEIGHTS = ["weight", "weight", "value", "count", "rating", "Weight", "rating:float"]
TIMES = ["time", "timestamp", "created_at", "date", "Timestamp", "timestamp:float"]


class Undetermined(Exception):
    """The library could not write the file, or its own reader finds another graph in it."""


@dataclass(frozen=True)
class Written:
    """A file, the graph that is in it, and how it was written."""

    settings: str
    ending: str
    data: bytes
    graph: Graph
    # Of a format that Kith tells of by name and does not read.
    is_foreign: bool = False

    def checked(self, found: Iterable[Sequence[object]]) -> "Written":
        """This file, if that is what the library's own reader found in it: the fields of each edge.

        - Throws: `Undetermined` if it is another graph.
        """
        edges = list(found)
        try:
            is_same = len(edges) == len(self.graph.edges) and self.graph.rows_of(edges) == self.graph.rows
        except (IndexError, TypeError, ValueError, OverflowError):
            is_same = False
        if not is_same:
            raise Undetermined(self.settings)
        return self


# Writes a random graph; into a file in the folder where the library has no other way.
Writer = Callable[[random.Random, Path], Written]


def column_names(rng: random.Random, graph: Graph) -> list[str]:
    """What the fields of an edge are called."""
    names = list(rng.choice(ENDS))
    if ":" not in names[0]:
        spelled: list[Callable[[str], str]] = [str, str, str.upper, str.title]
        names = list(map(rng.choice(spelled), names))
    if graph.has_weights:
        names.append(rng.choice(WEIGHTS))
    if graph.has_times:
        names.append(rng.choice(TIMES))
    return names


def ending_of(rng: random.Random, delimiter: str) -> str:
    """The end of the name of a file with such a delimiter: a right one, or one that says little."""
    right = {"\t": ".tsv", " ": ".edges"}.get(delimiter, ".csv")
    return rng.choice([right, right, right, ".txt", ""])


def several_members(rng: random.Random, data: bytes) -> bytes:
    """Compressed by gzip in two parts, as `cat a.gz b.gz` joins them."""
    middle = rng.randint(0, len(data))
    return gzip.compress(data[:middle]) + gzip.compress(data[middle:])
