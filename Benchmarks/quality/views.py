"""Gowalla's items: Recall@20, NDCG@20 and wall time of kith's recommenders from behaviour, and of SciPy's in turn."""

import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy import sparse

import kith
from reference import behaviour
from reference.graphs import ones, read_pairs
from reference.ranking import ndcg, recall

LIMIT = 20
NEIGHBORS = 50


@dataclass(frozen=True)
class Recommender:
    """How kith and SciPy are asked for the same; Recall@20 and NDCG@20 as the data's README has them."""

    title: str
    arguments: list[str]
    scorer: Callable[..., behaviour.Scorer]
    known: tuple[float, float] | None


RECOMMENDERS = (
    Recommender("linear filter", ["--by", "linear-filter"], behaviour.linear_filter, (0.1682, 0.1331)),
    Recommender(
        f"user-based, {NEIGHBORS} neighbours",
        ["--by", "user-based", "--neighbors", str(NEIGHBORS)],
        lambda views: behaviour.user_based(views, NEIGHBORS),
        None,
    ),
    Recommender("item-based, all neighbours", ["--by", "item-based"], behaviour.item_based, (0.1273, 0.0944)),
    Recommender("most popular", ["--by", "attention"], behaviour.most_popular, (0.0416, 0.0317)),
)


def files(data: Path) -> list[Path]:
    """The two halves of the published split."""
    return [data / "gowalla/train.tsv.gz", data / "gowalla/test.tsv.gz"]


def table(executable: Path, data: Path, work: Path, rounds: int) -> Iterator[str]:
    """The Markdown. Kith's seconds are the whole command's, from its start to the last line read; SciPy's run from the
    matrix of views in memory to everyone's twenty items. Of some rounds in turn the fastest counts."""
    train, test = (read_pairs(path) for path in files(data))
    shape = tuple(np.maximum(train.max(axis=0), test.max(axis=0)) + 1)
    views = ones(train[:, 0], train[:, 1], shape)
    wanted: list[set[int]] = [set() for _ in range(shape[0])]
    for person, item in test.tolist():
        wanted[person].add(item)
    store = work / "gowalla.kith"
    kith.load(executable, store, {"views": files(data)[0]})
    yield f"Gowalla, {shape[0]} people, best {LIMIT} of {shape[1]} items; fastest of {rounds} rounds"
    yield ""
    yield "| | Recall@20 | NDCG@20 | kith, s | SciPy Recall@20 | NDCG@20 | SciPy, s | README |"
    yield "|---|---|---|---|---|---|---|---|"
    failures = []
    for recommender in RECOMMENDERS:
        print(f"quality: gowalla, {recommender.title}", file=sys.stderr, flush=True)
        own: list[tuple[float, list[list[int]]]] = []
        other: list[tuple[float, list[list[int]]]] = []
        failure: str | None = None
        for _ in range(rounds):
            if failure is None:
                try:
                    own.append(ask_kith(executable, store, recommender, shape[0]))
                except kith.Unanswered as unanswered:
                    failure = f'kith said "{unanswered}"'
            other.append(ask_scipy(views, recommender))
        if failure is not None:
            failures.append(f"- {recommender.title} is missing: {failure}")
        known = "/".join(f"{value:.4f}" for value in recommender.known) if recommender.known else "-"
        yield f"| {recommender.title} | {cells(own, wanted)} | {cells(other, wanted)} | {known} |"
    yield ""
    yield f"SciPy's {NEIGHBORS} neighbours are joined by all who are as similar as the last of them, kith's are not."
    yield from failures


def ask_kith(executable: Path, store: Path, recommender: Recommender, people: int) -> tuple[float, list[list[int]]]:
    """Seconds and lists, everyone in one command on one thread."""
    arguments = [*recommender.arguments, "--via", "views", "--threads", "1"]
    answers = kith.recommend(executable, store, list(range(people)), arguments, LIMIT)
    suggestions = answers.suggestions
    return answers.seconds, [suggestions[person] for person in range(people)]


def ask_scipy(views: sparse.csr_array, recommender: Recommender) -> tuple[float, list[list[int]]]:
    """Seconds and lists, on one thread; what can be computed once for all is inside the clock."""
    start = time.perf_counter()
    ranked = behaviour.top(views, recommender.scorer(views), np.arange(views.shape[0]), LIMIT)
    return time.perf_counter() - start, ranked.items.tolist()


def cells(rounds: list[tuple[float, list[list[int]]]], wanted: list[set[int]]) -> str:
    """Recall, NDCG and seconds, as three cells."""
    if not rounds:
        return "- | - | -"
    lists = rounds[-1][1]
    found = [(recall(items, want, LIMIT), ndcg(items, want, LIMIT)) for items, want in zip(lists, wanted, strict=True)]
    mean = np.mean(found, axis=0)
    return f"{mean[0]:.4f} | {mean[1]:.4f} | {min(seconds for seconds, _ in rounds):.2f}"
