"""One graph file and two files of interests, the same work on them by Kith and by its peers, side by side.

    graph file -> load (R rounds, in turn) -> check the stores -> the same questions (R rounds) -> inserts (R rounds)
    interests  -> similar people (R rounds)                    -> tables and plots

A peer that cannot be installed, or fails, or has no such thing, stands in the table with the reason. The exit code is 1
when Kith fails, when a store disagrees with the file, or an answer with Kith's or SciPy's.
"""

import argparse
import json
import os
import tempfile
from pathlib import Path

import machine
import measuring
from children import ChildFailed, ask, run
from graph import GraphFiles
from measuring import say
from packages import ROOT, build_kith, missing_package
from peers import PEERS
from report import Comparison
from tables import markdown

WORKS = ("paths", "pagerank", "lists", "edges", "inserts", "interests")

# (edges a transaction, transactions a round)
BATCHES = [(1, 100), (1000, 5), (10_000, 2)]

INTERESTS = Path(__file__).with_name("interests.py")


def add_options(parser: argparse.ArgumentParser) -> None:
    """The command line."""
    parser.add_argument("--scale", type=int, default=20, help="2^SCALE labels (20)")
    parser.add_argument("--edge-factor", type=int, default=16, help="edges a label (16)")
    parser.add_argument("--seed", type=int, default=1, help="of the graph and of the samples (1)")
    parser.add_argument("--rounds", type=int, default=3, help="of each work, the peers in turn (3)")
    parser.add_argument("--peers", default=",".join(PEERS), help=f"which, by comma; kith always is ({','.join(PEERS)})")
    parser.add_argument("--work", default=",".join(WORKS), help=f"which besides load, by comma ({','.join(WORKS)})")
    parser.add_argument("--nodes", type=int, default=1000, help="nodes whose lists are checked in every store (1000)")
    parser.add_argument("--users", type=int, default=100, help="users asked for friends of friends (100)")
    parser.add_argument("--walkers", type=int, default=3, help="the first of them, asked for PageRank (3)")
    parser.add_argument("--restart", type=float, default=0.15, help="PageRank's (0.15)")
    parser.add_argument("--tolerance", type=float, default=1e-6, help="PageRank's greatest L1 error (1e-6)")
    parser.add_argument("--seconds", type=float, default=6, help="a peer's for a work in a round, about (6)")
    parser.add_argument("--answer-threads", type=int, default=2, help="DuckDB's and Ladybug's when they are asked (2)")
    parser.add_argument("--load-seconds", type=float, default=60, help="a load that took longer is not repeated (60)")
    parser.add_argument("--data", type=Path, default=ROOT / "../shared/data", help="lastfm and deezer are in there")
    parser.add_argument("--work-folder", type=Path, help="keep graph and stores here; a temporary folder unless given")
    parser.add_argument("--output", type=Path, metavar="FOLDER", help="write comparison.md, .json and plots there")


def check_options(chosen: argparse.Namespace, parser: argparse.ArgumentParser) -> None:
    """Refuses what makes no sense."""
    for peer in chosen.peers.split(","):
        if peer not in PEERS:
            parser.error(f"there is no peer '{peer}'; the peers are {', '.join(PEERS)}")
    for work in filter(None, chosen.work.split(",")):
        if work not in WORKS:
            parser.error(f"there is no work '{work}'; the works are {', '.join(WORKS)}")
    if min(chosen.scale, chosen.edge_factor, chosen.rounds, chosen.nodes, chosen.users, chosen.walkers) < 1 or chosen.answer_threads < 1:
        parser.error("--scale, --edge-factor, --rounds, --nodes, --users, --walkers and --answer-threads start at 1")
    if not 0 < chosen.restart < 1 or chosen.tolerance <= 0 or chosen.seconds <= 0:
        parser.error("--restart lies between 0 and 1; --tolerance and --seconds are above 0")


def measure(chosen: argparse.Namespace, work: Path) -> Comparison:
    """The whole comparison, in `work`."""
    os.environ["COMPARE_WORK"] = str(work)
    os.environ["COMPARE_ANSWER_THREADS"] = str(chosen.answer_threads)
    works = [name for name in WORKS if name in chosen.work.split(",")]
    names = ["kith"] + [name for name in dict.fromkeys(chosen.peers.split(",")) if name != "kith"]
    reports = measuring.install(names)
    say(f"making the graph in {work}")
    graph, stores = GraphFiles(work / "graph"), work / "stores"
    shape = {key: getattr(chosen, key) for key in ("scale", "edge_factor", "seed", "nodes", "users")}
    inserts = measuring.inserts_a_round(BATCHES) * chosen.rounds
    size = ask("kith", "prepare", graph.folder, work, shape | {"inserts": inserts})
    if "pagerank" in works:
        say("PageRank by SciPy, for the check")
        ask("kith", "rank", graph.folder, work, {"users": chosen.walkers, "restart": chosen.restart})
    measuring.load(reports, graph, stores, chosen.rounds, chosen.load_seconds)
    measuring.check(reports, graph, stores, json.loads(graph.reference.read_text())["digests"])
    settings = {key: getattr(chosen, key) for key in ("seconds", "load_seconds", "walkers", "restart", "tolerance")}
    questions = [name for name in works if name not in ("inserts", "interests")]
    if "pagerank" in questions:
        questions.append("serving")
    if questions:
        measuring.query(reports, graph, stores, chosen.rounds, settings | {"works": questions})
    if "inserts" in works:
        measuring.insert(reports, graph, stores, chosen.rounds, settings | {"batches": BATCHES})
    facts = shape | settings | size | {"rounds": chosen.rounds, "works": works, "batches": BATCHES}
    facts["answer_threads"] = chosen.answer_threads
    return Comparison(facts, machine.describe(), reports, interests(chosen) if "interests" in works else {})


def interests(chosen: argparse.Namespace) -> dict[str, dict[str, object]]:
    """What interests.py says of each data set, or why it says nothing."""
    # Not before: what this process holds is the least peak a child can show.
    from interests import files

    found: dict[str, dict[str, object]] = {}
    failure = missing_package((("implicit",),))
    for name, (path, _) in files(chosen.data).items():
        say(f"interests: {name}")
        if failure is not None or not path.exists():
            found[name] = {"cannot": failure or f"there is no {path.name} in the data folder"}
            continue
        try:
            found[name] = run("interests", str(INTERESTS), str(chosen.data), name, str(chosen.rounds))
        except ChildFailed as failed:
            found[name] = {"cannot": str(failed)}
    return found


def main(chosen: argparse.Namespace) -> int:
    """Runs the comparison; 0 when every store and answer agrees."""
    say("building kith")
    build_kith()
    with tempfile.TemporaryDirectory(prefix="kith-compare-") as temporary:
        work = (chosen.work_folder or Path(temporary)).resolve()
        work.mkdir(parents=True, exist_ok=True)
        comparison = measure(chosen, work)
    # Not before, as above.
    from plots import draw_comparison

    if chosen.output is not None:
        # First what took long.
        chosen.output.mkdir(parents=True, exist_ok=True)
        (chosen.output / "comparison.json").write_text(json.dumps(comparison.as_json(), indent=1) + "\n")
    text = markdown(comparison)
    print(text)
    if chosen.output is not None:
        (chosen.output / "comparison.md").write_text(text)
        draw_comparison(comparison, chosen.output)
    say("done" if comparison.agrees else "done; not everything agrees")
    return 0 if comparison.agrees else 1
