"""What an open store is asked, and how that is timed and checked.

Every question is asked once before the clock runs, so that all peers answer from warm caches; then again, for the
figures. A peer that has used up its seconds is not asked further: it is compared with Kith over what it did answer.
"""

import json
import time
from collections.abc import Callable
from statistics import mean
from typing import Any

import numpy

from graph import CHUNK, GraphFiles, read_labels
from peers.peer import CannotDo, Session, Suggestions, Walk
from rows import halves

RECOMMENDATIONS = 10

# Chunks of lists whose sums are checked in labels, outside the clock.
LISTS_CHECKED = 5

# A transaction that would take so many times a work's seconds, by what the one before took, is not begun.
PATIENCE = 5

# Added edges that are looked up afterwards, about; all are counted.
INSERTS_CHECKED = 2000

Report = dict[str, Any]


class Budget:
    """Seconds to spend; the first question is always asked."""

    def __init__(self, seconds: float) -> None:
        self.end = time.perf_counter() + seconds

    @property
    def is_spent(self) -> bool:
        return time.perf_counter() > self.end


def answered_twice(session: Session, work: str, questions: list[Any], seconds: float) -> tuple[list[float], list[Any]]:
    """Asks as many of the questions as a third of the seconds allow, then those again; the second answers' seconds."""
    count = len(session.timed_each(work, questions, seconds / 3))
    found = session.timed_each(work, questions[:count], 2 * seconds / 3)
    return [taken for taken, _ in found], [answer for _, answer in found]


def paths(session: Session, files: GraphFiles, settings: Report) -> Report:
    """Friends of friends of every user."""
    users = [(user, RECOMMENDATIONS) for user in read_labels(files.users)]
    seconds, answers = answered_twice(session, "paths", users, settings["seconds"])
    return {"seconds": seconds, "answers": answers}


def lists(session: Session, files: GraphFiles, settings: Report) -> Report:
    """Neighbour lists, each fetched whole and added up."""
    chunks = numpy.load(files.lists).reshape(-1, CHUNK)
    expected = json.loads(files.reference.read_text())["lists"]
    checked = [session.label_sum(chunk) == sum for chunk, sum in zip(chunks[:LISTS_CHECKED], expected, strict=False)]
    seconds, _ = answered_twice(session, "lists", [(chunk,) for chunk in chunks], settings["seconds"])
    return {"seconds": seconds, "checked": len(checked), "differing": checked.count(False)}


def edges(session: Session, files: GraphFiles, settings: Report) -> Report:
    """Edge lookups, half of them found."""
    chunks = numpy.load(files.pairs).reshape(-1, CHUNK, 2)
    expected = json.loads(files.reference.read_text())["pairs"]
    seconds, found = answered_twice(session, "edges", [(chunk,) for chunk in chunks], settings["seconds"])
    differing = sum(count != right for count, right in zip(found, expected, strict=False))
    return {"seconds": seconds, "checked": len(found), "differing": differing}


def pagerank(session: Session, files: GraphFiles, settings: Report) -> Report:
    """Personalised PageRank to the tolerance that is set."""
    return ranked(session, files, settings, settings["tolerance"])


def serving(session: Session, files: GraphFiles, settings: Report) -> Report:
    """Personalised PageRank as good as a serving mode finds right."""
    return ranked(session, files, settings, None)


def ranked(session: Session, files: GraphFiles, settings: Report, tolerance: float | None) -> Report:
    """The first user is asked once more before the clock runs; the others are not, each takes long enough."""
    users = read_labels(files.users)[: settings["walkers"]]
    walks = [Walk(user, settings["restart"], tolerance) for user in users]
    session.pagerank(walks[0], RECOMMENDATIONS)
    report: Report = {"seconds": [], "l1": [], "overlap": []}
    budget = Budget(settings["seconds"])
    for walk in walks:
        taken, found = session.timed("pagerank", walk, RECOMMENDATIONS)
        report["seconds"].append(taken)
        if settings["checks"]:
            report["l1"].append(distance(session.scores(walk), numpy.load(files.ranks(walk.user))))
            report["overlap"].append(overlap(found, numpy.load(files.ranks(walk.user))))
        if budget.is_spent:
            break
    return report


def distance(scores: Any, expected: Any) -> float:
    """The L1 distance of two score vectors, 0 where the shorter ends."""
    size = max(scores.size, expected.size)
    one, other = (numpy.pad(some, (0, size - some.size)) for some in (scores, expected))
    return float(numpy.abs(one - other).sum())


def overlap(found: Suggestions, expected: Any) -> float:
    """The share of the suggestions that are among the best by the reference; one that ties with the last of them is."""
    wanted = min(RECOMMENDATIONS, int((expected > 0).sum()))
    if wanted == 0:
        return float(not found)
    least = numpy.partition(expected, -wanted)[-wanted] * (1 - 1e-6)
    return sum(bool(label < expected.size and expected[label] >= least) for label, _ in found) / wanted


WORKS: dict[str, Callable[[Session, GraphFiles, Report], Report]] = {
    "paths": paths,
    "pagerank": pagerank,
    "serving": serving,
    "lists": lists,
    "edges": edges,
}


def ask(session: Session, files: GraphFiles, settings: Report) -> Report:
    """All of the works that are wanted; for what the peer cannot do, the reason."""
    reports: Report = {}
    for work in settings["works"]:
        try:
            reports[work] = WORKS[work](session, files, settings)
        except CannotDo as reason:
            reports[work] = {"cannot": session.cannot.get(work, str(reason))}
    return reports


def insert(session: Session, files: GraphFiles, settings: Report) -> Report:
    """Adds edges in durable transactions of several sizes, each so many times; the places of those that were added."""
    pairs = inserts(files)
    report: Report = {"batches": {}, "added": []}
    first = settings["first"]
    # Seconds an edge in a transaction of many.
    slowness = 0.0
    try:
        session.begin_inserts()
        for size, times in settings["batches"]:
            seconds: list[float] = []
            budget = Budget(settings["seconds"])
            if slowness * size > PATIENCE * settings["seconds"]:
                break
            for place in range(first, first + size * times, size):
                taken, added = session.timed("insert", pairs[place : place + size])
                if added != size:
                    raise ValueError(f"expected {size} new edges, found {added}")
                seconds.append(taken)
                report["added"].append([place, size])
                if budget.is_spent:
                    break
            report["batches"][str(size)] = seconds
            slowness = mean(seconds) / size if size > 1 else 0.0
            first += times * size
    except CannotDo as reason:
        return {"cannot": str(reason)}
    return report


def inserts(files: GraphFiles) -> Any:
    """The edges to be added, as rows."""
    return numpy.stack(halves(numpy.load(files.inserts)), axis=1)


def missing_inserts(session: Session, files: GraphFiles, added: list[list[int]]) -> int:
    """How many of the added edges are not in the store when it is opened anew; some of them, evenly chosen."""
    pairs = inserts(files)
    rows = numpy.concatenate([pairs[first : first + size] for first, size in added])
    rows = rows[:: max(1, len(rows) // INSERTS_CHECKED)]
    return len(rows) - session.edges(rows)
