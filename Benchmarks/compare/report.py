"""What was measured, and its table.

A ratio is the peer's figure over Kith's: 2.00 means that the peer takes twice the time, memory or space. Medians stand
first, with the least and the greatest of the rounds.
"""

from dataclasses import asdict, dataclass, field
from statistics import mean, median, quantiles
from typing import Any

MEBIBYTE = 1 << 20

# What a load is measured by.
FIGURES = ("seconds", "processorSeconds", "peakBytes", "diskBytes")


@dataclass
class PeerReport:
    """What one peer did; `failure` is the reason when it did not."""

    name: str
    title: str
    how: str
    failure: str | None = None
    loads: list[dict[str, Any]] = field(default_factory=list)
    edges: int | None = None
    nodes_checked: int = 0
    nodes_differing: int = 0
    answers: list[dict[str, Any]] = field(default_factory=list)

    def figures(self, key: str) -> list[float]:
        """One figure of each round."""
        return [load[key] for load in self.loads]

    def latencies(self) -> tuple[float, float]:
        """Mean and 99th percentile of the answers, in milliseconds."""
        taken = [answer["milliseconds"] for answer in self.answers]
        return mean(taken), (quantiles(taken, n=100, method="inclusive")[98] if len(taken) > 1 else taken[0])


@dataclass
class Comparison:
    """All peers, Kith first."""

    settings: dict[str, Any]
    machine: dict[str, Any]
    reports: list[PeerReport]

    @property
    def kith(self) -> PeerReport:
        return self.reports[0]

    def stores_agree(self, report: PeerReport) -> bool:
        """Whether the peer has the file's neighbour lists and as many edges as Kith."""
        return report.nodes_differing == 0 and report.edges == self.kith.edges

    def answers_differing(self, report: PeerReport) -> int:
        """How many users got an answer that is not Kith's."""
        pairs = zip(report.answers, self.kith.answers, strict=True)
        return sum(not same(mine["results"], kiths["results"]) for mine, kiths in pairs)

    @property
    def agrees(self) -> bool:
        """Whether all that was measured agrees, and Kith was."""
        measured = [report for report in self.reports if report.failure is None]
        if self.kith not in measured:
            return False
        return all(self.stores_agree(r) and self.answers_differing(r) == 0 for r in measured)

    def as_json(self) -> dict[str, Any]:
        """Every measurement of every round."""
        return {
            "settings": self.settings,
            "machine": self.machine,
            "agrees": self.agrees,
            "peers": [asdict(r) | self.verdict(r) for r in self.reports],
        }

    def verdict(self, report: PeerReport) -> dict[str, Any]:
        """What the table says of a peer, as figures."""
        if report.failure is not None or self.kith.failure is not None:
            return {}
        ratios = {key: ratio(report, self.kith, key) for key in FIGURES}
        return {"ratiosToKith": ratios, "answers_differing": self.answers_differing(report)}


def same(mine: list[list[int]], kiths: list[list[int]]) -> bool:
    """Whether two lists of suggestions say the same: equal scores, and the same people but among those who tie last."""
    if [score for _, score in mine] != [score for _, score in kiths]:
        return False
    last = kiths[-1][1] if kiths else 0
    return {user for user, score in mine if score > last} == {user for user, score in kiths if score > last}


def ratio(report: PeerReport, kith: PeerReport, key: str) -> float:
    """The peer's median over Kith's."""
    return median(report.figures(key)) / median(kith.figures(key))


def spread(figures: list[float], unit: float, digits: int) -> str:
    """The median, and in brackets the least and the greatest when there are several rounds."""
    middle, least, greatest = (f"{value / unit:,.{digits}f}" for value in (median(figures), min(figures), max(figures)))
    return middle if len(figures) == 1 else f"{middle} ({least}-{greatest})"


def table(head: list[str], rows: list[list[str]]) -> str:
    """A Markdown table; all but the first column to the right."""
    lines = [head, ["---"] + ["---:"] * (len(head) - 1), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def failed(report: PeerReport, columns: int) -> list[str]:
    """The row of a peer without figures."""
    reason = (report.failure or "Kith itself failed, so there is no ratio").replace("|", "/")
    return [report.title, reason] + ["-"] * (columns - 2)


def load_row(comparison: Comparison, report: PeerReport, columns: int) -> list[str]:
    """One peer's load."""
    if report.failure is not None or comparison.kith.failure is not None or report.edges is None:
        return failed(report, columns)
    lists = report.nodes_checked - report.nodes_differing
    verdict = "yes" if comparison.stores_agree(report) else "NO"
    ratios = {key: f"{ratio(report, comparison.kith, key):.2f}" for key in FIGURES}
    return [
        report.title,
        spread(report.figures("seconds"), 1, 2),
        ratios["seconds"],
        spread(report.figures("processorSeconds"), 1, 2),
        ratios["processorSeconds"],
        f"{report.edges / median(report.figures('seconds')):,.0f}",
        spread(report.figures("peakBytes"), MEBIBYTE, 0),
        ratios["peakBytes"],
        f"{median(report.figures('diskBytes')) / MEBIBYTE:,.1f}",
        f"{median(report.figures('diskBytes')) / report.edges:.2f}",
        ratios["diskBytes"],
        f"{verdict}: {report.edges:,} edges, {lists} of {report.nodes_checked} nodes",
    ]


def query_row(comparison: Comparison, report: PeerReport, columns: int) -> list[str]:
    """One peer's friends of friends."""
    if report.failure is not None or not report.answers or not comparison.kith.answers:
        return failed(report, columns)
    (mean_taken, high), (kith_mean, kith_high) = report.latencies(), comparison.kith.latencies()
    differing = comparison.answers_differing(report)
    verdict = "yes" if differing == 0 else f"NO: {differing} users differ"
    ratios = [f"{mean_taken / kith_mean:.1f}", f"{high / kith_high:.1f}"]
    return [report.title, f"{mean_taken:,.2f}", ratios[0], f"{high:,.2f}", ratios[1], verdict]


def markdown(comparison: Comparison) -> str:
    """The whole report."""
    settings, machine = comparison.settings, comparison.machine
    parts = [
        f"R-MAT scale {settings['scale']}, edge factor {settings['edge_factor']}, seed {settings['seed']}: "
        f"{settings['rows']:,} rows without self-loops, {settings['labels']:,} labels; rounds: {settings['rounds']}, "
        f"as median (least-greatest).\n{machine['cpu']}, {machine['cores']} cores, "
        f"{machine['memoryBytes'] / (1 << 30):.0f} GiB, Linux {machine['kernel']}. "
        "A ratio is the peer's figure over Kith's; CPU s is processor time on all threads.",
        load_table(comparison),
    ]
    if settings["users"] > 0:
        parts.append(
            f"Friends of friends: top 10 by number of paths for {settings['users']} users, asked a second time, one "
            "store open; Kith's milliseconds are its own, the others' from call to result in Python. Kith also names "
            "three intermediates for each suggestion."
        )
        parts.append(query_table(comparison))
    parts.append("\n".join(f"- {r.title} {version(r)}: {r.how}" for r in comparison.reports))
    return "\n\n".join(parts)


def version(report: PeerReport) -> str:
    """The version that was measured."""
    return report.loads[-1]["version"] if report.loads else "(not measured)"


def load_table(comparison: Comparison) -> str:
    """Loads, one row a peer."""
    time = ["seconds", "ratio", "CPU s", "ratio", "edges/s"]
    space = ["peak MiB", "ratio", "disk MiB", "bytes/edge", "ratio"]
    head = ["load", *time, *space, "agrees"]
    return table(head, [load_row(comparison, report, len(head)) for report in comparison.reports])


def query_table(comparison: Comparison) -> str:
    """Queries, one row a peer."""
    head = ["friends of friends", "mean ms", "ratio", "p99 ms", "ratio", "agrees"]
    return table(head, [query_row(comparison, report, len(head)) for report in comparison.reports])
