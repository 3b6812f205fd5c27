"""One verb of one peer, in a process of its own, so that time and peak memory are that peer's alone.

    child.py PEER VERB GRAPH-FOLDER STORE SETTINGS     prints one JSON object

A load's clock runs from the first look at the edge file to a closed store whose every byte is on disk, or to arrays in
memory. The peer's library is imported before; Kith and the SQLite shell are started inside, so their start-up counts.
"""

import json
import os
import resource
import sys
import time
from pathlib import Path
from typing import Any

import graph
import work
from peers import make
from peers.peer import Peer


def sync(folder: Path) -> None:
    """Forces the store's files and its folder to disk, whatever the peer did about it."""
    for path in [*folder.rglob("*"), folder]:
        descriptor = os.open(path, os.O_RDONLY)
        os.fsync(descriptor)
        os.close(descriptor)


def peak_bytes() -> int:
    """The greatest resident size of this process or of the largest it started, pages of mapped files included."""
    return 1024 * max(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))


def processor_seconds() -> float:
    """The processor time of this process and of those it started, on all threads, in the kernel too."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(usage.ru_utime + usage.ru_stime for usage in used)


def load(peer: Peer, files: graph.GraphFiles, store: Path, settings: dict[str, Any]) -> dict[str, Any]:
    """Loads the graph; how long it took, the peak and the size of every file the store left."""
    version = peer.version()
    start, busy = time.perf_counter(), processor_seconds()
    peer.load(files, store)
    sync(store)
    seconds, busy = time.perf_counter() - start, processor_seconds() - busy
    on_disk = sum(path.stat().st_size for path in store.rglob("*") if path.is_file())
    sizes = {"peakBytes": peak_bytes(), "diskBytes": on_disk}
    return {"seconds": seconds, "processorSeconds": busy, "version": version} | sizes


def check(peer: Peer, files: graph.GraphFiles, store: Path, settings: dict[str, Any]) -> dict[str, Any]:
    """How many edges the store counts, and the digests of the sampled nodes' lists."""
    session = peer.open(files, store)
    sample = graph.read_labels(files.sample)
    digests = [graph.digest(*session.neighbors(label)) for label in sample]
    return {"edges": session.edge_count(), "digests": digests}


def ask(peer: Peer, files: graph.GraphFiles, store: Path, settings: dict[str, Any]) -> dict[str, Any]:
    """What the open store answers; how long opening took, and the peak."""
    start = time.perf_counter()
    session = peer.open(files, store)
    seconds = session.open_seconds or time.perf_counter() - start
    reports = work.ask(session, files, settings)
    session.close()
    return {"openSeconds": seconds, "peakBytes": peak_bytes(), "works": reports}


def insert(peer: Peer, files: graph.GraphFiles, store: Path, settings: dict[str, Any]) -> dict[str, Any]:
    """Adds edges durably; counts those that are missing when the store is opened again."""
    session = peer.open(files, store)
    before = session.edge_count()
    report = work.insert(session, files, settings)
    session.close()
    if "cannot" not in report:
        session = peer.open(files, store)
        added = sum(size for _, size in report["added"])
        report["missing"] = work.missing_inserts(session, files, report["added"])
        report["miscounted"] = session.edge_count() - before - added
        session.close()
    return report


VERBS = {"load": load, "check": check, "ask": ask, "insert": insert}


def main() -> None:
    """Does as the command line says."""
    name, verb, folder, store, given = sys.argv[1:]
    files, settings = graph.GraphFiles(Path(folder)), json.loads(given)
    if verb == "prepare":
        report = graph.prepare(files, **settings)
    elif verb == "rank":
        report = graph.rank(files, **settings)
    else:
        report = VERBS[verb](make(name), files, Path(store), settings)
    json.dump(report, sys.stdout)


if __name__ == "__main__":
    main()
