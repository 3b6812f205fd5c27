"""NDCG@20 of each method on each graph, averaged over random splits."""

import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

import agreement
import kith
import numpy_check
from methods import MEASURED_ONCE, METHODS, Method
from reference.ranking import ndcg
from splits import GRAPHS, FriendGraph, Split, split

LIMIT = 20


@dataclass
class Cell:
    """A method on a graph: one value a split, by kith and, if wanted, by NumPy; or why there is none."""

    values: list[float] = field(default_factory=list)
    numpy_values: list[float] = field(default_factory=list)
    failure: str | None = None


@dataclass(frozen=True)
class Measured:
    """A graph's row: how many people were asked in each split, and its cells in the order of METHODS."""

    asked: int
    cells: list[Cell]


@dataclass(frozen=True)
class Plan:
    """How much is measured, with what."""

    executable: Path
    data: Path
    work: Path
    seeds: range
    users: int
    checks_with_numpy: bool


def measure(name: str, plan: Plan) -> Measured:
    """Every method on every split of one graph."""
    source = GRAPHS[name]
    cells = [Cell() for _ in METHODS]
    asked = 0
    for seed in plan.seeds:
        division = split(source, plan.data, seed, plan.users)
        asked = len(division.hidden)
        store = load(name, seed, source, division, plan)
        for method, cell in zip(METHODS, cells, strict=True):
            measure_cell(cell, method, store, division, plan)
        store.unlink()
        print(f"quality: {name}, split {seed}: {asked} people asked", file=sys.stderr, flush=True)
    return Measured(asked, cells)


def measure_cell(cell: Cell, method: Method, store: Path, division: Split, plan: Plan) -> None:
    """One method on one split. What kith cannot do once it is not asked again."""
    if cell.failure is None:
        try:
            answers = kith.recommend(plan.executable, store, list(division.hidden), method.arguments, LIMIT)
            cell.values.append(quality(answers.suggestions, division))
        except kith.Unanswered as failure:
            cell.failure = str(failure)
    if plan.checks_with_numpy and method.has_numpy:
        cell.numpy_values.append(quality(numpy_check.rankings(division, method, LIMIT), division))


def quality(lists: dict[int, list[int]], division: Split) -> float:
    """The mean NDCG over the asked users."""
    return float(np.mean([ndcg(lists[user], hidden, LIMIT) for user, hidden in division.hidden.items()]))


def load(name: str, seed: int, source: FriendGraph, division: Split, plan: Plan) -> Path:
    """A store of what is known; interests beside it where the data has them, which only the blend looks at."""
    store = plan.work / f"{name}-{seed}.kith"
    friends = plan.work / "friends.tsv"
    friends.write_text("".join(f"{a}\t{b}\n" for a, b in division.known.tolist()))
    files = {"friends": friends}
    if source.interests is not None:
        files["interests"] = plan.work / "interests.tsv"
        files["interests"].write_text("".join(source.interests.lines(plan.data)))
    kith.load(plan.executable, store, files)
    return store


def table(measured: dict[str, Measured], plan: Plan) -> Iterator[str]:
    """The Markdown: each cell kith's mean; in brackets what it is more than the README's."""
    yield f"NDCG@{LIMIT}, mean of {len(plan.seeds)} splits ± its standard error (difference from the data's README)"
    yield "The README's numbers are of one split each, which moves a whole row up or down: see the second table."
    yield ""
    yield "| | " + " | ".join(method.title for method in METHODS) + " |"
    yield "|---" * (len(METHODS) + 1) + "|"
    for name, row in measured.items():
        yield f"| {name} | " + " | ".join(texts(name, [cell.values for cell in row.cells])) + " |"
        if plan.checks_with_numpy:
            yield f"| {name}, NumPy | " + " | ".join(texts(name, [cell.numpy_values for cell in row.cells])) + " |"
    yield ""
    failures = {
        (method.title, cell.failure)
        for row in measured.values()
        for method, cell in zip(METHODS, row.cells, strict=True)
        if cell.failure is not None
    }
    for title, failure in sorted(failures):
        yield f'- {title} is missing: kith said "{failure}"'
    for name, row in measured.items():
        if row.asked < plan.users:
            yield f"- {name}: {row.asked} people asked, all who lost a friendship and still have one"
    yield ""
    values = {name: [cell.values for cell in row.cells] for name, row in measured.items()}
    yield from agreement.table(values, plan.seeds.start)


def texts(name: str, values: list[list[float]]) -> Iterator[str]:
    """A row's cells."""
    known = MEASURED_ONCE[name]
    for place, found in enumerate(values):
        if not found:
            yield "-"
            continue
        text = f"{np.mean(found):.3f}"
        if len(found) > 1:
            text += f" ± {np.std(found, ddof=1) / np.sqrt(len(found)):.3f}"
        yield text + (f" ({np.mean(found) - known[place]:+.3f})" if place < len(known) else "")
