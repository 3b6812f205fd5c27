"""Random small graphs whose keys are of the kinds that real files have."""

import itertools
import random
import string
import struct
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

Key = int | str
# An edge as it is compared: the keys as text, the weight as a store keeps it, the time in seconds since 1970.
Row = tuple[str, str, float | None, int | None]

WORDS = [
    "ann", "bob", "cy", "dee", "eve", "fay", "gus", "hal", "ida", "jon", "kim", "lee", "max", "nia", "ole", "pam",
    "quin", "ray", "sue", "tom", "una", "vic", "Amsterdam", "Berlin", "Cairo", "dogs", "jazz", "tea_house", "mid-day",
    "node9",
]  # fmt: skip
NAMES = [f"{first} {last}" for first in WORDS[:12] for last in ("lee", "von Berg", "O Hara")] + ["Cy", "Dee"]
HARD = [
    "#tag", "%x", "01", "-1", "1.0", "NA", "nan", "null", "a,b", "a;b", "a|b", 'say "hi"', "two words", "ünï", "日本",
    "from", "source", "to", "id", "user", "o'neil", "=1+1", "1e5", "+7", "true", "a\\b", "\\", "x:y", "a::b", "*", "0",
    "18446744073709551616", "[1]", "{a}", "/p", "//c", "2024-05-01", "-", "_", '"', '""', 'a"b', "@me", "a/b", "AT&T",
]  # fmt: skip
# Keys for writers that quote them: blanks at the ends of a field without quotes are no part of it.
LINE_ENDS = ["line\nend", "a\tb", "two\r\nlines"]
BLANK_ENDS = [" lead", "trail ", " both "]


@dataclass(frozen=True)
class Edge:
    """An edge as it is written."""

    source: Key
    target: Key
    weight: float | None = None
    time: int | None = None

    @property
    def fields(self) -> list[Key | float]:
        """The ends, and the weight and the time if there are any."""
        fields = [self.source, self.target, self.weight, self.time]
        return [field for field in fields if field is not None]


@dataclass(frozen=True)
class Graph:
    """Edges that are all different, none from a node to itself, and at least one."""

    edges: tuple[Edge, ...]
    is_directed: bool

    @property
    def has_weights(self) -> bool:
        """Whether each edge has a weight."""
        return self.edges[0].weight is not None

    @property
    def has_times(self) -> bool:
        """Whether each edge has a time."""
        return self.edges[0].time is not None

    @property
    def edge_type(self) -> str:
        """The type of Kith's social schema that holds these edges."""
        if self.has_weights:
            return "interacts"
        return "follows" if self.is_directed else "friends"

    @property
    def keys(self) -> list[Key]:
        """Every key once, in the order of the edges."""
        return list(dict.fromkeys(key for edge in self.edges for key in (edge.source, edge.target)))

    @property
    def rows(self) -> frozenset[Row]:
        """The edges as they are compared."""
        return self.rows_of(edge.fields for edge in self.edges)

    def rows_of(self, found: Iterable[Sequence[object]]) -> frozenset[Row]:
        """What a reader found, as it is compared: the ends, and the weight and the time if this graph has them."""
        return frozenset(self.row(list(fields)) for fields in found)

    def row(self, fields: list[object]) -> Row:
        """One edge as it is compared."""
        source, target = text(fields[0]), text(fields[1])
        if not self.is_directed:
            source, target = sorted((source, target))
        weight = single(float(str(fields[2]))) if self.has_weights else None
        time = seconds(fields[-1]) if self.has_times else None
        return source, target, weight, time

    def renamed(self, name: Callable[[int], Key]) -> "Graph":
        """The same edges between nodes that are named by their places in `keys`."""
        names = {key: name(place) for place, key in enumerate(self.keys)}
        edges = (replace(edge, source=names[edge.source], target=names[edge.target]) for edge in self.edges)
        return replace(self, edges=tuple(edges))


def text(key: object) -> str:
    """A key as text; readers that make numbers of all that has no quotes give 7.0 for 7."""
    return str(int(key)) if isinstance(key, float) and key.is_integer() else str(key)


def single(weight: float) -> float:
    """The nearest 32-bit float."""
    return struct.unpack("f", struct.pack("f", weight))[0]


def seconds(time: object) -> int:
    """Seconds since 1970 of a number, of digits, or of a date and time, in UTC unless it has a zone."""
    try:
        return int(float(str(time)))
    except ValueError:
        moment = time if isinstance(time, datetime) else datetime.fromisoformat(str(time))
        return int((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp())


def columns_of(graph: Graph) -> list[tuple[Key | float, ...]]:
    """The first field of every edge, the second of every edge, and so on."""
    return list(zip(*(edge.fields for edge in graph.edges), strict=True))


def random_keys(rng: random.Random, more: Sequence[str]) -> list[Key]:
    """Some keys of one kind; hard ones are more likely, and include some of `more`."""
    kind = rng.choice(["small", "large", "words", "mixed", "names", "mails", "uuids", "hard", "hard", "hard"])
    count = rng.randint(3, 20)
    match kind:
        case "small":
            return rng.sample(range(40), count)
        case "large":
            return rng.sample(range(10**9, 10**10), count)
        case "words":
            return rng.sample(WORDS, count)
        case "mixed":
            return [*rng.sample(WORDS, count), *rng.sample(range(20), count)]
        case "names":
            return rng.sample(NAMES, count)
        case "mails":
            return [f"{word.lower()}@mail.example.org" for word in rng.sample(WORDS, count)]
        case "uuids":
            return ["".join(rng.choices(string.hexdigits[:16], k=8)) + "-4e2a-9b1c" for _ in range(count)]
    return [*rng.sample([*HARD, *more], count), *rng.sample(WORDS, 3)]


def random_weights(rng: random.Random, count: int) -> list[float]:
    """Whole numbers, decimals, ones, or very small and large ones."""
    kind = rng.choice(["whole", "decimal", "one", "any"])
    draws = {
        "whole": lambda: rng.randint(1, 9),
        "decimal": lambda: round(rng.uniform(0.1, 5), 3),
        "one": lambda: 1,
        "any": lambda: rng.choice([1e-5, 2.5e10, 0.5, 100.0]),
    }
    return [draws[kind]() for _ in range(count)]


def is_header(source: Key, target: Key) -> bool:
    """Whether nobody can tell an edge between these keys from a header, where it is in the first row."""
    names = {source, target}
    return "to" in names and not names.isdisjoint({"from", "source", "user", "id"})


def random_graph(
    rng: random.Random,
    more: Sequence[str] = (),
    can_carry: Callable[[str], bool] = lambda key: True,
    has_weights: bool | None = None,
    has_times: bool | None = None,
    least: int = 1,
) -> Graph:
    """A graph of up to 60 edges, at least `least`; of weights and times what is not said is drawn.

    The keys are those that the file `can_carry`.
    """
    keys = [key for key in random_keys(rng, more) if can_carry(str(key))]
    if len(keys) < 3:
        keys = list(rng.sample(WORDS, 5))
    is_directed = rng.random() < 0.8
    pairs = [
        pair if rng.random() < 0.5 else pair[::-1]
        for pair in itertools.combinations(keys, 2)
        for _ in range(2 if is_directed else 1)
    ]
    pairs = [pair for pair in dict.fromkeys(pairs) if str(pair[0]) != str(pair[1]) and not is_header(*pair)]
    count = max(least, rng.choice([1, 2, 4, 8, 16, 60]))
    pairs = rng.sample(pairs, min(count, len(pairs)))
    if has_weights is None:
        has_weights = rng.random() < 0.5
    is_directed = is_directed or has_weights
    if has_times is None:
        has_times = rng.random() < 0.3
    weights: list[float | None] = list(random_weights(rng, len(pairs))) if has_weights else [None] * len(pairs)
    times = (rng.randint(10**9, 17 * 10**8) if has_times else None for _ in pairs)
    edges = (Edge(*pair, weight, time) for pair, weight, time in zip(pairs, weights, times, strict=True))
    return Graph(tuple(edges), is_directed)
