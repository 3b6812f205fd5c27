"""One file after the other: written, loaded, compared."""

import csv
import random
import tempfile
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from typing import Any

import duckdb
import igraph
import networkx
import polars

from sibling_files import network_writers, table_writers, text_writers
from sibling_files.command import BAD_DATA, DONE, USAGE, Answer, ExportFailure, Kith
from sibling_files.files import Undetermined, Writer, Written
from sibling_files.graphs import Graph, Row, single

# What the libraries throw where a graph is none that their format holds, or their reader fails at what they wrote.
REFUSALS = (
    Undetermined, csv.Error, duckdb.Error, igraph.InternalError, networkx.NetworkXException,
    polars.exceptions.PolarsError, IndexError, TypeError, ValueError,
)  # fmt: skip
# The code of an error that names the format of a file.
FOREIGN = "other-format"
UNDERSTOOD = (
    "format", "unwrapped", "delimiter", "quote", "comment", "header", "rowNames", "columns", "leftOut", "comments",
    "remarks",
)  # fmt: skip


class Verdict(Enum):
    """What became of a file."""

    SAME = "same"
    # Of a format that is not read, and named.
    NAMED = "named"
    REFUSED = "refused"
    # Another graph, a crash, no end.
    OTHER = "other"


@dataclass(frozen=True)
class Drawn:
    """A file that was written, and what it is called here."""

    name: str
    writer: str
    written: Written
    # Why there is no such file and `written` is another, where the command failed to write it.
    failure: str = ""


@dataclass(frozen=True)
class Trial:
    """A file and what became of it."""

    drawn: Drawn
    verdict: Verdict
    # The code of a refusal.
    code: str = ""
    message: str = ""
    understood: dict[str, object] = field(default_factory=dict)
    missing: frozenset[Row] = frozenset()
    extra: frozenset[Row] = frozenset()


class Bench:
    """Draws files and tries them; the same seed gives the same files."""

    def __init__(self, kith: Kith, seed: int) -> None:
        self.kith = kith
        self.seed = seed
        self.writers: dict[str, list[Writer]] = {
            "NetworkX": network_writers.NETWORKX,
            "igraph": network_writers.IGRAPH,
            "SciPy": network_writers.SCIPY,
            "pandas": table_writers.PANDAS,
            "polars": table_writers.POLARS,
            "DuckDB": table_writers.DUCKDB,
            "csv": text_writers.CSV,
            "R (imitated)": text_writers.R,
            "plain text": text_writers.PLAIN,
            "json": text_writers.JSON,
            "kith export": [kith.exported],
        }
        self.shares = dict.fromkeys(self.writers, 2) | {
            "NetworkX": 4, "pandas": 4, "csv": 4, "plain text": 4, "SciPy": 1, "json": 1,
        }  # fmt: skip

    def drawn(self, number: int) -> tuple[Drawn, list[str]]:
        """The file of this number, and the writers whose files before it were not determined.

        To be called on the main thread, on which alone igraph throws its errors.
        """
        name = f"{self.seed}/{number}"
        rng = random.Random(name)
        undetermined: list[str] = []
        while True:
            [writer] = rng.choices(list(self.shares), weights=list(self.shares.values()))
            with tempfile.TemporaryDirectory() as folder:
                try:
                    return Drawn(name, writer, rng.choice(self.writers[writer])(rng, Path(folder))), undetermined
                except ExportFailure as failure:
                    return Drawn(name, writer, failure.source, str(failure)), undetermined
                except REFUSALS:
                    undetermined.append(writer)

    def tried(self, drawn: Drawn) -> Trial:
        """Loads a file and compares."""
        if drawn.failure:
            return Trial(drawn, Verdict.OTHER, message=drawn.failure)
        written = drawn.written
        with tempfile.TemporaryDirectory() as folder:
            file, store = Path(folder, f"file{written.ending}"), Path(folder, "loaded.kith")
            file.write_bytes(written.data)
            answer = self.kith.load(store, written.graph.edge_type, file)
            if answer.code == DONE:
                return self.compared(drawn, store, answer)
        if answer.code not in (USAGE, BAD_DATA):
            return Trial(drawn, Verdict.OTHER, message=f"exit code {answer.code}: {answer.message}")
        code = answer.report.get("error", {}).get("code", "?")
        verdict = Verdict.NAMED if written.is_foreign and code == FOREIGN else Verdict.REFUSED
        return Trial(drawn, verdict, code, answer.message.replace(f"{folder}/", ""))

    def compared(self, drawn: Drawn, store: Path, answer: Answer) -> Trial:
        """What became of a file that was loaded."""
        graph = drawn.written.graph
        try:
            edges = self.kith.edges(store, graph.edge_type)
        except RuntimeError as error:
            return Trial(drawn, Verdict.OTHER, message=str(error))
        found = frozenset(row_of(edge, graph) for edge in edges)
        if found == graph.rows and len(edges) == len(graph.edges):
            return Trial(drawn, Verdict.SAME)
        [report] = answer.report["files"]
        return Trial(
            drawn,
            Verdict.OTHER,
            understood={name: report[name] for name in UNDERSTOOD if report[name] not in (None, "none", [], 0, False)},
            missing=graph.rows - found,
            extra=found - graph.rows,
        )


def row_of(edge: dict[str, Any], graph: Graph) -> Row:
    """An exported edge as it is compared with those of a graph."""
    source, target = edge["from"], edge["to"]
    if not graph.is_directed:
        source, target = sorted((source, target))
    # Edges that accumulate have a time in any case: the present where the file has none.
    is_present = graph.has_weights and not graph.has_times
    weight = single(edge["weight"]) if "weight" in edge else None
    return source, target, weight, None if is_present else edge.get("time")
