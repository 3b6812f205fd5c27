"""The peers by name. A peer's library is imported by `make` alone, in the child that measures it."""

import importlib

from peers.peer import Description, Peer

PEERS = {
    "kith": Description(
        "Kith",
        "`kith load`; both directions, keys of any kind; one process from start to end",
        (),
    ),
    "sqlite": Description(
        "SQLite",
        "`.import` into rows, then `edges(source, target)` WITHOUT ROWID in key order, and the index (target, source); "
        "no journal while loading",
        (),
    ),
    "duckdb": Description(
        "DuckDB",
        "the distinct edges twice, sorted by (source, target) and by (target, source), uint32; 2 threads",
        (("duckdb",),),
    ),
    "ladybug": Description(
        "Ladybug (Kuzu's successor)",
        "node and rel tables by COPY, duplicates taken out by DISTINCT in the COPY; 2 threads; "
        "its node file is made outside the clock",
        (("ladybug", "real_ladybug", "kuzu"),),
    ),
    "numpy-lmdb": Description(
        "NumPy + LMDB",
        "rows parsed, made distinct and sorted in NumPy; one blob of uint32 ids a node and direction, and a dictionary "
        "of keys, appended to LMDB in one transaction",
        (("numpy",), ("lmdb",)),
    ),
}


def make(name: str) -> Peer:
    """The peer of that name, its library imported."""
    peer: Peer = importlib.import_module(f"peers.{name.replace('-', '_')}").make()
    return peer
