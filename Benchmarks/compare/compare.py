"""One graph file, loaded into Kith and into its peers, each measured in a process of its own.

    graph file ──> load (R rounds, interleaved) ──> check that the stores agree ──> the same queries ──> table

A peer that cannot be installed, or fails, stands in the table with the reason. The exit code is 1 when Kith fails, when
a store disagrees with the file, or an answer with Kith's.
"""

import argparse
import json
import os
import platform
import shutil
import sys
import tempfile
from pathlib import Path

from children import ChildFailed, ask
from graph import GraphFiles
from packages import build_kith, missing_package
from peers import PEERS
from report import Comparison, PeerReport, markdown


def options() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(
        prog="run", description="Load one R-MAT graph into Kith and its peers; compare time, memory, disk and answers."
    )
    parser.add_argument("--scale", type=int, default=20, help="2^SCALE labels (20)")
    parser.add_argument("--edge-factor", type=int, default=16, help="edges a label (16)")
    parser.add_argument("--seed", type=int, default=1, help="of the graph and of the samples (1)")
    parser.add_argument("--rounds", type=int, default=3, help="loads of each peer, interleaved (3)")
    parser.add_argument("--peers", default=",".join(PEERS), help=f"which, by comma; kith always is ({','.join(PEERS)})")
    parser.add_argument("--nodes", type=int, default=1000, help="nodes whose lists are checked in every store (1000)")
    parser.add_argument("--users", type=int, default=100, help="users asked for friends of friends; 0: none (100)")
    parser.add_argument("--work-folder", type=Path, help="keep graph and stores here; a temporary folder unless given")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write every measurement there")
    chosen = parser.parse_args()
    for peer in chosen.peers.split(","):
        if peer not in PEERS:
            parser.error(f"there is no peer '{peer}'; the peers are {', '.join(PEERS)}")
    if min(chosen.scale, chosen.edge_factor, chosen.rounds, chosen.nodes) < 1 or chosen.users < 0:
        parser.error("--scale, --edge-factor, --rounds and --nodes start at 1, --users at 0")
    return chosen


def say(text: str) -> None:
    """Progress goes to standard error: standard output is the table's."""
    print(f"compare: {text}", file=sys.stderr, flush=True)


def machine() -> dict[str, str | int]:
    """Where the numbers were measured."""
    model = next(
        (
            line.split(":", 1)[1].strip()
            for line in Path("/proc/cpuinfo").read_text().splitlines()
            if "model name" in line
        ),
        platform.processor(),
    )
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return {"cpu": model, "cores": os.cpu_count() or 0, "memoryBytes": memory, "kernel": platform.release()}


def install(names: list[str]) -> list[PeerReport]:
    """A report for each peer; those that cannot be installed already carry their reason."""
    reports = []
    for name in names:
        report = PeerReport(name, PEERS[name].title, PEERS[name].how)
        report.failure = missing_package(PEERS[name].packages)
        reports.append(report)
    return reports


def load_round(number: int, reports: list[PeerReport], graph: GraphFiles, stores: Path) -> None:
    """Loads every peer once. Each round starts with another peer, so that none always follows the same neighbour."""
    first = number % len(reports)
    for report in reports[first:] + reports[:first]:
        if report.failure is not None:
            continue
        store = stores / report.name
        shutil.rmtree(store, ignore_errors=True)
        store.mkdir(parents=True)
        os.sync()
        try:
            report.loads.append(ask(report.name, "load", graph.folder, store))
        except ChildFailed as failed:
            report.failure = str(failed)
            continue
        say(f"round {number + 1}: {report.name} {report.loads[-1]['seconds']:.2f} s")


def check(reports: list[PeerReport], graph: GraphFiles, stores: Path) -> None:
    """Compares the neighbour lists of the last round's stores with the file itself, and counts their edges."""
    expected = json.loads(graph.reference.read_text())
    for report in (r for r in reports if r.failure is None):
        say(f"checking {report.name}")
        try:
            found = ask(report.name, "check", graph.folder, stores / report.name)
        except ChildFailed as failed:
            report.failure = str(failed)
            continue
        report.edges = found["edges"]
        report.nodes_checked = len(expected)
        report.nodes_differing = sum(a != b for a, b in zip(expected, found["digests"], strict=True))


def query(reports: list[PeerReport], graph: GraphFiles, stores: Path) -> None:
    """Asks every store for the same users' friends of friends."""
    for report in (r for r in reports if r.failure is None):
        say(f"querying {report.name}")
        try:
            report.answers = ask(report.name, "recommend", graph.folder, stores / report.name)["answers"]
        except ChildFailed as failed:
            report.failure = str(failed)


def compare(chosen: argparse.Namespace, work: Path) -> Comparison:
    """The whole comparison, in `work`."""
    say("building kith")
    os.environ["KITH_EXECUTABLE"] = str(build_kith())
    names = ["kith"] + [name for name in dict.fromkeys(chosen.peers.split(",")) if name != "kith"]
    reports = install(names)
    say(f"making the graph in {work}")
    graph = GraphFiles(work / "graph")
    wanted = {key: getattr(chosen, key) for key in ("scale", "edge_factor", "seed", "nodes", "users")}
    size = ask("kith", "prepare", graph.folder, work, wanted)
    for number in range(chosen.rounds):
        load_round(number, reports, graph, work / "stores")
    check(reports, graph, work / "stores")
    if chosen.users > 0:
        query(reports, graph, work / "stores")
    return Comparison(wanted | {"rounds": chosen.rounds} | size, machine(), reports)


def main() -> int:
    """Runs the comparison; 0 when every store and answer agrees."""
    chosen = options()
    with tempfile.TemporaryDirectory(prefix="kith-compare-") as temporary:
        work = (chosen.work_folder or Path(temporary)).resolve()
        work.mkdir(parents=True, exist_ok=True)
        comparison = compare(chosen, work)
    print(markdown(comparison))
    if chosen.json is not None:
        chosen.json.write_text(json.dumps(comparison.as_json(), indent=2) + "\n")
    return 0 if comparison.agrees else 1


if __name__ == "__main__":
    sys.exit(main())
