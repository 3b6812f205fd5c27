"""What was measured, by peer, and its ratios.

A ratio is the peer's figure over Kith's in the same round: 2.00 means that the peer takes twice the time, memory or
space. Medians of the rounds stand first, with the least and the greatest.
"""

from dataclasses import asdict, dataclass, field
from statistics import mean, median
from typing import Any

# What a load is measured by.
FIGURES = ("seconds", "processorSeconds", "peakBytes", "diskBytes")


@dataclass
class PeerReport:
    """What one peer did; `failure` is why it did no more. What it did before stays."""

    name: str
    title: str
    how: str
    is_durable: bool
    failure: str | None = None
    loads: list[dict[str, Any]] = field(default_factory=list)
    edges: int | None = None
    nodes_checked: int = 0
    nodes_differing: int = 0
    # What `child.py ask` and `child.py insert` said, one a round.
    asked: list[dict[str, Any]] = field(default_factory=list)
    inserted: list[dict[str, Any]] = field(default_factory=list)

    @property
    def is_loaded(self) -> bool:
        """Whether it made a store that was checked."""
        return bool(self.loads) and self.edges is not None

    def figures(self, key: str) -> list[float]:
        """One figure of each round's load."""
        return [load[key] for load in self.loads]

    def cannot(self, work: str) -> str | None:
        """Why there is no such figure, or None when there is."""
        if not self.asked:
            return self.failure or "not asked"
        reason: str | None = self.asked[0]["works"].get(work, {"cannot": "not asked"}).get("cannot")
        return reason

    def seconds(self, work: str) -> list[list[float]]:
        """The seconds of each question of a work, by round; of lists and edges a thousand are a question."""
        return [round["works"][work]["seconds"] for round in self.asked]

    def insert_seconds(self, size: str) -> list[float]:
        """The seconds a transaction of so many edges takes, by round; none when it was too slow to be begun."""
        return [mean(round["batches"][size]) for round in self.inserted if size in round.get("batches", {})]


@dataclass
class Comparison:
    """All peers, Kith first."""

    settings: dict[str, Any]
    machine: dict[str, Any]
    reports: list[PeerReport]
    # Data set -> what `interests.py` said, or why it said nothing.
    interests: dict[str, dict[str, Any]] = field(default_factory=dict)

    @property
    def kith(self) -> PeerReport:
        return self.reports[0]

    def report(self, name: str) -> PeerReport | None:
        """A peer that was measured."""
        return next((report for report in self.reports if report.name == name and report.is_loaded), None)

    def load_ratios(self, report: PeerReport, key: str) -> list[float]:
        """The peer's figure over Kith's, by round, as far as it was loaded; 0 when Kith's is."""
        pairs = zip(report.figures(key), self.kith.figures(key), strict=False)
        return [mine / kiths if kiths else 0 for mine, kiths in pairs]

    def ratios(self, report: PeerReport, work: str) -> list[float]:
        """The peer's seconds over Kith's, by round, over the questions that both answered."""
        found = []
        for mine, kiths in zip(report.seconds(work), self.kith.seconds(work), strict=False):
            count = min(len(mine), len(kiths))
            found.append(mean(mine[:count]) / mean(kiths[:count]))
        return found

    def insert_ratios(self, report: PeerReport, size: str) -> list[float]:
        """The peer's seconds an insert over Kith's, by round."""
        pairs = zip(report.insert_seconds(size), self.kith.insert_seconds(size), strict=False)
        return [mine / kiths for mine, kiths in pairs]

    def stores_agree(self, report: PeerReport) -> bool:
        """Whether the peer has the file's neighbour lists and as many edges."""
        return report.nodes_differing == 0 and report.edges == self.settings["edges"]

    def answers_differing(self, report: PeerReport) -> int:
        """How many of the friends of friends' answers are not Kith's."""
        if report.cannot("paths") is not None or self.kith.cannot("paths") is not None:
            return 0
        kiths = self.kith.asked[0]["works"]["paths"]["answers"]
        mine = report.asked[0]["works"]["paths"]["answers"]
        return sum(not same(*pair) for pair in zip(mine, kiths, strict=False))

    def lookups_differing(self, report: PeerReport, work: str) -> int:
        """How many thousands of lists or edges came out otherwise than from the file."""
        return sum(round["works"][work]["differing"] for round in report.asked)

    def walks_agree(self, report: PeerReport) -> bool:
        """Whether every PageRank to a tolerance is as close to SciPy's as it says."""
        distances = report.asked[0]["works"]["pagerank"]["l1"]
        return max(distances) <= self.settings["tolerance"]

    def disagreements(self) -> list[str]:
        """All that came out differently, one line each; none when all agree."""
        found = []
        for report in (report for report in self.reports if report.is_loaded):
            if not self.stores_agree(report):
                found.append(f"{report.title}: {report.edges} edges, {report.nodes_differing} nodes' lists differ")
            if count := self.answers_differing(report):
                found.append(f"{report.title}: {count} users' friends of friends differ")
            for work in ("lists", "edges"):
                if report.cannot(work) is None and self.lookups_differing(report, work):
                    found.append(f"{report.title}: {work} differ")
            if report.cannot("pagerank") is None and not self.walks_agree(report):
                found.append(f"{report.title}: PageRank is farther from SciPy's than asked for")
            if any(round.get("missing") or round.get("miscounted") for round in report.inserted):
                found.append(f"{report.title}: not all inserted edges are there")
        for name, said in self.interests.items():
            for who, measured in said.get("contenders", {}).items():
                if measured["right"] != said["checked"]:
                    found.append(f"{name}, {who}: {said['checked'] - measured['right']} lists differ from NumPy's")
        return found

    @property
    def agrees(self) -> bool:
        """Whether all that was measured agrees, and Kith did all of it."""
        return self.kith.failure is None and not self.disagreements()

    def as_json(self) -> dict[str, Any]:
        """Every measurement of every round."""
        return {
            "settings": self.settings,
            "machine": self.machine,
            "agrees": self.agrees,
            "disagreements": self.disagreements(),
            "peers": [asdict(report) for report in self.reports],
            "interests": self.interests,
        }


def same(mine: list[list[float]], kiths: list[list[float]]) -> bool:
    """Whether two lists of suggestions say the same: equal scores, and the same people but among those who tie last."""
    if [score for _, score in mine] != [score for _, score in kiths]:
        return False
    last = kiths[-1][1] if kiths else 0
    return {user for user, score in mine if score > last} == {user for user, score in kiths if score > last}


def spread(figures: list[float], digits: int, unit: float = 1) -> str:
    """The median, and in brackets the least and the greatest when there are several rounds."""
    middle, least, greatest = (f"{value / unit:,.{digits}f}" for value in (median(figures), min(figures), max(figures)))
    return middle if len(figures) == 1 else f"{middle} ({least}-{greatest})"
