"""How cost grows: the same questions at each scale, by Kith and by plain C in memory, and the exponents that fit.

    cost = c edges^k      k is the slope of the least-squares line through the points on two logarithmic axes

Load, bytes an edge, friends of friends, PageRank (exact and serving), open time and the peak memory of loading and of
answering. k = 1 means that twice the edges cost twice as much, k = 0 that they cost no more.
"""

import argparse
import json
import math
import os
import shutil
import tempfile
from pathlib import Path
from statistics import linear_regression, mean, median
from typing import Any

import machine
import measuring
import peers
from children import ask
from graph import GraphFiles
from measuring import say
from packages import build_kith
from report import PeerReport, same, spread
from tables import table

PEERS = ("kith", "plain-c")

# What the largest graph needs beside its stores, times: text, arrays of the check, the load's temporary files.
BYTES_AN_EDGE = 60

# (key, title, unit); what `figures_of` finds.
FIGURES = (
    ("load", "Load", "seconds"),
    ("bytes", "Bytes an edge", "bytes"),
    ("paths", "Friends of friends, mean", "milliseconds"),
    ("pagerank", "PageRank, exact, mean", "milliseconds"),
    ("serving", "PageRank, serving mode, mean", "milliseconds"),
    ("open", "Opening", "milliseconds"),
    ("loadPeak", "Peak memory of a load", "MiB"),
    ("askPeak", "Peak memory of answering", "MiB"),
)


def add_options(parser: argparse.ArgumentParser) -> None:
    """The command line."""
    parser.add_argument("--scales", default="16-22", help="FROM-TO, of 16 to 25 what memory and disk hold (16-22)")
    parser.add_argument("--edge-factor", type=int, default=16, help="edges a label (16)")
    parser.add_argument("--seed", type=int, default=1, help="of the graph and of the samples (1)")
    parser.add_argument("--rounds", type=int, default=3, help="of each work, in turn (3)")
    parser.add_argument("--once-from", type=int, default=23, help="scales from here on are measured in one round (23)")
    parser.add_argument("--users", type=int, default=100, help="users asked for friends of friends (100)")
    parser.add_argument("--walkers", type=int, default=3, help="the first of them, asked for PageRank (3)")
    parser.add_argument("--restart", type=float, default=0.15, help="PageRank's (0.15)")
    parser.add_argument("--tolerance", type=float, default=1e-4, help="PageRank's greatest L1 error (1e-4)")
    parser.add_argument("--seconds", type=float, default=20, help="a peer's for a work in a round, about (20)")
    parser.add_argument("--work-folder", type=Path, help="graphs and stores go here, one scale at a time")
    parser.add_argument("--output", type=Path, metavar="FOLDER", help="write growth.md, .json and plots there")


def check_options(chosen: argparse.Namespace, parser: argparse.ArgumentParser) -> None:
    """Refuses what makes no sense."""
    first, _, last = chosen.scales.partition("-")
    if not (first.isdigit() and (last or first).isdigit() and 8 <= int(first) <= int(last or first) <= 28):
        parser.error("--scales is FROM-TO, within 8 to 28")
    chosen.scales = range(int(first), int(last or first) + 1)
    if min(chosen.edge_factor, chosen.rounds, chosen.users, chosen.walkers) < 1:
        parser.error("--edge-factor, --rounds, --users and --walkers start at 1")


def measure_scale(scale: int, chosen: argparse.Namespace, work: Path) -> dict[str, Any]:
    """All figures of one scale, by peer."""
    graph, stores = GraphFiles(work / "graph"), work / "stores"
    say(f"scale {scale}: making the graph")
    shape = {"scale": scale, "edge_factor": chosen.edge_factor, "seed": chosen.seed, "nodes": 0, "users": chosen.users}
    size = ask("kith", "prepare", graph.folder, work, shape | {"inserts": 1})
    reports = measuring.install(list(PEERS))
    rounds = chosen.rounds if scale < chosen.once_from else 1
    measuring.load(reports, graph, stores, rounds)
    settings = {key: getattr(chosen, key) for key in ("seconds", "walkers", "restart", "tolerance")}
    questions = settings | {"works": ["paths", "pagerank", "serving"], "checks": False}
    measuring.query(reports, graph, stores, rounds, questions)
    found: dict[str, Any] = {"scale": scale} | size
    kith, plain = reports
    if kith.failure is None and plain.failure is None:
        pairs = zip(*(report.asked[0]["works"]["paths"]["answers"] for report in reports), strict=False)
        if differing := sum(not same(*pair) for pair in pairs):
            kith.failure = f"{differing} users' friends of friends are not plain C's"
    for report in reports:
        if report.failure is not None:
            found[report.name] = {"failure": report.failure}
        else:
            found[report.name] = figures_of(report, size["edges"])
    shutil.rmtree(graph.folder)
    shutil.rmtree(stores)
    return found


def figures_of(report: PeerReport, edges: int) -> dict[str, list[float]]:
    """A peer's figures, one a round each; what it cannot do, or has no use for, is not among them."""
    figures = {"load": report.figures("seconds")}
    figures["loadPeak"] = [peak / (1 << 20) for peak in report.figures("peakBytes")]
    if report.is_durable:
        figures["bytes"] = [size / edges for size in report.figures("diskBytes")]
        figures["open"] = [1000 * asked["openSeconds"] for asked in report.asked]
    figures["askPeak"] = [asked["peakBytes"] / (1 << 20) for asked in report.asked]
    for work in ("paths", "pagerank", "serving"):
        if report.cannot(work) is None:
            figures[work] = [1000 * mean(taken) for taken in report.seconds(work)]
    return figures


def exponent(sizes: list[float], figures: list[float]) -> float | None:
    """The k of cost = c size^k."""
    if len(set(sizes)) < 2:
        return None
    return linear_regression([math.log(size) for size in sizes], [math.log(figure) for figure in figures]).slope


def points(found: list[dict[str, Any]], peer: str, key: str) -> tuple[list[float], list[float]]:
    """Edges and medians of a figure, by scale."""
    able = [scale for scale in found if key in scale[peer]]
    return [scale["edges"] for scale in able], [median(scale[peer][key]) for scale in able]


def markdown(found: list[dict[str, Any]], chosen: argparse.Namespace) -> str:
    """A table of figures by scale, and the exponents."""
    place = machine.describe()
    scales = [str(scale["scale"]) for scale in found]
    head = ["what", *(f"scale {scale}" for scale in scales), "exponent"]
    rows = [["edges", *(f"{scale['edges']:,}" for scale in found), ""]]
    for key, title, unit in FIGURES:
        for peer in PEERS:
            sizes, medians = points(found, peer, key)
            if not sizes:
                continue
            digits = 0 if unit == "MiB" else 2
            cells = [spread(scale[peer][key], digits) if key in scale[peer] else "-" for scale in found]
            slope = exponent(sizes, medians)
            rows.append(
                [f"{title}, {unit}: {peers.PEERS[peer].title}", *cells, "-" if slope is None else f"{slope:.2f}"]
            )
    failures = [
        f"- scale {scale['scale']}, {peer}: {scale[peer]['failure']}"
        for scale in found
        for peer in PEERS
        if "failure" in scale[peer]
    ]
    return (
        "# How cost grows\n\n"
        f"R-MAT, edge factor {chosen.edge_factor}, seed {chosen.seed}; {chosen.rounds} rounds in turn, as median "
        f"(least-greatest), one from scale {chosen.once_from} on; "
        f"PageRank at restart {chosen.restart:g}, exact to an L1 error of {chosen.tolerance:g}. "
        f"{place['cpu']}, {place['cores']} cores, {place['memoryBytes'] / (1 << 30):.0f} GiB, Linux {place['kernel']}. "
        "The exponent is the k of cost = c edges^k.\n\n" + table(head, rows) + "\n" + "\n".join(["", *failures]) + "\n"
    )


def draw(found: list[dict[str, Any]], folder: Path) -> None:
    """A plot for each figure."""
    # Not before: what this process holds is the least peak a child can show.
    from plots import Line, lines

    for key, title, unit in FIGURES:
        drawn = []
        for peer in PEERS:
            sizes, medians = points(found, peer, key)
            slope = exponent(sizes, medians) if sizes else None
            if sizes:
                suffix = "" if slope is None else f", edges^{slope:.2f}"
                drawn.append(Line(peers.PEERS[peer].title + suffix, sizes, medians))
        lines(title, unit, drawn, folder / f"growth-{key}.svg")


def main(chosen: argparse.Namespace) -> int:
    """Measures scale by scale, while there is room; 1 when Kith failed at one."""
    say("building kith")
    build_kith()
    found = []
    with tempfile.TemporaryDirectory(prefix="kith-growth-") as temporary:
        work = (chosen.work_folder or Path(temporary)).resolve()
        work.mkdir(parents=True, exist_ok=True)
        os.environ["COMPARE_WORK"] = str(work)
        for scale in chosen.scales:
            needed = BYTES_AN_EDGE * chosen.edge_factor << scale
            if shutil.disk_usage(work).free < needed:
                say(f"scale {scale} needs {needed / 1e9:.0f} GB of disk, which is not free: stopped before it")
                break
            found.append(measure_scale(scale, chosen, work))
    text = markdown(found, chosen)
    print(text)
    if chosen.output is not None:
        chosen.output.mkdir(parents=True, exist_ok=True)
        (chosen.output / "growth.md").write_text(text)
        (chosen.output / "growth.json").write_text(json.dumps(found, indent=1) + "\n")
        draw(found, chosen.output)
    return 0 if all("failure" not in scale["kith"] for scale in found) else 1
