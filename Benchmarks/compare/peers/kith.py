"""Kith, by its command: a process a load, a process a neighbour list, one process for all recommendations."""

import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from graph import GraphFiles
from peers.peer import Peer, Suggestions

# More neighbours than any node can have: node ids are 32 bits wide.
LIMIT_NONE = str(2**32)


class Kith(Peer):
    """The store this project makes."""

    def __init__(self) -> None:
        self.executable = os.environ["KITH_EXECUTABLE"]

    def run(self, *arguments: str, given: str | None = None) -> str:
        """What one kith command printed."""
        command = [self.executable, *arguments]
        return subprocess.run(command, input=given, stdout=subprocess.PIPE, text=True, check=True).stdout

    def version(self) -> str:
        return self.run("--version").strip()

    def load(self, graph: GraphFiles, store: Path) -> None:
        self.run("load", str(store / "graph.kith"), "--edges", f"follows={graph.edges}", "--format", "json")

    def edge_count(self, store: Path) -> int:
        stats: dict[str, Any] = json.loads(self.run("stats", str(store / "graph.kith"), "--format", "json"))
        return int(stats["edges"]["follows"])

    def neighbors(self, store: Path, labels: list[int]) -> Iterator[tuple[list[int], list[int]]]:
        for label in labels:
            yield self.neighbor_list(store, label), self.neighbor_list(store, label, "--in")

    def neighbor_list(self, store: Path, label: int, *direction: str) -> list[int]:
        """One neighbour list."""
        asked = ("--via", "follows", "--limit", LIMIT_NONE, "--format", "json")
        page = json.loads(self.run("neighbors", str(store / "graph.kith"), str(label), *asked, *direction))
        return [int(neighbor["key"]) for neighbor in page["neighbors"]]

    def recommend(self, store: Path, users: list[int], limit: int) -> Iterator[tuple[float, Suggestions]]:
        asked = ("--users", "-", "--by", "friends-of-friends", "--via", "follows", "--score", "paths")
        given = "".join(f"{user}\n" for user in users)
        lines = self.run("recommend", str(store / "graph.kith"), *asked, "--limit", str(limit), given=given)
        for line in lines.splitlines():
            answer = json.loads(line)
            suggestions = [(int(result["user"]), int(result["score"])) for result in answer["results"]]
            yield float(answer["milliseconds"]), suggestions


def make() -> Peer:
    """Kith as built by `packages.build_kith`."""
    return Kith()
