"""What the project set out to reach beside its peers, and whether this run reached it.

A target is met when the median over the rounds reaches it; the least and the greatest stand beside it. Most are meant
for scale 20: at smaller scales fixed costs weigh more.
"""

from collections.abc import Callable
from dataclasses import dataclass
from statistics import median

from report import Comparison, spread


@dataclass(frozen=True)
class Target:
    """A bound for a figure of each round; `figures` is None when there is nothing to judge."""

    title: str
    bound: float
    is_least: bool
    figures: Callable[[Comparison], list[float] | None]
    digits: int = 2

    def row(self, comparison: Comparison) -> list[str]:
        """Title, bound, measured, met."""
        bound = f"{'at least' if self.is_least else 'at most'} {self.bound:,.{self.digits}f}"
        figures = self.figures(comparison)
        if not figures:
            return [self.title, bound, "not measured", "-"]
        middle = median(figures)
        is_met = middle >= self.bound if self.is_least else middle <= self.bound
        return [self.title, bound, spread(figures, self.digits), "yes" if is_met else "NO"]


def load_time(name: str) -> Callable[[Comparison], list[float] | None]:
    """How many times as long the peer's load takes."""

    def figures(comparison: Comparison) -> list[float] | None:
        report = comparison.report(name)
        return comparison.load_ratios(report, "seconds") if report and comparison.kith.is_loaded else None

    return figures


def work_time(name: str, work: str) -> Callable[[Comparison], list[float] | None]:
    """How many times as long the peer takes for a work."""

    def figures(comparison: Comparison) -> list[float] | None:
        report = comparison.report(name)
        if report is None or (report.cannot(work) or comparison.kith.cannot(work)) is not None:
            return None
        return comparison.ratios(report, work)

    return figures


def share_of(name: str, work: str) -> Callable[[Comparison], list[float] | None]:
    """Kith's time as a share of the peer's."""

    def figures(comparison: Comparison) -> list[float] | None:
        found = work_time(name, work)(comparison)
        return found and [1 / ratio for ratio in found]

    return figures


def bytes_an_edge(comparison: Comparison) -> list[float] | None:
    """Of Kith's file."""
    edges = comparison.settings["edges"]
    return [size / edges for size in comparison.kith.figures("diskBytes")] if comparison.kith.is_loaded else None


def share_of_bytes(name: str) -> Callable[[Comparison], list[float] | None]:
    """Kith's bytes as a share of the peer's."""

    def figures(comparison: Comparison) -> list[float] | None:
        report = comparison.report(name)
        if report is None or not comparison.kith.is_loaded:
            return None
        return [1 / ratio for ratio in comparison.load_ratios(report, "diskBytes")]

    return figures


def lists_a_second(comparison: Comparison) -> list[float] | None:
    """Of Kith."""
    if comparison.kith.cannot("lists") is not None:
        return None
    return [1000 * len(taken) / sum(taken) for taken in comparison.kith.seconds("lists")]


def insert_rate(size: str) -> Callable[[Comparison], list[float] | None]:
    """Kith's rate as a multiple of SQLite's."""

    def figures(comparison: Comparison) -> list[float] | None:
        report = comparison.report("sqlite")
        if report is None or not report.inserted or not comparison.kith.inserted:
            return None
        return comparison.insert_ratios(report, size)

    return figures


def interest_rate(name: str) -> Callable[[Comparison], list[float] | None]:
    """Kith's rate as a multiple of implicit's."""

    def figures(comparison: Comparison) -> list[float] | None:
        said = comparison.interests.get(name, {}).get("contenders")
        if said is None:
            return None
        pairs = zip(said["implicit TFIDFRecommender"]["seconds"], said["Kith"]["seconds"], strict=True)
        return [implicit / kith for implicit, kith in pairs]

    return figures


TARGETS = (
    Target("load: SQLite's time / Kith's", 20, True, load_time("sqlite")),
    Target("load: Ladybug's COPY / Kith", 6, True, load_time("ladybug")),
    Target("load: DuckDB's two sorted copies / Kith", 2.5, True, load_time("duckdb")),
    Target("load: NumPy with py-lmdb / Kith", 2, True, load_time("numpy-lmdb")),
    Target("bytes an edge, both directions", 4.9, False, bytes_an_edge),
    Target("bytes: Kith / DuckDB's two sorted copies", 1, False, share_of_bytes("duckdb")),
    Target("bytes: Kith / SQLite", 0.25, False, share_of_bytes("sqlite")),
    Target("friends of friends: SQLite's time / Kith's", 100, True, work_time("sqlite", "paths"), 1),
    Target("friends of friends: Ladybug / Kith", 100, True, work_time("ladybug", "paths"), 1),
    Target("friends of friends: DuckDB / Kith", 75, True, work_time("duckdb", "paths"), 1),
    Target("friends of friends: Kith / plain C in memory", 0.55, False, share_of("plain-c", "paths")),
    Target("neighbour lists a second", 1_200_000, True, lists_a_second, 0),
    Target("inserts one by one: Kith's rate / SQLite's", 0.5, True, insert_rate("1")),
    Target("inserts by 1,000: Kith's rate / SQLite's", 1, True, insert_rate("1000")),
    Target("inserts by 10,000: Kith's rate / SQLite's", 1, True, insert_rate("10000")),
    Target("interests, lastfm: Kith's rate / implicit's", 1.5, True, interest_rate("lastfm artists")),
    Target("interests, deezer: Kith's rate / implicit's", 1.5, True, interest_rate("deezer genres")),
)


def verdicts(comparison: Comparison) -> list[list[str]]:
    """A row for each target."""
    return [target.row(comparison) for target in TARGETS]
