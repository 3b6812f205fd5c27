"""NumPy and LMDB: the least that answers both directions, and so the floor for a load in a scripting language.

    keys    label (8 bytes, big-endian) -> id (4 bytes)      id = rank of the label
    labels  ""                          -> uint64 labels by id
    out     id (4 bytes, big-endian)    -> uint32 ids, ascending
    in      the same, the other way round

No compression, no checksums, no properties; it can be read and not changed. Labels lie below 2^32.
"""

import struct
from collections.abc import Iterator
from pathlib import Path

import lmdb
import numpy
from numpy.typing import NDArray

from graph import GraphFiles
from peers.peer import Peer, Suggestions, timed

Ids = NDArray[numpy.uint32]
Pairs = NDArray[numpy.uint64]

# Read at once: a block and what is made of it stay in the caches. Twice as fast as numpy.fromfile with a separator.
BLOCK_BYTES = 1 << 20

DATABASES = ("keys", "labels", "out", "in")

# Address space, not memory.
MAP_BYTES = 1 << 38

# Labels are looked up in a table when it would be at most this many times as long as the edges, else by bisection.
TABLE_RATIO_MAX = 4


def parse(path: Path) -> Ids:
    """Every number in the file, in its order."""
    parts = []
    rest = b""
    with path.open("rb") as file:
        while block := file.read(BLOCK_BYTES):
            block = rest + block
            end = block.rfind(b"\n") + 1
            rest = block[end:]
            parts.append(parse_block(numpy.frombuffer(block, numpy.uint8, count=end)))
    return numpy.concatenate(parts)


def parse_block(text: NDArray[numpy.uint8]) -> Ids:
    """The numbers in whole lines, all at once: the digits that stand k places before a separator, for each k."""
    ends = numpy.flatnonzero(text < ord("0"))
    lengths = numpy.diff(ends, prepend=-1) - 1
    numbers = numpy.zeros(ends.size, numpy.uint32)
    for place in range(int(lengths.max(initial=0))):
        digits = text[numpy.maximum(ends - 1 - place, 0)].astype(numpy.uint32) - ord("0")
        digits[lengths <= place] = 0
        numbers += digits * numpy.uint32(10**place)
    return numbers


def paired(high: Ids, low: Ids) -> Pairs:
    """Pairs as one sortable number each."""
    return high.astype(numpy.uint64) << numpy.uint64(32) | low


def halves(pairs: Pairs) -> tuple[Ids, Ids]:
    """The two numbers of each pair."""
    return (pairs >> numpy.uint64(32)).astype(numpy.uint32), pairs.astype(numpy.uint32)


def sorted_distinct(pairs: Pairs) -> Pairs:
    """The distinct pairs, ascending; sorts in place."""
    pairs.sort()
    kept = numpy.ones(pairs.size, bool)
    numpy.not_equal(pairs[1:], pairs[:-1], out=kept[1:])
    return pairs[kept]


def ids_of(labels: Ids, wanted: Ids) -> Ids:
    """The rank of each wanted label among the ascending `labels`."""
    if int(labels[-1]) > TABLE_RATIO_MAX * wanted.size:
        return numpy.searchsorted(labels, wanted).astype(numpy.uint32)
    table = numpy.zeros(int(labels[-1]) + 1, numpy.uint32)
    table[labels] = numpy.arange(labels.size, dtype=numpy.uint32)
    return table[wanted]


def append_lists(transaction: lmdb.Transaction, database: lmdb._Database, pairs: Pairs) -> None:
    """One record for each run of pairs with the same first half."""
    owners, neighbors = halves(pairs)
    starts = numpy.flatnonzero(numpy.diff(owners, prepend=owners[0] ^ 1))
    ends = numpy.append(starts[1:], owners.size)
    keys = owners[starts].astype(">u4").tobytes()
    lists = neighbors.data
    records = (
        (keys[4 * index : 4 * index + 4], lists[start:end])
        for index, (start, end) in enumerate(zip(starts.tolist(), ends.tolist(), strict=True))
    )
    with transaction.cursor(database) as cursor:
        cursor.putmulti(records, append=True)


def append_keys(transaction: lmdb.Transaction, database: lmdb._Database, labels: Ids) -> None:
    """The dictionary of keys."""
    keys = labels.astype(">u8").tobytes()
    ids = numpy.arange(labels.size, dtype=numpy.uint32).tobytes()
    records = ((keys[8 * id : 8 * id + 8], ids[4 * id : 4 * id + 4]) for id in range(labels.size))
    with transaction.cursor(database) as cursor:
        cursor.putmulti(records, append=True)


class Reader:
    """The store opened for reading, in one snapshot."""

    def __init__(self, store: Path) -> None:
        self.environment = open_environment(store, readonly=True)
        databases = {
            name: self.environment.open_db(name.encode(), create=False) for name in ("keys", "labels", "out", "in")
        }
        self.databases = databases
        self.transaction = self.environment.begin(buffers=True)
        self.labels = numpy.frombuffer(self.value("labels", b"labels"), numpy.uint64)

    def id(self, label: int) -> int:
        """The id of a label that is in the store."""
        return int(struct.unpack("=I", self.value("keys", struct.pack(">Q", label)))[0])

    def value(self, database: str, key: bytes) -> bytes | memoryview:
        """A record's value, not copied; empty when there is none."""
        return self.transaction.get(key, b"", db=self.databases[database])

    def neighbor_list(self, direction: str, id: int) -> Ids:
        """A node's neighbours, not copied."""
        return numpy.frombuffer(self.value(direction, struct.pack(">I", id)), numpy.uint32)

    def suggestions(self, label: int, limit: int) -> Suggestions:
        """The user's best friends of friends."""
        user = self.id(label)
        followed = self.neighbor_list("out", user)
        reached = numpy.concatenate([self.neighbor_list("out", id) for id in followed.tolist()])
        candidates, paths = numpy.unique(reached, return_counts=True)
        known = numpy.isin(candidates, followed, assume_unique=True) | (candidates == user)
        candidates, paths = candidates[~known], paths[~known]
        best = numpy.lexsort((candidates, -paths))[:limit]
        return list(zip(self.labels[candidates[best]].tolist(), paths[best].tolist(), strict=True))


class NumPyLMDB(Peer):
    """Raw lists in LMDB."""

    def version(self) -> str:
        return f"numpy {numpy.__version__}, lmdb {lmdb.__version__} (LMDB {'.'.join(map(str, lmdb.version()))})"

    def load(self, graph: GraphFiles, store: Path) -> None:
        numbers = parse(graph.edges)
        sources, targets = halves(sorted_distinct(paired(numbers[0::2], numbers[1::2])))
        del numbers
        labels = numpy.union1d(numpy.unique(sources), numpy.unique(targets))
        outward = paired(ids_of(labels, sources), ids_of(labels, targets))
        write(store, labels, outward)

    def edge_count(self, store: Path) -> int:
        reader = Reader(store)
        counts = [
            sum(len(value) // 4 for value in reader.transaction.cursor(reader.databases[name]).iternext(keys=False))
            for name in ("out", "in")
        ]
        if counts[0] != counts[1]:
            raise ValueError(f"the directions disagree: {counts}")
        return counts[0]

    def neighbors(self, store: Path, labels: list[int]) -> Iterator[tuple[list[int], list[int]]]:
        reader = Reader(store)
        for label in labels:
            id = reader.id(label)
            outward, inward = reader.neighbor_list("out", id), reader.neighbor_list("in", id)
            yield reader.labels[outward].tolist(), reader.labels[inward].tolist()

    def recommend(self, store: Path, users: list[int], limit: int) -> Iterator[tuple[float, Suggestions]]:
        reader = Reader(store)
        for user in users:
            yield timed(reader.suggestions, user, limit)


def open_environment(store: Path, readonly: bool = False) -> lmdb.Environment:
    """The store's LMDB environment."""
    return lmdb.open(str(store), map_size=MAP_BYTES, max_dbs=4, readonly=readonly, sync=False, readahead=True)


def write(store: Path, labels: Ids, outward: Pairs) -> None:
    """Writes the four databases in one transaction."""
    environment = open_environment(store)
    databases = {name: environment.open_db(name.encode()) for name in DATABASES}
    with environment.begin(write=True) as transaction:
        append_keys(transaction, databases["keys"], labels)
        transaction.put(b"labels", labels.astype(numpy.uint64).tobytes(), db=databases["labels"])
        append_lists(transaction, databases["out"], outward)
        sources, targets = halves(outward)
        inward = paired(targets, sources)
        inward.sort()
        append_lists(transaction, databases["in"], inward)
    environment.sync(True)
    environment.close()


def make() -> Peer:
    """NumPy and LMDB, in this process."""
    return NumPyLMDB()
