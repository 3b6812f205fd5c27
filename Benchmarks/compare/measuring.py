"""Rounds of children: each peer in turn, what fails said and left out of the rest."""

import math
import os
import shutil
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from children import ChildFailed, ask
from graph import GraphFiles
from packages import missing_package
from peers import PEERS
from report import PeerReport

STARTED = time.monotonic()


def say(text: str) -> None:
    """Progress goes to standard error, with the time since the start: standard output is the table's."""
    minutes, seconds = divmod(int(time.monotonic() - STARTED), 60)
    print(f"compare {minutes:2}:{seconds:02} {text}", file=sys.stderr, flush=True)


def install(names: list[str]) -> list[PeerReport]:
    """A report for each peer; those that cannot be installed already carry their reason."""
    reports = []
    for name in names:
        say(f"installing {name}")
        peer = PEERS[name]
        report = PeerReport(name, peer.title, peer.how, peer.is_durable, missing_package(peer.packages))
        reports.append(report)
    return reports


def in_turn(number: int, reports: list[PeerReport], measure: Callable[[PeerReport], None]) -> None:
    """Measures every peer that has not failed. Each round starts with another peer, so that none always follows the
    same neighbour."""
    first = number % len(reports)
    for report in reports[first:] + reports[:first]:
        if report.failure is None:
            try:
                measure(report)
            except ChildFailed as failed:
                report.failure = str(failed)
                say(f"{report.name}: {failed}")


def load(
    reports: list[PeerReport], graph: GraphFiles, stores: Path, rounds: int, seconds_max: float = math.inf
) -> None:
    """Loads every peer so many times, one that took longer than `seconds_max` not again; the last store stays."""

    def once(report: PeerReport) -> None:
        if max(report.figures("seconds"), default=0) > seconds_max:
            return
        store = stores / report.name
        shutil.rmtree(store, ignore_errors=True)
        store.mkdir(parents=True)
        os.sync()
        report.loads.append(ask(report.name, "load", graph.folder, store))
        say(f"load, round {len(report.loads)}: {report.name} {report.loads[-1]['seconds']:.2f} s")

    for number in range(rounds):
        in_turn(number, reports, once)


def check(reports: list[PeerReport], graph: GraphFiles, stores: Path, expected: list[str]) -> None:
    """Compares the neighbour lists of the last round's stores with the file itself, and counts their edges."""

    def once(report: PeerReport) -> None:
        say(f"checking {report.name}")
        found = ask(report.name, "check", graph.folder, stores / report.name)
        report.edges = found["edges"]
        report.nodes_checked = len(expected)
        report.nodes_differing = sum(a != b for a, b in zip(expected, found["digests"], strict=True))

    in_turn(0, reports, once)


def query(reports: list[PeerReport], graph: GraphFiles, stores: Path, rounds: int, settings: dict[str, Any]) -> None:
    """Asks every store the same, so many times; PageRank is checked in the first round unless `checks` is set."""

    def once(report: PeerReport) -> None:
        wanted = {"checks": not report.asked} | settings
        report.asked.append(ask(report.name, "ask", graph.folder, stores / report.name, wanted))
        say(f"questions, round {len(report.asked)}: {report.name}")

    for number in range(rounds):
        in_turn(number, reports, once)


def insert(reports: list[PeerReport], graph: GraphFiles, stores: Path, rounds: int, settings: dict[str, Any]) -> None:
    """Adds edges to every store on disk, other ones in each round."""
    size = inserts_a_round(settings["batches"])

    def once(report: PeerReport) -> None:
        if not PEERS[report.name].is_durable:
            report.inserted.append({"cannot": "in memory: nothing is durable"})
            return
        wanted = settings | {"first": size * len(report.inserted)}
        report.inserted.append(ask(report.name, "insert", graph.folder, stores / report.name, wanted))
        say(f"inserts, round {len(report.inserted)}: {report.name}")

    for number in range(rounds):
        in_turn(number, reports, once)


def inserts_a_round(batches: list[tuple[int, int]]) -> int:
    """How many edges are added in a round."""
    return sum(size * times for size, times in batches)
