"""The real graphs, and how each is divided into what a recommender knows and what it is to find.

A random tenth of the friendships is hidden; up to so many of the people who lost one are asked, and everybody they are
not known to be friends with is a candidate. Foursquare has two times: known is the earlier, hidden what only the later
has.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from reference.graphs import read_pairs, rows, undirected_edges

HIDDEN_SHARE = 0.1


@dataclass(frozen=True)
class Interests:
    """A file of (user, topic[, weight]) rows; which columns, and how much a topic counts."""

    file: str
    topic_column: int = 1
    weight_column: int | None = None

    def lines(self, folder: Path) -> Iterator[str]:
        """Each user and topic, with the weight if there is one."""
        seen: set[tuple[str, str]] = set()
        for fields in rows(folder / self.file):
            pair = (fields[0], fields[self.topic_column])
            if pair in seen:
                continue
            seen.add(pair)
            weight = () if self.weight_column is None else (fields[self.weight_column],)
            yield "\t".join(pair + weight) + "\n"


@dataclass(frozen=True)
class FriendGraph:
    """Where a graph is; with `later` known and hidden friendships are two files."""

    file: str
    later: str | None = None
    interests: Interests | None = None

    def files(self, folder: Path) -> list[Path]:
        """The files it wants."""
        names = [self.file, self.later, self.interests.file if self.interests else None]
        return [folder / name for name in names if name is not None]


GRAPHS = {
    "lastfm": FriendGraph("lastfm/user_friends.dat", interests=Interests("lastfm/user_artists.dat", weight_column=2)),
    "Caltech36": FriendGraph("facebook100/Caltech36.friends.tsv.gz"),
    "MIT8": FriendGraph("facebook100/MIT8.friends.tsv.gz"),
    "Cornell5": FriendGraph("facebook100/Cornell5.friends.tsv.gz"),
    "deezer": FriendGraph("deezer/friends.csv.gz", interests=Interests("deezer/interests.tsv.gz")),
    "livejournal50k": FriendGraph("livejournal50k/friends.tsv.gz"),
    "epinions": FriendGraph("epinions/trust.tsv.gz"),
    "foursquare-nyc": FriendGraph(
        "foursquare-nyc/friends-old.tsv",
        later="foursquare-nyc/friends-new.tsv",
        interests=Interests("foursquare-nyc/checkins.tsv.gz", topic_column=2),
    ),
}


@dataclass(frozen=True)
class Split:
    """Known friendships, each once, and whom each asked user is to find."""

    known: np.ndarray
    hidden: dict[int, set[int]]


def split(graph: FriendGraph, folder: Path, seed: int, users: int) -> Split:
    """One division of the graph; the same seed, the same division."""
    chance = np.random.default_rng(seed)
    edges = undirected_edges(read_pairs(folder / graph.file))
    if graph.later is not None:
        known = edges
        earlier = set(map(tuple, known.tolist()))
        later = undirected_edges(read_pairs(folder / graph.later)).tolist()
        lost = np.array([pair for pair in later if tuple(pair) not in earlier])
    else:
        shuffled = chance.permutation(edges)
        lost, known = np.split(shuffled, [round(HIDDEN_SHARE * len(shuffled))])
    hidden: dict[int, set[int]] = {}
    for a, b in lost.tolist():
        hidden.setdefault(a, set()).add(b)
        hidden.setdefault(b, set()).add(a)
    # Nobody can recommend to, or recommend, whom a graph does not have.
    everybody = set(np.unique(known).tolist())
    able = sorted(user for user in hidden if user in everybody)
    asked = chance.choice(able, min(users, len(able)), replace=False).tolist()
    return Split(known, {user: hidden[user] for user in asked})
