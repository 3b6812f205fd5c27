"""Ladybug, which carries on Kuzu: a graph database with the same embedded form as Kith, asked in Cypher.

Whichever of the packages is installed is used; they have the same interface.
"""

import importlib
import importlib.util
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from graph import GraphFiles
from peers import PEERS
from peers.peer import THREADS, Peer, Suggestions, timed

SCHEMA = (
    "CREATE NODE TABLE User(id INT64 PRIMARY KEY)",
    "CREATE REL TABLE Follows(FROM User TO User)",
)
# A rel table holds parallel edges, so the duplicates have to go before they arrive.
LOAD = """
COPY Follows FROM (
    LOAD WITH HEADERS (source INT64, target INT64) FROM '{edges}' (file_format = 'csv', delim = '\t', header = false)
    RETURN DISTINCT source, target
)
"""
COUNT = "MATCH (:User)-[follows:Follows]->(:User) RETURN count(*)"
OUTWARD = "MATCH (:User {id: $user})-[:Follows]->(w:User) RETURN w.id"
INWARD = "MATCH (:User {id: $user})<-[:Follows]-(w:User) RETURN w.id"
# The fastest of five ways to write the exclusion: after the paths are counted, looked up by the candidate's key.
RECOMMEND = """
MATCH (:User {id: $user})-[:Follows]->(:User)-[:Follows]->(w:User)
WHERE w.id <> $user
WITH w.id AS id, count(*) AS paths
WHERE NOT EXISTS { MATCH (:User {id: $user})-[:Follows]->(v:User) WHERE v.id = id }
RETURN id, paths ORDER BY paths DESC, id LIMIT $limit
"""


class Ladybug(Peer):
    """A graph database by columns."""

    def __init__(self, engine: Any) -> None:
        self.engine = engine

    def version(self) -> str:
        return f"{self.engine.__name__} {self.engine.__version__}"

    def connect(self, store: Path) -> tuple[Any, Any]:
        """The database and a connection to it."""
        database = self.engine.Database(str(store / "graph.db"), max_num_threads=THREADS)
        return database, self.engine.Connection(database, num_threads=THREADS)

    def load(self, graph: GraphFiles, store: Path) -> None:
        database, connection = self.connect(store)
        for statement in SCHEMA:
            connection.execute(statement)
        connection.execute(f"COPY User FROM '{graph.nodes}' (header = false)")
        connection.execute(LOAD.format(edges=graph.edges))
        connection.execute("CHECKPOINT")
        connection.close()
        database.close()

    def edge_count(self, store: Path) -> int:
        _, connection = self.connect(store)
        return int(rows(connection, COUNT, {})[0][0])

    def neighbors(self, store: Path, labels: list[int]) -> Iterator[tuple[list[int], list[int]]]:
        _, connection = self.connect(store)
        for label in labels:
            outward, inward = (rows(connection, query, {"user": label}) for query in (OUTWARD, INWARD))
            yield [row[0] for row in outward], [row[0] for row in inward]

    def recommend(self, store: Path, users: list[int], limit: int) -> Iterator[tuple[float, Suggestions]]:
        _, connection = self.connect(store)

        def answer(user: int, limit: int) -> Suggestions:
            return [(row[0], row[1]) for row in rows(connection, RECOMMEND, {"user": user, "limit": limit})]

        for user in users:
            yield timed(answer, user, limit)


def rows(connection: Any, query: str, given: dict[str, int]) -> list[Any]:
    """All rows of an answer."""
    result = connection.execute(query, given)
    found = []
    while result.has_next():
        found.append(result.get_next())
    return found


def make() -> Peer:
    """The first of the packages that is installed."""
    (names,) = PEERS["ladybug"].packages
    name = next(name for name in names if importlib.util.find_spec(name) is not None)
    return Ladybug(importlib.import_module(name))
