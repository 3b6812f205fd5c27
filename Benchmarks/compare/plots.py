"""Plots as small SVG files: text stays text, colours can be read on light and dark pages."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import mean, median

import matplotlib
from matplotlib import pyplot

from report import Comparison

matplotlib.use("svg")
matplotlib.rcParams.update(
    {
        "svg.fonttype": "none",
        "svg.hashsalt": "kith",
        "font.family": "sans-serif",
        "font.size": 10,
        "savefig.transparent": True,
        "text.color": "#808080",
        "axes.edgecolor": "#808080",
        "axes.labelcolor": "#808080",
        "xtick.color": "#808080",
        "ytick.color": "#808080",
        "axes.spines.top": False,
        "axes.spines.right": False,
    }
)

KITH, OTHERS = "#f05138", "#7a9cc6"
LINES = ("#f05138", "#7a9cc6", "#5fa55a", "#b98ac9")


@dataclass(frozen=True)
class Bar:
    """A peer's figure: median, least, greatest of the rounds."""

    title: str
    figures: list[float]
    is_kith: bool


@dataclass(frozen=True)
class Line:
    """A figure over sizes."""

    title: str
    sizes: Sequence[float]
    figures: Sequence[float]


def save(figure: "pyplot.Figure", path: Path) -> None:
    """Writes a figure, without the date, so that the same figures are the same file."""
    figure.savefig(path, format="svg", bbox_inches="tight", metadata={"Date": None})
    pyplot.close(figure)


def bars(title: str, unit: str, rows: list[Bar], path: Path) -> None:
    """Horizontal bars on a logarithmic axis, the spread of the rounds as a line, the figure beside it."""
    if not rows:
        return
    figure, axes = pyplot.subplots(figsize=(7, 0.6 + 0.36 * len(rows)))
    middles = [median(row.figures) for row in rows]
    spreads = [
        [middle - min(row.figures) for middle, row in zip(middles, rows, strict=True)],
        [max(row.figures) - middle for middle, row in zip(middles, rows, strict=True)],
    ]
    colours = [KITH if row.is_kith else OTHERS for row in rows]
    axes.barh(range(len(rows)), middles, xerr=spreads, color=colours, ecolor="#808080", height=0.7, log=True)
    axes.set_yticks(range(len(rows)), [row.title for row in rows])
    axes.invert_yaxis()
    axes.set_xlim(min(middles) / 2, max(middles) * 4)
    for place, (row, middle) in enumerate(zip(rows, middles, strict=True)):
        axes.text(max(row.figures) * 1.15, place, f"{middle:,.3g}" if middle < 1000 else f"{middle:,.0f}", va="center")
    axes.set_title(title, loc="left")
    axes.set_xlabel(unit)
    save(figure, path)


def lines(title: str, unit: str, drawn: list[Line], path: Path) -> None:
    """Lines on two logarithmic axes: a power is a straight line."""
    if not drawn:
        return
    figure, axes = pyplot.subplots(figsize=(7, 3.6))
    for colour, line in zip(LINES, drawn, strict=False):
        axes.loglog(line.sizes, line.figures, marker="o", color=colour, label=line.title)
    axes.grid(True, which="major", color="#808080", alpha=0.25)
    axes.set_title(title, loc="left")
    axes.set_xlabel("edges")
    axes.set_ylabel(unit)
    axes.legend(frameon=False)
    save(figure, path)


def draw_comparison(comparison: Comparison, folder: Path) -> None:
    """A plot for each work, of those peers that did it."""
    measured = [report for report in comparison.reports if report.loads and report.edges]
    edges = comparison.settings["edges"]

    def of(figures: dict[str, list[float]]) -> list[Bar]:
        return [Bar(r.title, figures[r.name], r is comparison.kith) for r in measured if r.name in figures]

    def by_work(work: str, figure: Callable[[list[float]], float]) -> list[Bar]:
        able = [report for report in measured if report.cannot(work) is None]
        return of({report.name: [figure(taken) for taken in report.seconds(work)] for report in able})

    bars("Load", "seconds", of({r.name: r.figures("seconds") for r in measured}), folder / "compare-load.svg")
    sizes = {r.name: [size / edges for size in r.figures("diskBytes")] for r in measured if r.is_durable}
    bars("Bytes an edge, both directions", "bytes", of(sizes), folder / "compare-bytes.svg")
    for work, title, unit, figure in (
        ("paths", "Friends of friends, mean", "milliseconds", lambda taken: 1000 * mean(taken)),
        ("pagerank", "Personalised PageRank, mean", "milliseconds", lambda taken: 1000 * mean(taken)),
        ("lists", "Neighbour lists", "lists a second", lambda taken: 1000 / mean(taken)),
        ("edges", "Edge lookups", "lookups a second", lambda taken: 1000 / mean(taken)),
    ):
        bars(title, unit, by_work(work, figure), folder / f"compare-{work}.svg")
    for size, _ in comparison.settings["batches"]:
        taken = {r.name: r.insert_seconds(str(size)) for r in measured}
        rates = {name: [size / each for each in seconds] for name, seconds in taken.items() if seconds}
        title = f"Durable inserts, {size:,} a transaction"
        bars(title, "edges a second", of(rates), folder / f"compare-inserts-{size}.svg")
