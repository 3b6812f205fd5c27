"""DuckDB: the distinct edges in two tables, one sorted each way, so that a list is a few row groups by their bounds."""

from collections.abc import Iterator
from pathlib import Path

import duckdb

from graph import GraphFiles
from peers.peer import THREADS, Peer, Suggestions, timed

LOAD = """
CREATE TABLE outward AS
SELECT DISTINCT source, target
FROM read_csv($edges, delim = '\t', header = false, auto_detect = false,
              columns = {'source': 'UINTEGER', 'target': 'UINTEGER'})
ORDER BY source, target
"""
RECOMMEND = """
WITH followed AS MATERIALIZED (SELECT target FROM outward WHERE source = $user),
     candidates AS (SELECT target, COUNT(*) AS paths FROM outward WHERE source IN (FROM followed) GROUP BY target)
SELECT target, paths
FROM candidates
WHERE target <> $user AND target NOT IN (FROM followed)
ORDER BY paths DESC, target
LIMIT $limit
"""


class DuckDB(Peer):
    """A column store."""

    def version(self) -> str:
        return str(duckdb.__version__)

    def load(self, graph: GraphFiles, store: Path) -> None:
        with connect(store) as connection:
            connection.execute(LOAD, {"edges": str(graph.edges)})
            connection.execute("CREATE TABLE inward AS SELECT target, source FROM outward ORDER BY target, source")
            connection.execute("CHECKPOINT")

    def edge_count(self, store: Path) -> int:
        with connect(store) as connection:
            counts = [connection.execute(f"SELECT COUNT(*) FROM {name}").fetchall() for name in ("outward", "inward")]
        if counts[0] != counts[1]:
            raise ValueError(f"the tables disagree: {counts}")
        return int(counts[0][0][0])

    def neighbors(self, store: Path, labels: list[int]) -> Iterator[tuple[list[int], list[int]]]:
        with connect(store) as connection:
            for label in labels:
                outward = connection.execute("SELECT target FROM outward WHERE source = $1", [label]).fetchall()
                inward = connection.execute("SELECT source FROM inward WHERE target = $1", [label]).fetchall()
                yield [row[0] for row in outward], [row[0] for row in inward]

    def recommend(self, store: Path, users: list[int], limit: int) -> Iterator[tuple[float, Suggestions]]:
        with connect(store) as connection:

            def answer(user: int, limit: int) -> Suggestions:
                return connection.execute(RECOMMEND, {"user": user, "limit": limit}).fetchall()

            for user in users:
                yield timed(answer, user, limit)


def connect(store: Path) -> duckdb.DuckDBPyConnection:
    """The store, opened for the threads every peer gets."""
    return duckdb.connect(str(store / "graph.duckdb"), config={"threads": THREADS})


def make() -> Peer:
    """DuckDB, in this process."""
    return DuckDB()
