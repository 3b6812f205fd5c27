"""The graph every peer loads, what every peer is asked, and what is true by the file alone.

    edges.tsv       source TAB target, labels below 2^32, no self-loops, duplicates as generated
    nodes.csv       every label once (Ladybug wants its nodes in a file of their own)
    sample          labels whose neighbour lists are checked
    users           labels with out-edges, who are asked for friends of friends; the first of them for PageRank
    lists.npy       labels with out-edges whose lists are fetched and summed, again and again the same ones
    pairs.npy       (source, target) pairs of which half are edges
    inserts.npy     distinct pairs of labels that are no edges, to be added
    reference.json  the digest of each sampled node's lists, read straight from edges.tsv; the sums and counts of each
                    CHUNK of lists and pairs
    ranks-*.npy     the PageRank of every label for one user, by SciPy, to RANK_TOLERANCE

All of it is made before any measurement.
"""

import hashlib
import json
import os
import random
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy

from rows import Ids, Pairs, distinct_edges, halves, paired, parse, sorted_distinct

# Lists and pairs are asked for in calls of so many, each of which is timed and checked.
CHUNK = 1000

# How many different lists and pairs there are.
LOOKUPS = 100_000

# L1 error of the reference's PageRank.
RANK_TOLERANCE = 1e-10


@dataclass(frozen=True)
class GraphFiles:
    """Where a graph's files are."""

    folder: Path

    @property
    def edges(self) -> Path:
        return self.folder / "edges.tsv"

    @property
    def nodes(self) -> Path:
        return self.folder / "nodes.csv"

    @property
    def sample(self) -> Path:
        return self.folder / "sample"

    @property
    def users(self) -> Path:
        return self.folder / "users"

    @property
    def lists(self) -> Path:
        return self.folder / "lists.npy"

    @property
    def pairs(self) -> Path:
        return self.folder / "pairs.npy"

    @property
    def inserts(self) -> Path:
        return self.folder / "inserts.npy"

    @property
    def reference(self) -> Path:
        return self.folder / "reference.json"

    def ranks(self, user: int) -> Path:
        """The PageRank from a user's point of view."""
        return self.folder / f"ranks-{user}.npy"


def read_labels(path: Path) -> list[int]:
    """The labels in a file, one a line."""
    return [int(line) for line in path.read_text().split()]


def write_labels(path: Path, labels: Iterable[int]) -> None:
    """One label a line."""
    path.write_text("".join(f"{label}\n" for label in labels))


def digest(outward: Iterable[int], inward: Iterable[int]) -> str:
    """A node's two neighbour lists in one short string; equal when the lists are equal as sorted lists."""
    text = " ".join(map(str, sorted(outward))) + "|" + " ".join(map(str, sorted(inward)))
    return hashlib.sha256(text.encode()).hexdigest()


def prepare(
    files: GraphFiles, scale: int, edge_factor: int, seed: int, nodes: int, users: int, inserts: int
) -> dict[str, Any]:
    """Makes the files, all but PageRank's; returns how large the graph is."""
    files.folder.mkdir(parents=True, exist_ok=True)
    shape = ["--scale", str(scale), "--edge-factor", str(edge_factor), "--seed", str(seed)]
    command = [os.environ["KITH_EXECUTABLE"], "generate", "rmat", *shape, "--output", str(files.edges)]
    subprocess.run(command, check=True)
    numbers = parse(files.edges)
    rows = numbers.size // 2
    edges = sorted_distinct(paired(numbers[0::2], numbers[1::2]))
    del numbers
    origins, labels = ends(edges)
    write_labels(files.nodes, labels.tolist())
    chance = random.Random(seed)
    sample = chance.sample(labels.tolist(), min(nodes, labels.size))
    write_labels(files.sample, sample)
    write_labels(files.users, chance.sample(origins.tolist(), min(users, origins.size)))
    drawn = numpy.random.default_rng(seed)
    reference = {
        "digests": digests_of_file(files.edges, sample),
        "lists": make_lists(files, edges, origins, drawn),
        "pairs": make_pairs(files, edges, labels, drawn),
    }
    files.reference.write_text(json.dumps(reference))
    numpy.save(files.inserts, absent_pairs(edges, labels, inserts, drawn))
    return {"rows": rows, "edges": edges.size, "labels": labels.size}


def ends(edges: Pairs) -> tuple[Ids, Ids]:
    """The labels that edges start from, and those of all ends."""
    sources, targets = halves(edges)
    starts = sources[numpy.flatnonzero(numpy.diff(sources, prepend=sources[0] + 1))]
    reached = numpy.zeros(int(max(sources[-1], targets.max())) + 1, bool)
    reached[sources] = True
    reached[targets] = True
    return starts, numpy.flatnonzero(reached).astype(numpy.uint32)


def make_lists(files: GraphFiles, edges: Pairs, origins: Ids, drawn: numpy.random.Generator) -> list[int]:
    """Draws the labels whose lists are summed; the sum of the labels in the lists of each chunk of them."""
    chosen = drawn.choice(origins, LOOKUPS)
    numpy.save(files.lists, chosen)
    sources, targets = halves(edges)
    sums = numpy.concatenate([[0], numpy.cumsum(targets, dtype=numpy.uint64)])
    first, last = numpy.searchsorted(sources, chosen), numpy.searchsorted(sources, chosen, side="right")
    found: list[int] = (sums[last] - sums[first]).reshape(-1, CHUNK).sum(axis=1).tolist()
    return found


def make_pairs(files: GraphFiles, edges: Pairs, labels: Ids, drawn: numpy.random.Generator) -> list[int]:
    """Draws the pairs that are looked up; how many of each chunk are edges."""
    chosen = numpy.concatenate(
        [drawn.choice(edges, LOOKUPS // 2), absent_pairs(edges, labels, LOOKUPS - LOOKUPS // 2, drawn)]
    )
    order = drawn.permutation(LOOKUPS)
    numpy.save(files.pairs, numpy.stack(halves(chosen[order]), axis=1))
    found: list[int] = (order < LOOKUPS // 2).reshape(-1, CHUNK).sum(axis=1).tolist()
    return found


def absent_pairs(edges: Pairs, labels: Ids, count: int, drawn: numpy.random.Generator) -> Pairs:
    """Distinct pairs of two different labels that are no edges, in random order."""
    found = numpy.empty(0, numpy.uint64)
    while found.size < count:
        sources, targets = drawn.choice(labels, 2 * count), drawn.choice(labels, 2 * count)
        pairs = paired(sources, targets)[sources != targets]
        places = numpy.minimum(numpy.searchsorted(edges, pairs), edges.size - 1)
        found = numpy.union1d(found, pairs[edges[places] != pairs])
    return drawn.permutation(found)[:count]


def digests_of_file(edges: Path, sample: list[int]) -> list[str]:
    """The sampled nodes' digests, by one slow and obvious pass over the rows."""
    if not sample:
        return []
    outward: dict[bytes, set[int]] = {b"%d" % label: set() for label in sample}
    inward: dict[bytes, set[int]] = {b"%d" % label: set() for label in sample}
    with edges.open("rb") as lines:
        for line in lines:
            source, _, target = line.rstrip().partition(b"\t")
            if source in outward:
                outward[source].add(int(target))
            if target in inward:
                inward[target].add(int(source))
    return [digest(outward[b"%d" % label], inward[b"%d" % label]) for label in sample]


def rank(files: GraphFiles, users: int, restart: float) -> dict[str, Any]:
    """Writes the PageRank of the first users by SciPy's power iteration; a label's place is the label."""
    from reference.graphs import Graph, ones
    from reference.pagerank import personalized_pagerank, single_seeds

    sources, targets = halves(distinct_edges(files.edges))
    keys = numpy.unique(numpy.concatenate([sources, targets]))
    places = numpy.searchsorted(keys, sources), numpy.searchsorted(keys, targets)
    graph = Graph(keys, ones(*places, (keys.size, keys.size)))
    chosen = read_labels(files.users)[:users]
    seeds = single_seeds(graph, numpy.array([graph.index(user) for user in chosen]))
    scores = personalized_pagerank(graph, seeds, restart, RANK_TOLERANCE)
    for column, user in enumerate(chosen):
        by_label = numpy.zeros(int(keys[-1]) + 1)
        by_label[keys] = scores[:, column]
        numpy.save(files.ranks(user), without_followed(by_label, user, targets[sources == user]))
    return {}


def without_followed(scores: Any, user: int, followed: Ids) -> Any:
    """The scores with nothing for the user and those already followed, who are never suggested."""
    scores[followed] = 0
    scores[user] = 0
    return scores
