"""Hidden links against pairs that are none: the AUC of kith's scores on small classic networks, beside published values.

As SEAL measures it (Zhang and Chen, NeurIPS 2018, table 1): a random tenth of the links is hidden, as many pairs without a
link are drawn, and the AUC is the probability that a hidden link scores higher than a pair without one, half of it where
they score alike. Ten runs. A PageRank leads from one to the other and back, so both directions are added.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

import kith
from reference.graphs import read_pairs, undirected_edges

HIDDEN_SHARE = 0.1
RUNS = 10

FRIENDS = ["--via", "friends"]


@dataclass(frozen=True)
class Scorer:
    """How kith is asked; whether the score of a pair is the sum of both directions."""

    title: str
    arguments: list[str]
    is_directed: bool = False


def two_hops(title: str, formula: str) -> Scorer:
    """A formula of common neighbours."""
    return Scorer(title, ["--by", "friends-of-friends", "--score", formula, *FRIENDS])


SCORERS = (
    two_hops("common neighbours", "paths"),
    two_hops("Jaccard", "jaccard"),
    two_hops("Adamic-Adar", "adamic-adar"),
    two_hops("resource allocation", "resource-allocation"),
    Scorer("PageRank .15", ["--by", "pagerank", "--restart", "0.15", "--tolerance", "1e-8", *FRIENDS], is_directed=True),
)

# AUC in percent and its standard deviation over ten runs, in the order of SCORERS.
PUBLISHED = {
    "USAir": ((93.80, 1.22), (89.79, 1.61), (95.06, 1.03), (95.77, 0.92), (94.67, 1.08)),
    "NS": ((94.42, 0.95), (94.43, 0.93), (94.45, 0.93), (94.45, 0.93), (94.89, 1.08)),
    "PB": ((92.04, 0.35), (87.41, 0.39), (92.36, 0.34), (92.46, 0.37), (93.54, 0.41)),
}


def file(name: str, data: Path) -> Path:
    """Where a network is."""
    return data / f"linkprediction/{name}.edges.tsv"


def files(data: Path) -> list[Path]:
    """All of them."""
    return [file(name, data) for name in PUBLISHED]


@dataclass(frozen=True)
class Division:
    """What is known, and the pairs to tell apart."""

    known: np.ndarray
    links: np.ndarray
    others: np.ndarray


def divide(edges: np.ndarray, seed: int) -> Division:
    """Hides a tenth of the links and draws as many pairs that are none; the same seed, the same division."""
    chance = np.random.default_rng(seed)
    shuffled = chance.permutation(edges)
    hidden, known = np.split(shuffled, [round(HIDDEN_SHARE * len(shuffled))])
    people = np.unique(edges)
    joined = set(map(tuple, np.sort(edges, axis=1).tolist()))
    others: set[tuple[int, int]] = set()
    while len(others) < len(hidden):
        a, b = sorted(chance.choice(people, 2, replace=False).tolist())
        if (a, b) not in joined:
            others.add((a, b))
    return Division(known, hidden, np.array(sorted(others)))


def auc(links: np.ndarray, others: np.ndarray) -> float:
    """The probability that one of the links scores higher than one of the others."""
    differences = links[:, None] - others[None, :]
    return float(((differences > 0) + 0.5 * (differences == 0)).mean())


def scores(pairs: np.ndarray, answers: kith.Answers, scorer: Scorer) -> np.ndarray:
    """Each pair's score; 0 where there is no path."""

    def score(user: int, other: int) -> float:
        # Where there is no path to anybody the answer is of another recommender.
        return 0 if user in answers.fallen_back else answers.scores[user].get(other, 0)

    directions = [(a, b) for a, b in pairs.tolist()], [(b, a) for a, b in pairs.tolist()]
    used = directions if scorer.is_directed else directions[:1]
    return sum(np.array([score(a, b) for a, b in direction]) for direction in used)


def measure(name: str, executable: Path, data: Path, work: Path) -> list[list[float]]:
    """The AUC of every scorer in every run."""
    edges = undirected_edges(read_pairs(file(name, data)))
    values: list[list[float]] = [[] for _ in SCORERS]
    for seed in range(1, RUNS + 1):
        division = divide(edges, seed)
        store = work / f"{name}-{seed}.kith"
        table = work / "links.tsv"
        table.write_text("".join(f"{a}\t{b}\n" for a, b in division.known.tolist()))
        kith.load(executable, store, {"friends": table})
        pairs = np.concatenate([division.links, division.others])
        for scorer, own in zip(SCORERS, values, strict=True):
            users = np.unique(pairs if scorer.is_directed else pairs[:, 0]).tolist()
            answers = kith.recommend(executable, store, users, scorer.arguments, limit=int(edges.max()) + 1)
            own.append(auc(scores(division.links, answers, scorer), scores(division.others, answers, scorer)))
        store.unlink()
    return values


def table(executable: Path, data: Path, work: Path) -> Iterator[str]:
    """The Markdown: kith's mean and standard deviation, and the published ones in brackets."""
    yield f"AUC of hidden links in percent, mean of {RUNS} runs ± standard deviation (published by SEAL)"
    yield ""
    yield "| | " + " | ".join(scorer.title for scorer in SCORERS) + " |"
    yield "|---" * (len(SCORERS) + 1) + "|"
    for name, published in PUBLISHED.items():
        cells = [
            f"{100 * np.mean(own):.2f} ± {100 * np.std(own, ddof=1):.2f} ({mean:.2f} ± {deviation:.2f})"
            for own, (mean, deviation) in zip(measure(name, executable, data, work), published, strict=True)
        ]
        yield f"| {name} | " + " | ".join(cells) + " |"
    yield ""
    yield "Preferential attachment is missing: kith has it for those with a path in common, SEAL for all pairs."
