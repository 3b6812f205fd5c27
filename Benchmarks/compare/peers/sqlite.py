"""SQLite: one table clustered by (source, target) and an index the other way round, filled in key order.

The sqlite3 shell imports the file when it is there; Python's csv and executemany otherwise, which is slower.
"""

import csv
import shutil
import sqlite3
import subprocess
from collections.abc import Sequence
from pathlib import Path

from graph import GraphFiles
from peers.peer import LabelPairs, Peer, Session, Suggestions

# Nothing is kept for a rollback while loading: a load that fails is a file to delete. The caller syncs the file.
SETTINGS = """
PRAGMA journal_mode = OFF;
PRAGMA synchronous = OFF;
PRAGMA locking_mode = EXCLUSIVE;
PRAGMA cache_size = -1048576;
PRAGMA threads = 1;
"""
TABLES = """
CREATE TABLE edges(source INTEGER, target INTEGER, PRIMARY KEY(source, target)) WITHOUT ROWID;
CREATE TEMP TABLE rows(source INTEGER, target INTEGER);
"""
# Sorted first: in file order each row would land on another page of the tree.
FILL = """
INSERT INTO edges SELECT DISTINCT source, target FROM rows ORDER BY source, target;
CREATE INDEX edges_reverse ON edges(target, source);
"""
RECOMMEND = """
SELECT second.target, COUNT(*) AS paths
FROM edges AS first CROSS JOIN edges AS second ON second.source = first.target
WHERE first.source = ?1
GROUP BY second.target
HAVING second.target <> ?1 AND second.target NOT IN (SELECT target FROM edges WHERE source = ?1)
ORDER BY paths DESC, second.target
LIMIT ?2
"""


class SQLiteSession(Session):
    """One connection."""

    cannot = {"pagerank": "a loop over SQL", "serving": "a loop over SQL"}

    def __init__(self, store: Path) -> None:
        self.connection = connect(store)

    def edge_count(self) -> int:
        return int(self.connection.execute("SELECT COUNT(*) FROM edges").fetchone()[0])

    def neighbors(self, label: int) -> tuple[list[int], list[int]]:
        outward = self.connection.execute("SELECT target FROM edges WHERE source = ?", (label,))
        inward = self.connection.execute("SELECT source FROM edges WHERE target = ?", (label,))
        return [row[0] for row in outward.fetchall()], [row[0] for row in inward.fetchall()]

    def paths(self, user: int, limit: int) -> Suggestions:
        return self.connection.execute(RECOMMEND, (user, limit)).fetchall()

    def lists(self, labels: LabelPairs) -> int:
        return self.total("SELECT SUM(target) FROM edges WHERE source = ?", [(label,) for label in labels.tolist()])

    def edges(self, pairs: LabelPairs) -> int:
        return self.total("SELECT COUNT(*) FROM edges WHERE source = ? AND target = ?", pairs.tolist())

    def total(self, query: str, given: Sequence[Sequence[int]]) -> int:
        """The sum of a query's one number over what it is given; all in one read transaction."""
        self.connection.execute("BEGIN")
        sum_of_all = sum(self.connection.execute(query, values).fetchone()[0] for values in given)
        self.connection.execute("COMMIT")
        return int(sum_of_all)

    def begin_inserts(self) -> None:
        self.connection.execute("PRAGMA journal_mode = WAL")
        self.connection.execute("PRAGMA synchronous = FULL")

    def insert(self, pairs: LabelPairs) -> int:
        before = self.connection.total_changes
        self.connection.execute("BEGIN IMMEDIATE")
        self.connection.executemany("INSERT OR IGNORE INTO edges VALUES (?, ?)", pairs.tolist())
        self.connection.execute("COMMIT")
        return self.connection.total_changes - before

    def close(self) -> None:
        self.connection.close()


class SQLite(Peer):
    """The database in every phone."""

    def version(self) -> str:
        shell = shutil.which("sqlite3")
        if shell is None:
            return f"{sqlite3.sqlite_version} (Python's module)"
        said = subprocess.run([shell, "--version"], stdout=subprocess.PIPE, text=True, check=True).stdout
        return f"{said.split()[0]} (shell), {sqlite3.sqlite_version} (queries)"

    def load(self, graph: GraphFiles, store: Path) -> None:
        shell = shutil.which("sqlite3")
        if shell is None:
            load_by_module(graph.edges, store / "graph.db")
            return
        script = f'{SETTINGS}{TABLES}.mode tabs\n.import "{graph.edges}" rows\n{FILL}'
        command = [shell, "-batch", "-bail", str(store / "graph.db")]
        subprocess.run(command, input=script, stdout=subprocess.DEVNULL, text=True, check=True)

    def open(self, graph: GraphFiles, store: Path) -> Session:
        return SQLiteSession(store)


def connect(store: Path) -> sqlite3.Connection:
    """The store, opened with room in the cache for all of it."""
    connection = sqlite3.connect(store / "graph.db", isolation_level=None)
    connection.execute("PRAGMA cache_size = -1048576")
    return connection


def load_by_module(edges: Path, database: Path) -> None:
    """The same load without the shell."""
    connection = sqlite3.connect(database, isolation_level=None)
    connection.executescript(SETTINGS + TABLES)
    with edges.open(newline="") as rows:
        connection.execute("BEGIN")
        connection.executemany("INSERT INTO rows VALUES (?, ?)", csv.reader(rows, delimiter="\t"))
        connection.execute("COMMIT")
    connection.executescript(FILL)
    connection.close()


def make() -> Peer:
    """SQLite, by shell or module."""
    return SQLite()
