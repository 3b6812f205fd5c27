"""Whether rows measured over many splits agree with the data's README, whose row for a graph was measured on one split.

One split moves a whole row up or down, all methods together, by more than a hundredth. So the mean over splits says where a
row lies, its standard deviation how far one split may be from there, and splits in which every method at once is within a
hundredth of the README's row show that it can have come about this way. On seven of the graphs 2 to 25 of the first hundred
splits are such. On Cornell5 it is one of 350: its row is a rare draw, or was measured in some other way.

Counts of common neighbours also depend on who of several with the same count goes first, which the README does not say. Kith
lets who is more followed; by chance it is .006 more on Caltech36 and MIT8, and .003 less on lastfm (five splits).
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from methods import MEASURED_ONCE, METHODS

# What the README calls little.
TOLERANCE = 0.01


@dataclass(frozen=True)
class Agreement:
    """One graph: its splits beside the README's row."""

    splits: int
    # From one split to the next, of each method that the README has.
    deviations: np.ndarray
    # In so many splits every method is within the tolerance.
    agreeing: int
    # The split whose worst method is nearest, and how each of its methods differs.
    nearest: int
    nearest_values: np.ndarray
    differences: np.ndarray


def agreement(name: str, values: list[list[float]], first_seed: int) -> Agreement | None:
    """Of one graph's values, by method and split; None where a method could not be measured."""
    known = np.array(MEASURED_ONCE[name])
    rows = [cell for cell, method in zip(values, METHODS, strict=True) if method.has_numpy]
    if any(len(row) != len(rows[0]) or not row for row in rows):
        return None
    measured = np.array(rows).T
    differences = measured - known
    worst = np.abs(differences).max(axis=1)
    nearest = int(worst.argmin())
    spread = measured.std(axis=0, ddof=1) if len(measured) > 1 else np.full(len(known), np.nan)
    agreeing = int((worst <= TOLERANCE).sum())
    return Agreement(
        len(measured), spread, agreeing, first_seed + nearest, measured[nearest], differences[nearest]
    )


def table(measured: dict[str, list[list[float]]], first_seed: int) -> Iterator[str]:
    """The Markdown: each graph's nearest split, cell by cell."""
    titles = [method.title for method in METHODS if method.has_numpy]
    yield f"The split nearest to the README's, which was one as well, and how many are within {TOLERANCE} in every cell."
    yield "A choice after the fact, to see whether all methods agree at once; the means above are what to expect."
    yield ""
    yield "| | splits | SD of one | all cells agree | nearest | " + " | ".join(titles) + " |"
    yield "|---" * (len(titles) + 5) + "|"
    for name, values in measured.items():
        found = agreement(name, values, first_seed)
        if found is None:
            continue
        spread = "-" if found.splits == 1 else f"{found.deviations.min():.3f}-{found.deviations.max():.3f}"
        cells = [
            f"{value:.3f} ({difference:+.3f})"
            for value, difference in zip(found.nearest_values, found.differences, strict=True)
        ]
        head = f"| {name} | {found.splits} | {spread} | {found.agreeing} | number {found.nearest} | "
        yield head + " | ".join(cells) + " |"
