"""What is printed of the trials."""

import gzip
from collections import Counter
from collections.abc import Iterable

import zstandard

from sibling_files.files import Written
from sibling_files.graphs import Row
from sibling_files.trial import Trial, Verdict

# So much is shown of a file, of the edges that differ, and of what an error says.
LINES_MAX, LETTERS_MAX, EDGES_MAX, MESSAGE_MAX = 6, 160, 5, 300
# More refusals than this share of all files are too many.
REFUSED_SHARE_MAX = 0.1


def text_of(written: Written) -> str:
    """The first lines of a file, unpacked, with their line ends spelled out."""
    data = written.data
    if written.ending.endswith(".gz"):
        data = gzip.decompress(data)
    elif written.ending.endswith(".zst"):
        data = zstandard.ZstdDecompressor().decompressobj().decompress(data)
    lines = data.decode(errors="replace").splitlines(keepends=True)
    shown = [f"    {line[:LETTERS_MAX]!r}" for line in lines[:LINES_MAX]]
    if len(lines) > LINES_MAX:
        shown.append(f"    ... {len(lines) - LINES_MAX} more lines")
    return "\n".join(shown)


def heading(trial: Trial) -> str:
    """The name of a file and how it was written."""
    written = trial.drawn.written
    how = f"{written.settings} ({written.ending or 'no ending'}, as {written.graph.edge_type})"
    return f"{trial.drawn.name}: {trial.drawn.writer}: {how}"


def rows_text(what: str, rows: frozenset[Row]) -> str:
    """Some edges that are missing, or too many."""
    some = sorted(rows, key=repr)[:EDGES_MAX]
    return f"  {len(rows)} {what}: {', '.join(map(repr, some))}{' ...' if len(rows) > EDGES_MAX else ''}"


def table(trials: list[Trial], undetermined: Counter[str], writers: Iterable[str]) -> str:
    """How many files of each writer came to what."""
    counts = Counter((trial.drawn.writer, trial.verdict) for trial in trials)
    lines = [f"{'writer':14}{'files':>8}" + "".join(f"{verdict.value:>9}" for verdict in Verdict) + "  undetermined"]

    def line(name: str, cells: list[int], dropped: int) -> str:
        return f"{name:14}{sum(cells):8,}" + "".join(f"{cell:9,}" for cell in cells) + f"{dropped:14,}"

    for writer in writers:
        lines.append(line(writer, [counts[writer, verdict] for verdict in Verdict], undetermined[writer]))
    sums = Counter(trial.verdict for trial in trials)
    lines.append(line("all", [sums[verdict] for verdict in Verdict], undetermined.total()))
    return "\n".join(lines)


def others(trials: list[Trial]) -> str:
    """Every file that became another graph, or at which the command failed."""
    parts = []
    for trial in trials:
        if trial.verdict is Verdict.OTHER:
            parts += ["", f"OTHER {heading(trial)}", text_of(trial.drawn.written)]
            parts += [f"  {trial.message}"] if trial.message else [f"  understood: {trial.understood}"]
            parts += [rows_text("missing", trial.missing), rows_text("extra", trial.extra)] if not trial.message else []
    return "\n".join(parts)


def refusals(trials: list[Trial]) -> str:
    """Refusals by writer and code, the most frequent first, the shortest file as an example."""
    refused = [trial for trial in trials if trial.verdict is Verdict.REFUSED]
    parts = []
    for (writer, code), count in Counter((trial.drawn.writer, trial.code) for trial in refused).most_common():
        alike = [trial for trial in refused if (trial.drawn.writer, trial.code) == (writer, code)]
        example = min(alike, key=lambda trial: len(trial.drawn.written.data))
        parts += ["", f"REFUSED {count:,}: {writer}, {code}, such as {heading(example)}"]
        parts += [text_of(example.drawn.written), f"  {example.message[:MESSAGE_MAX]}"]
    return "\n".join(parts)


def failure(trials: list[Trial]) -> str | None:
    """Why the whole is no success, if it is none."""
    sums = Counter(trial.verdict for trial in trials)
    if sums[Verdict.OTHER]:
        return f"{sums[Verdict.OTHER]:,} of {len(trials):,} files became another graph, or the command failed at them"
    if sums[Verdict.REFUSED] > REFUSED_SHARE_MAX * len(trials):
        return f"{sums[Verdict.REFUSED]:,} of {len(trials):,} files were refused, more than {REFUSED_SHARE_MAX:.0%}"
    return None
