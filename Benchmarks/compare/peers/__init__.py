"""The peers by name. A peer's library is imported by `make` alone, in the child that measures it."""

import importlib

from peers.peer import Description, Peer

PEERS = {
    "kith": Description(
        "Kith",
        "`kith load`; both directions, keys of any kind; asked by the library, each request in a snapshot of its own",
        (),
    ),
    "plain-c": Description(
        "plain C, in memory",
        "compressed sparse rows, out and in, ids as labelled, cc -O2; one thread",
        (),
        is_durable=False,
    ),
    "sqlite": Description(
        "SQLite",
        "`.import` into rows, then `edges(source, target)` WITHOUT ROWID in key order, and the index (target, source); "
        "no journal while loading; inserts in WAL, synchronous=FULL",
        (),
    ),
    "duckdb": Description(
        "DuckDB",
        "the distinct edges twice, sorted by (source, target) and by (target, source), uint32, no index; "
        "inserts go behind the sorted rows",
        (("duckdb",),),
    ),
    "ladybug": Description(
        "Ladybug (Kuzu's successor)",
        "node and rel tables by COPY, duplicates taken out by DISTINCT in the COPY; "
        "its node file is made outside the clock; inserts do not look whether the edge is there",
        (("ladybug", "real_ladybug", "kuzu"),),
    ),
    "numpy-lmdb": Description(
        "NumPy + py-lmdb",
        "rows parsed, made distinct and sorted in NumPy; one blob of uint32 ids a node and direction, and a dictionary "
        "of keys, appended to LMDB in one transaction; an insert writes both lists again, synced",
        (("numpy",), ("lmdb",)),
    ),
    "igraph": Description(
        "igraph, in memory",
        "Read_Edgelist and simplify; friends of friends by Python's Counter; PageRank by PRPACK",
        (("igraph",),),
        is_durable=False,
    ),
    "networkit": Description(
        "NetworKit, in memory",
        "EdgeListReader and removeMultiEdges; friends of friends by Python's Counter",
        (("networkit",),),
        is_durable=False,
    ),
    "scikit-network": Description(
        "scikit-network, in memory",
        "rows parsed in NumPy, from_edge_list, and the transpose; friends of friends by SciPy's sparse product; "
        "PageRank by its Ruffini-Horner solver, for its power iteration does not restart at nodes without out-edges",
        (("scikit-network", "sknetwork"),),
        is_durable=False,
    ),
}


def make(name: str) -> Peer:
    """The peer of that name, its library imported."""
    peer: Peer = importlib.import_module(f"peers.{name.replace('-', '_')}").make()
    return peer
