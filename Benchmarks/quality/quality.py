"""The command line of Benchmarks/quality/run, which says what is measured."""

import argparse
import sys
import tempfile
from pathlib import Path

import kith
import links
import people
import views
from splits import GRAPHS


# Measured in other ways than the graphs of friends: what files each wants.
OTHERS = {"linkprediction": links.files, "gowalla": views.files}


def options() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(prog="run", description="Measure how well kith recommends, on real graphs.")
    names = [*GRAPHS, *OTHERS]
    parser.add_argument("--graphs", default=",".join(names), help=f"which, by comma ({','.join(names)})")
    parser.add_argument("--data", type=Path, default=kith.ROOT / "../shared/data", help="the graphs' folder")
    parser.add_argument("--splits", type=int, default=5, help="random splits that are averaged (5)")
    parser.add_argument("--first-split", type=int, default=1, help="the number, and seed, of the first split (1)")
    parser.add_argument("--users", type=int, default=500, help="people asked in each split, at most (500)")
    parser.add_argument("--rounds", type=int, default=3, help="times Gowalla is measured, kith and SciPy in turn (3)")
    parser.add_argument("--check-with-numpy", action="store_true", help="a second row a graph, all in NumPy")
    parser.add_argument("--kith", type=Path, help="this executable instead of a release build of the checkout")
    chosen = parser.parse_args()
    chosen.graphs = chosen.graphs.split(",")
    for name in chosen.graphs:
        if name not in names:
            parser.error(f"there is no graph '{name}'; the graphs are {', '.join(names)}")
    if min(chosen.splits, chosen.first_split, chosen.users, chosen.rounds) < 1:
        parser.error("--splits, --first-split, --users and --rounds start at 1")
    return chosen


def files(name: str, data: Path) -> list[Path]:
    """What a graph wants."""
    return OTHERS[name](data) if name in OTHERS else GRAPHS[name].files(data)


def main() -> int:
    """Measures what is there; 66 when a graph is missing."""
    chosen = options()
    missing = {name: [path for path in files(name, chosen.data) if not path.exists()] for name in chosen.graphs}
    for paths in missing.values():
        for path in paths:
            print(f"quality: there is no {path}", file=sys.stderr)
    executable = chosen.kith.resolve() if chosen.kith else kith.build()
    with tempfile.TemporaryDirectory(prefix="kith-quality-") as folder:
        seeds = range(chosen.first_split, chosen.first_split + chosen.splits)
        plan = people.Plan(
            executable, chosen.data, Path(folder), seeds, chosen.users, chosen.check_with_numpy
        )
        present = [name for name in chosen.graphs if not missing[name]]
        measured = {name: people.measure(name, plan) for name in present if name not in OTHERS}
        if measured:
            print("\n".join([*people.table(measured, plan), ""]), flush=True)
        if "linkprediction" in present:
            print("\n".join([*links.table(executable, chosen.data, Path(folder)), ""]), flush=True)
        if "gowalla" in present:
            for line in views.table(executable, chosen.data, Path(folder), chosen.rounds):
                print(line, flush=True)
    for name in chosen.graphs:
        if missing[name]:
            print(f"- {name} is missing: its files are not in the data folder")
    return 66 if any(missing.values()) else 0


if __name__ == "__main__":
    sys.exit(main())
