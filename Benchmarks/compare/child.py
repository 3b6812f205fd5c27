"""One verb of one peer, in a process of its own, so that time and peak memory are that peer's alone.

    child.py PEER VERB GRAPH-FOLDER STORE SETTINGS     prints one JSON object

The clock runs from the first look at the edge file to a closed store whose every byte is on disk. The peer's library is
imported before; Kith and the SQLite shell are started inside, so their start-up counts.
"""

import json
import os
import resource
import sys
import time
from pathlib import Path
from typing import Any

import graph
from peers import make
from peers.peer import Peer

RECOMMENDATIONS = 10


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


def load(peer: Peer, files: graph.GraphFiles, store: Path) -> dict[str, Any]:
    """Loads the graph; how long it took, the peak and the size of every file the store left."""
    version = peer.version()
    start, busy = time.perf_counter(), processor_seconds()
    peer.load(files, store)
    sync(store)
    seconds, busy = time.perf_counter() - start, processor_seconds() - busy
    on_disk = sum(path.stat().st_size for path in store.rglob("*") if path.is_file())
    sizes = {"peakBytes": peak_bytes(), "diskBytes": on_disk}
    return {"seconds": seconds, "processorSeconds": busy, "version": version} | sizes


def check(peer: Peer, files: graph.GraphFiles, store: Path) -> dict[str, Any]:
    """How many edges the store counts, and the digests of the sampled nodes' lists."""
    sample = graph.read_labels(files.sample)
    digests = [graph.digest(outward, inward) for outward, inward in peer.neighbors(store, sample)]
    return {"edges": peer.edge_count(store), "digests": digests}


def recommend(peer: Peer, files: graph.GraphFiles, store: Path) -> dict[str, Any]:
    """Answers every user twice from one open store; the second answer is the one reported, with its milliseconds."""
    users = graph.read_labels(files.users)
    answers = list(peer.recommend(store, users + users, RECOMMENDATIONS))[len(users) :]
    return {"answers": [{"milliseconds": taken, "results": results} for taken, results in answers]}


def main() -> None:
    """Does as the command line says."""
    name, verb, folder, store, settings = sys.argv[1:]
    files = graph.GraphFiles(Path(folder))
    if verb == "prepare":
        report = graph.prepare(files, **json.loads(settings))
    else:
        report = {"load": load, "check": check, "recommend": recommend}[verb](make(name), files, Path(store))
    json.dump(report, sys.stdout)


if __name__ == "__main__":
    main()
