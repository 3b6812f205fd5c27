"""DuckDB: the distinct edges in two tables, one sorted each way, so that a list is a few row groups by their bounds."""

from pathlib import Path

import duckdb

from graph import GraphFiles
from peers.peer import ANSWER_THREADS, THREADS, LabelPairs, Peer, Session, Suggestions

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
INSERT = """
INSERT INTO outward
SELECT source, target
FROM (SELECT unnest($sources)::UINTEGER AS source, unnest($targets)::UINTEGER AS target) AS given
ANTI JOIN outward USING (source, target)
"""
INSERT_INWARD = """
INSERT INTO inward SELECT unnest($targets)::UINTEGER, unnest($sources)::UINTEGER
"""


class DuckDBSession(Session):
    """One connection."""

    cannot = {"pagerank": "a loop over SQL", "serving": "a loop over SQL"}

    def __init__(self, store: Path) -> None:
        self.connection = connect(store, ANSWER_THREADS)

    def edge_count(self) -> int:
        counts = [self.connection.execute(f"SELECT COUNT(*) FROM {name}").fetchall() for name in ("outward", "inward")]
        if counts[0] != counts[1]:
            raise ValueError(f"the tables disagree: {counts}")
        return int(counts[0][0][0])

    def neighbors(self, label: int) -> tuple[list[int], list[int]]:
        outward = self.connection.execute("SELECT target FROM outward WHERE source = $1", [label]).fetchall()
        inward = self.connection.execute("SELECT source FROM inward WHERE target = $1", [label]).fetchall()
        return [row[0] for row in outward], [row[0] for row in inward]

    def paths(self, user: int, limit: int) -> Suggestions:
        return self.connection.execute(RECOMMEND, {"user": user, "limit": limit}).fetchall()

    def lists(self, labels: LabelPairs) -> int:
        return self.total("SELECT SUM(target) FROM outward WHERE source = $1", [[label] for label in labels.tolist()])

    def edges(self, pairs: LabelPairs) -> int:
        return self.total("SELECT COUNT(*) FROM outward WHERE source = $1 AND target = $2", pairs.tolist())

    def total(self, query: str, given: list[list[int]]) -> int:
        """The sum of a query's one number over what it is given; all in one read transaction."""
        self.connection.execute("BEGIN")
        found = [self.connection.execute(query, values).fetchall()[0][0] for values in given]
        self.connection.execute("COMMIT")
        return int(sum(found))

    def insert(self, pairs: LabelPairs) -> int:
        # Neither table has a constraint: what is there already is looked up, in one join.
        given = {"sources": pairs[:, 0].tolist(), "targets": pairs[:, 1].tolist()}
        self.connection.execute("BEGIN")
        added = self.connection.execute(INSERT, given).fetchall()[0][0]
        if added != len(pairs):
            raise ValueError(f"expected {len(pairs)} new edges, found {added}")
        self.connection.execute(INSERT_INWARD, given)
        self.connection.execute("COMMIT")
        return int(added)

    def close(self) -> None:
        self.connection.close()


class DuckDB(Peer):
    """A column store."""

    def version(self) -> str:
        return str(duckdb.__version__)

    def load(self, graph: GraphFiles, store: Path) -> None:
        with connect(store, THREADS) as connection:
            connection.execute(LOAD, {"edges": str(graph.edges)})
            connection.execute("CREATE TABLE inward AS SELECT target, source FROM outward ORDER BY target, source")
            connection.execute("CHECKPOINT")

    def open(self, graph: GraphFiles, store: Path) -> Session:
        return DuckDBSession(store)


def connect(store: Path, threads: int) -> duckdb.DuckDBPyConnection:
    """The store, opened for so many threads."""
    return duckdb.connect(str(store / "graph.duckdb"), config={"threads": threads})


def make() -> Peer:
    """DuckDB, in this process."""
    return DuckDB()
