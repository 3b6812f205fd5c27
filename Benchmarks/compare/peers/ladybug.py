"""Ladybug, which carries on Kuzu: a graph database with the same embedded form as Kith, asked in Cypher.

Whichever of the packages is installed is used; they have the same interface.
"""

import importlib
import importlib.util
from pathlib import Path
from typing import Any

from graph import GraphFiles
from peers import PEERS
from peers.peer import ANSWER_THREADS, THREADS, LabelPairs, Peer, Session, Suggestions

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
LIST = "MATCH (:User {id: $user})-[:Follows]->(w:User) RETURN sum(w.id)"
EDGE = "MATCH (:User {id: $source})-[:Follows]->(:User {id: $target}) RETURN count(*)"
# Whether the edge is there is not looked up: MERGE in place of CREATE would, and takes longer. Many edges by one UNWIND
# took 10 GB and minutes on a large graph.
INSERT = """
MATCH (u:User {id: $source}), (w:User {id: $target})
CREATE (u)-[follows:Follows]->(w)
RETURN count(follows)
"""
# The fastest of five ways to write the exclusion: after the paths are counted, looked up by the candidate's key.
RECOMMEND = """
MATCH (:User {id: $user})-[:Follows]->(:User)-[:Follows]->(w:User)
WHERE w.id <> $user
WITH w.id AS id, count(*) AS paths
WHERE NOT EXISTS { MATCH (:User {id: $user})-[:Follows]->(v:User) WHERE v.id = id }
RETURN id, paths ORDER BY paths DESC, id LIMIT $limit
"""


class LadybugSession(Session):
    """One connection."""

    cannot = {"pagerank": "a loop over Cypher", "serving": "a loop over Cypher"}

    def __init__(self, engine: Any, store: Path) -> None:
        self.database, self.connection = connect(engine, store, ANSWER_THREADS)

    def edge_count(self) -> int:
        return int(rows(self.connection, COUNT, {})[0][0])

    def neighbors(self, label: int) -> tuple[list[int], list[int]]:
        outward, inward = (rows(self.connection, query, {"user": label}) for query in (OUTWARD, INWARD))
        return [row[0] for row in outward], [row[0] for row in inward]

    def paths(self, user: int, limit: int) -> Suggestions:
        return [(row[0], row[1]) for row in rows(self.connection, RECOMMEND, {"user": user, "limit": limit})]

    def lists(self, labels: LabelPairs) -> int:
        return self.total(LIST, [{"user": label} for label in labels.tolist()])

    def edges(self, pairs: LabelPairs) -> int:
        return self.total(EDGE, [{"source": source, "target": target} for source, target in pairs.tolist()])

    def total(self, query: str, given: list[dict[str, int]]) -> int:
        """The sum of a query's one number over what it is given; prepared once, all in one read transaction."""
        prepared = self.connection.prepare(query)
        self.connection.execute("BEGIN TRANSACTION READ ONLY")
        found = [rows(self.connection, prepared, values)[0][0] for values in given]
        self.connection.execute("COMMIT")
        return int(sum(found))

    def insert(self, pairs: LabelPairs) -> int:
        prepared = self.connection.prepare(INSERT)
        self.connection.execute("BEGIN TRANSACTION")
        given = [{"source": source, "target": target} for source, target in pairs.tolist()]
        added = [rows(self.connection, prepared, values)[0][0] for values in given]
        self.connection.execute("COMMIT")
        return int(sum(added))

    def close(self) -> None:
        self.connection.close()
        self.database.close()


class Ladybug(Peer):
    """A graph database by columns."""

    def __init__(self, engine: Any) -> None:
        self.engine = engine

    def version(self) -> str:
        return f"{self.engine.__name__} {self.engine.__version__}"

    def load(self, graph: GraphFiles, store: Path) -> None:
        database, connection = connect(self.engine, store, THREADS)
        for statement in SCHEMA:
            connection.execute(statement)
        connection.execute(f"COPY User FROM '{graph.nodes}' (header = false)")
        connection.execute(LOAD.format(edges=graph.edges))
        connection.execute("CHECKPOINT")
        connection.close()
        database.close()

    def open(self, graph: GraphFiles, store: Path) -> Session:
        return LadybugSession(self.engine, store)


def connect(engine: Any, store: Path, threads: int) -> tuple[Any, Any]:
    """The database and a connection to it, both with so many threads."""
    database = engine.Database(str(store / "graph.db"), max_num_threads=threads)
    return database, engine.Connection(database, num_threads=threads)


def rows(connection: Any, query: Any, given: dict[str, Any]) -> list[Any]:
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
