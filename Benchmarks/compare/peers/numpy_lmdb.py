"""NumPy and LMDB: the least that answers both directions, and so the floor for a load in a scripting language.

    keys    label (8 bytes, big-endian) -> id (4 bytes)      id = rank of the label
    labels  ""                          -> uint64 labels by id
    out     id (4 bytes, big-endian)    -> uint32 ids, ascending
    in      the same, the other way round

No compression, no checksums, no properties; an edge between nodes that are there can be added by writing both lists
again. Labels lie below 2^32.
"""

import struct
from pathlib import Path

import lmdb
import numpy

from graph import GraphFiles
from peers.peer import LabelPairs, Peer, Session, Suggestions
from rows import Ids, Pairs, distinct_edges, halves, paired

DATABASES = ("keys", "labels", "out", "in")

# Address space, not memory.
MAP_BYTES = 1 << 38

# Labels are looked up in a table when it would be at most this many times as long as the edges, else by bisection.
TABLE_RATIO_MAX = 4


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


class NumPyLMDBSession(Session):
    """The store opened for reading, in one snapshot; or, once inserts begin, for writing."""

    cannot = {"pagerank": "SciPy's, as scikit-network's", "serving": "SciPy's, as scikit-network's"}

    def __init__(self, store: Path) -> None:
        self.store = store
        self.environment = open_environment(store, readonly=True)
        self.databases = self.open_databases()
        self.transaction = self.environment.begin(buffers=True)
        self.labels = numpy.frombuffer(self.value("labels", b"labels"), numpy.uint64)

    def open_databases(self) -> dict[str, lmdb._Database]:
        return {name: self.environment.open_db(name.encode(), create=False) for name in DATABASES}

    def id(self, label: int) -> int:
        """The id of a label that is in the store."""
        return int(struct.unpack("=I", self.value("keys", struct.pack(">Q", label)))[0])

    def value(self, database: str, key: bytes) -> bytes | memoryview:
        """A record's value, not copied; empty when there is none."""
        return self.transaction.get(key, b"", db=self.databases[database])

    def neighbor_list(self, direction: str, id: int) -> Ids:
        """A node's neighbours, not copied."""
        return numpy.frombuffer(self.value(direction, struct.pack(">I", id)), numpy.uint32)

    def edge_count(self) -> int:
        counts = [
            sum(len(value) // 4 for value in self.transaction.cursor(self.databases[name]).iternext(keys=False))
            for name in ("out", "in")
        ]
        if counts[0] != counts[1]:
            raise ValueError(f"the directions disagree: {counts}")
        return counts[0]

    def neighbors(self, label: int) -> tuple[list[int], list[int]]:
        id = self.id(label)
        outward, inward = self.neighbor_list("out", id), self.neighbor_list("in", id)
        return self.labels[outward].tolist(), self.labels[inward].tolist()

    def paths(self, user: int, limit: int) -> Suggestions:
        own = self.id(user)
        followed = self.neighbor_list("out", own)
        reached = numpy.concatenate([self.neighbor_list("out", id) for id in followed.tolist()])
        candidates, paths = numpy.unique(reached, return_counts=True)
        known = numpy.isin(candidates, followed, assume_unique=True) | (candidates == own)
        candidates, paths = candidates[~known], paths[~known]
        best = numpy.lexsort((candidates, -paths))[:limit]
        return list(zip(self.labels[candidates[best]].tolist(), paths[best].tolist(), strict=True))

    def lists(self, labels: LabelPairs) -> int:
        return sum(int(self.neighbor_list("out", self.id(label)).sum(dtype=numpy.uint64)) for label in labels.tolist())

    def label_sum(self, labels: LabelPairs) -> int:
        return sum(int(self.labels[self.neighbor_list("out", self.id(label))].sum()) for label in labels.tolist())

    def edges(self, pairs: LabelPairs) -> int:
        found = 0
        for source, target in pairs.tolist():
            neighbors, id = self.neighbor_list("out", self.id(source)), self.id(target)
            place = neighbors.searchsorted(id)
            found += bool(place < neighbors.size and neighbors[place] == id)
        return found

    def begin_inserts(self) -> None:
        self.close()
        self.environment = open_environment(self.store, sync=True)
        self.databases = self.open_databases()

    def insert(self, pairs: LabelPairs) -> int:
        added = 0
        with self.environment.begin(write=True, buffers=True) as self.transaction:
            for source, target in pairs.tolist():
                ends = self.id(source), self.id(target)
                if self.put("out", *ends):
                    self.put("in", *reversed(ends))
                    added += 1
        return added

    def put(self, direction: str, owner: int, neighbor: int) -> bool:
        """Puts an id into its place in a list; False when it is there."""
        neighbors = self.neighbor_list(direction, owner)
        place = int(neighbors.searchsorted(neighbor))
        if place < neighbors.size and neighbors[place] == neighbor:
            return False
        longer = numpy.insert(neighbors, place, neighbor)
        return self.transaction.put(struct.pack(">I", owner), longer.tobytes(), db=self.databases[direction])

    def close(self) -> None:
        self.transaction.abort()
        self.environment.close()


class NumPyLMDB(Peer):
    """Raw lists in LMDB."""

    def version(self) -> str:
        return f"numpy {numpy.__version__}, lmdb {lmdb.__version__} (LMDB {'.'.join(map(str, lmdb.version()))})"

    def load(self, graph: GraphFiles, store: Path) -> None:
        sources, targets = halves(distinct_edges(graph.edges))
        labels = numpy.union1d(numpy.unique(sources), numpy.unique(targets))
        outward = paired(ids_of(labels, sources), ids_of(labels, targets))
        write(store, labels, outward)

    def open(self, graph: GraphFiles, store: Path) -> Session:
        return NumPyLMDBSession(store)


def open_environment(store: Path, readonly: bool = False, sync: bool = False) -> lmdb.Environment:
    """The store's LMDB environment; with `sync` a commit is durable."""
    return lmdb.open(str(store), map_size=MAP_BYTES, max_dbs=4, readonly=readonly, sync=sync, readahead=True)


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
