"""The graph every peer loads, and what is true of it by the file alone.

    edges.tsv       source TAB target, labels below 2^32, no self-loops, duplicates as generated
    nodes.csv       every label once (Ladybug wants its nodes in a file of their own)
    sample          labels whose neighbour lists are checked
    users           labels with out-edges, who are asked for friends of friends
    reference.json  the digest of each sampled node's lists, read straight from edges.tsv

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
    def reference(self) -> Path:
        return self.folder / "reference.json"


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


def prepare(files: GraphFiles, scale: int, edge_factor: int, seed: int, nodes: int, users: int) -> dict[str, Any]:
    """Makes the files; returns how large the graph is."""
    files.folder.mkdir(parents=True, exist_ok=True)
    raw = files.folder / "generated.tsv"
    shape = ["--scale", str(scale), "--edge-factor", str(edge_factor), "--seed", str(seed)]
    subprocess.run([os.environ["KITH_EXECUTABLE"], "generate", "rmat", *shape, "--output", str(raw)], check=True)
    rows, labels, sources = copy_without_self_loops(raw, files.edges)
    raw.unlink()
    write_labels(files.nodes, labels)
    chance = random.Random(seed)
    sample = chance.sample(labels, min(nodes, len(labels)))
    write_labels(files.sample, sample)
    write_labels(files.users, chance.sample(sources, min(users, len(sources))))
    files.reference.write_text(json.dumps(digests_of_file(files.edges, sample)))
    return {"rows": rows, "labels": len(labels)}


def copy_without_self_loops(raw: Path, kept: Path) -> tuple[int, list[int], list[int]]:
    """Copies the rows that join two different nodes; returns their number, the labels and the sources, ascending."""
    rows = 0
    sources: set[bytes] = set()
    targets: set[bytes] = set()
    with raw.open("rb") as lines, kept.open("wb") as output:
        for line in lines:
            source, _, target = line.rstrip().partition(b"\t")
            if source != target:
                output.write(line)
                rows += 1
                sources.add(source)
                targets.add(target)
    return rows, sorted(map(int, sources | targets)), sorted(map(int, sources))


def digests_of_file(edges: Path, sample: list[int]) -> list[str]:
    """The sampled nodes' digests, by one slow and obvious pass over the rows."""
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
