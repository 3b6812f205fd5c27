"""Kith, by its command where it loads, and by `Driver` where it is asked: a store held open by the library, asked by
lines of JSON, which times inside what others are timed for from Python."""

import json
import os
import subprocess
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy

from graph import GraphFiles
from peers.peer import LabelPairs, Peer, Scores, Session, Suggestions, Walk

# More results than there can be: node ids are 32 bits wide.
LIMIT_NONE = 2**32


class Driver:
    """The driver's process."""

    def __init__(self, store: Path) -> None:
        command = [os.environ["KITH_DRIVER"], str(store)]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.open_seconds = float(self.answer()["seconds"])

    def answer(self) -> dict[str, Any]:
        """The next line."""
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        if not line:
            raise EOFError(f"the driver ended with {self.process.wait()}")
        answer: dict[str, Any] = json.loads(line)
        return answer

    def ask(self, do: str, **given: Any) -> dict[str, Any]:
        """One question."""
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps({"do": do} | given) + "\n")
        self.process.stdin.flush()
        return self.answer()

    def close(self) -> None:
        assert self.process.stdin is not None
        self.process.stdin.close()
        self.process.wait()


class KithSession(Session):
    """A store behind a driver."""

    def __init__(self, store: Path) -> None:
        self.store = store
        self.driver = Driver(store)
        self.open_seconds = self.driver.open_seconds
        self.last: dict[str, Any] = {"seconds": self.driver.open_seconds}

    def timed(self, work: str, *given: Any) -> tuple[float, Any]:
        """What the library took, by its own clock."""
        answer = getattr(self, work)(*given)
        return float(self.last["seconds"]), answer

    def ask(self, do: str, **given: Any) -> Any:
        self.last = self.driver.ask(do, **given)
        return self.last.get("sum", self.last.get("results"))

    def edge_count(self) -> int:
        stats: dict[str, Any] = json.loads(run("stats", str(self.store), "--format", "json"))
        return int(stats["edges"]["follows"])

    def neighbors(self, label: int) -> tuple[list[int], list[int]]:
        outward, inward = self.driver.ask("neighbors", user=str(label))["neighbors"]
        return list(map(int, outward)), list(map(int, inward))

    def timed_each(self, work: str, questions: list[Any], seconds: float) -> list[tuple[float, Any]]:
        """Requests of users in one line, because the others are not woken up for each either."""
        if work != "paths":
            return super().timed_each(work, questions, seconds)
        users, limits = zip(*questions, strict=True)
        return self.each_paths(users, limits[0], seconds)

    def paths(self, user: int, limit: int) -> Suggestions:
        return self.each_paths([user], limit, 0)[0][1]

    def each_paths(self, users: Iterable[int], limit: int, seconds: float) -> list[tuple[float, Suggestions]]:
        answer = self.driver.ask("paths", users=list(map(str, users)), limit=limit, budget=seconds)
        return [(float(each["seconds"]), suggestions(each["results"])) for each in answer["each"]]

    def lists(self, labels: LabelPairs) -> int:
        return int(self.ask("lists", nodes=list(map(str, labels.tolist()))))

    def label_sum(self, labels: LabelPairs) -> int:
        return int(self.ask("labels", nodes=list(map(str, labels.tolist()))))

    def edges(self, pairs: LabelPairs) -> int:
        return int(self.ask("edges", pairs=texts(pairs)))

    def pagerank(self, walk: Walk, limit: int) -> Suggestions:
        tolerance = {} if walk.tolerance is None else {"tolerance": walk.tolerance}
        return suggestions(self.ask("pagerank", user=str(walk.user), limit=limit, restart=walk.restart, **tolerance))

    def scores(self, walk: Walk) -> Scores:
        found = numpy.array(self.pagerank(walk, LIMIT_NONE)).reshape(-1, 2)
        scores = numpy.zeros(int(found[:, 0].max(initial=0)) + 1)
        scores[found[:, 0].astype(numpy.int64)] = found[:, 1]
        return scores

    def insert(self, pairs: LabelPairs) -> int:
        return int(self.ask("insert", pairs=texts(pairs)))

    def close(self) -> None:
        self.driver.close()


class Kith(Peer):
    """The store this project makes."""

    def version(self) -> str:
        return run("--version").strip()

    def load(self, graph: GraphFiles, store: Path) -> None:
        run("load", str(store / "graph.kith"), "--edges", f"follows={graph.edges}", "--format", "json")

    def open(self, graph: GraphFiles, store: Path) -> Session:
        return KithSession(store / "graph.kith")


def run(*arguments: str) -> str:
    """What one kith command printed."""
    command = [os.environ["KITH_EXECUTABLE"], *arguments]
    return subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout


def suggestions(results: list[list[Any]]) -> Suggestions:
    """The driver's results."""
    return [(int(key), float(score)) for key, score in results]


def texts(pairs: LabelPairs) -> list[list[str]]:
    """Pairs of keys, which are texts in JSON."""
    return [[str(source), str(target)] for source, target in pairs.tolist()]


def make() -> Peer:
    """Kith as built by `packages.build_kith`."""
    return Kith()
