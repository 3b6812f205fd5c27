"""Tries so many files: FILES SEED KITH; started by Tools/siblings."""

import sys
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from sibling_files import report
from sibling_files.command import Kith
from sibling_files.trial import Bench, Drawn

# Calls of the command at a time.
WORKERS = 2


def main() -> int:
    """Tries the files, prints what came of them, and returns the exit code."""
    count, seed, kith = int(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3])
    bench = Bench(Kith(kith), seed)
    undetermined: Counter[str] = Counter()

    def drawn() -> Iterator[Drawn]:
        for number in range(count):
            file, dropped = bench.drawn(number)
            undetermined.update(dropped)
            yield file

    with ThreadPoolExecutor(WORKERS) as pool:
        trials = list(pool.map(bench.tried, drawn()))
    print(report.table(trials, undetermined, bench.writers))
    print(report.others(trials))
    print(report.refusals(trials))
    if reason := report.failure(trials):
        print(f"siblings: {reason} (seed {seed})", file=sys.stderr)
        return 1
    return 0


sys.exit(main())
