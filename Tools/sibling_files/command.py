"""The command `kith`: loads a file, exports a store, and writes files itself."""

import json
import random
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sibling_files.files import Undetermined, Written
from sibling_files.graphs import BLANK_ENDS, LINE_ENDS, random_graph

# How long one call may take.
SECONDS_MAX = 20
DONE, USAGE, BAD_DATA = 0, 64, 65
# Exit code of a call that was ended because it took too long.
HUNG = -1
# What export writes, and the ends of names. METIS and KONECT are read alone; DOT is for Graphviz, and told of by name.
EXPORT_ENDINGS = {
    "tsv": ".tsv", "csv": ".csv", "edges": ".edges", "jsonl": ".jsonl", "adjacency": ".adj", "mtx": ".mtx",
    "graphml": ".graphml", "dot": ".dot",
}  # fmt: skip


@dataclass(frozen=True)
class Answer:
    """What a call of the command came to."""

    code: int
    output: bytes = b""
    message: str = ""
    # What `--format json` prints: the report, or the error.
    report: dict[str, Any] = field(default_factory=dict)


class ExportFailure(Exception):
    """An export that ended neither well nor with a refusal."""

    def __init__(self, source: Written, message: str) -> None:
        super().__init__(message)
        # The file that the store was filled by.
        self.source = source


class Kith:
    """The command at a path."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def run(self, *arguments: str | Path) -> Answer:
        """One call, within the time limit."""
        command = [str(self.path), *map(str, arguments)]
        try:
            done = subprocess.run(command, capture_output=True, stdin=subprocess.DEVNULL, timeout=SECONDS_MAX)
        except subprocess.TimeoutExpired:
            return Answer(HUNG, message=f"no end after {SECONDS_MAX} seconds")
        return Answer(done.returncode, done.stdout, done.stderr.decode(errors="replace").strip())

    def load(self, store: Path, edge_type: str, file: Path) -> Answer:
        """Loads a file into a new store; the answer has the report."""
        answer = self.run("load", store, "--edges", f"{edge_type}={file}", "--format", "json")
        # An error is a line to read and a line of JSON, a report is JSON alone.
        message, _, error = answer.message.partition('\n{"error": ')
        try:
            report = json.loads(answer.output if answer.code == DONE else f'{{"error": {error}')
        except ValueError:
            report = {}
        return Answer(answer.code, message=message, report=report)

    def edges(self, store: Path, edge_type: str) -> list[dict[str, Any]]:
        """The edges that a store has.

        - Throws: `RuntimeError` if they cannot be had.
        """
        answer = self.run("export", store, "--edges", edge_type, "--file-format", "jsonl")
        if answer.code != DONE:
            raise RuntimeError(f"export ended with {answer.code}: {answer.message}")
        return [json.loads(line) for line in answer.output.splitlines()]

    def exported(self, rng: random.Random, folder: Path) -> Written:
        """`kith export`, in every format that it writes; the store is filled by JSON lines."""
        source, store = folder / "source.jsonl", folder / "source.kith"
        file_format, ending = rng.choice(list(EXPORT_ENDINGS.items()))
        # Edges that have weights here have times too, which these formats do not hold.
        has_values = False if file_format in ("adjacency", "mtx") else None
        graph = random_graph(rng, more=LINE_ENDS + BLANK_ENDS, has_weights=has_values, has_times=has_values)
        if file_format == "mtx":
            graph = graph.renamed(lambda place: place + 1)
        names = ["from", "to", *["weight"] * graph.has_weights, *["time"] * graph.has_times]
        lines = (json.dumps(dict(zip(names, edge.fields, strict=True))) for edge in graph.edges)
        source.write_text("".join(f"{line}\n" for line in lines))
        arguments = ["--edges", graph.edge_type, "--file-format", file_format]
        if file_format in ("tsv", "csv") and rng.random() < 0.3:
            arguments += ["--header", "neo4j"]
        path = folder / f"exported{ending}{rng.choice(['', '', '.gz'])}"
        settings = " ".join(arguments[2:])
        loaded = self.load(store, graph.edge_type, source)
        exported = self.run("export", store, *arguments, "--output", path) if loaded.code == DONE else loaded
        if loaded.code != DONE or exported.code not in (DONE, USAGE, BAD_DATA):
            message = f"exit code {exported.code}: {exported.message}"
            raise ExportFailure(Written(settings, source.suffix, source.read_bytes(), graph), message)
        if exported.code != DONE:
            raise Undetermined(exported.message)
        return Written(settings, "".join(path.suffixes), path.read_bytes(), graph, is_foreign=file_format == "dot")
