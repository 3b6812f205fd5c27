"""The comparison as Markdown: a table for each work, what is missing and why, the targets."""

from statistics import mean, median, quantiles
from typing import Any

from report import Comparison, PeerReport, spread
from targets import verdicts

MEBIBYTE = 1 << 20

TITLES = {"1": "one by one", "1000": "by 1,000", "10000": "by 10,000"}


def markdown(comparison: Comparison) -> str:
    """The whole report."""
    sections = [
        introduction(comparison),
        "## Targets\n\n" + table(["what", "target", "measured", "met"], verdicts(comparison)),
        "## Load\n\n" + load_table(comparison),
    ]
    works = comparison.settings["works"]
    if "paths" in works:
        sections.append("## Friends of friends\n\n" + paths_table(comparison))
    if "pagerank" in works:
        sections.append("## Personalised PageRank\n\n" + pagerank_table(comparison))
    for work, title, what in (
        ("lists", "Neighbour lists", "random out-lists, each fetched whole by key and added up"),
        ("edges", "Edge lookups", "random pairs of keys, half of them edges"),
    ):
        if work in works:
            sections.append(f"## {title}\n\n" + lookup_table(comparison, work, what))
    if "inserts" in works:
        sections.append("## Durable inserts\n\n" + insert_table(comparison))
    if comparison.interests:
        sections.append("## Interest similarity\n\n" + interest_table(comparison))
    peers = (f"- {report.title}, {version(report)}: {report.how}" for report in comparison.reports)
    sections.append("## What was measured\n\n" + "\n".join(peers))
    if failures := [f"- {report.title}: {report.failure}" for report in comparison.reports if report.failure]:
        sections.append("## What failed\n\n" + "\n".join(failures))
    if found := comparison.disagreements():
        sections.append("## What does not agree\n\n" + "\n".join(f"- {line}" for line in found))
    return "\n\n".join(sections) + "\n"


def introduction(comparison: Comparison) -> str:
    """What, where, and how to read it."""
    settings, machine = comparison.settings, comparison.machine
    return (
        "# Kith and its peers\n\n"
        f"R-MAT scale {settings['scale']}, edge factor {settings['edge_factor']}, seed {settings['seed']}: "
        f"{settings['rows']:,} rows, {settings['edges']:,} distinct edges, {settings['labels']:,} labels. "
        f"{settings['rounds']} rounds in turn, as median (least-greatest). {machine['cpu']}, {machine['cores']} cores, "
        f"{machine['memoryBytes'] / (1 << 30):.0f} GiB, Linux {machine['kernel']}. A ratio is the peer's figure over "
        "Kith's in the same round: above 1, Kith is better. Every question is asked once before the clock runs; a peer "
        f"that takes longer than {settings['seconds']:g} s for a work is asked fewer questions, and compared with Kith "
        "over those. Kith is timed around the library's calls, the others from call to result in Python. "
        f"DuckDB and Ladybug answer on {settings['answer_threads']} threads, the others on one but for NetworKit."
    )


def table(head: list[str], rows: list[list[str]]) -> str:
    """A Markdown table; all but the first column to the right."""
    lines = [head, ["---"] + ["---:"] * (len(head) - 1), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def missing(title: str, reason: str, columns: int) -> list[str]:
    """The row of a peer without figures."""
    return [title, reason.replace("|", "/")] + ["-"] * (columns - 2)


def version(report: PeerReport) -> str:
    """The version that was measured."""
    return report.loads[-1]["version"] if report.loads else "not measured"


def load_table(comparison: Comparison) -> str:
    """Loads, one row a peer."""
    head = ["load", "seconds", "ratio", "CPU s", "edges/s", "peak MiB", "ratio", "bytes/edge", "ratio", "agrees"]
    rows = []
    for report in comparison.reports:
        if report.edges is None or not report.loads or not comparison.kith.is_loaded:
            rows.append(missing(report.title, report.failure or "Kith itself failed", len(head)))
            continue
        seconds, peaks = report.figures("seconds"), report.figures("peakBytes")
        disk = [size / report.edges for size in report.figures("diskBytes")]
        lists = report.nodes_checked - report.nodes_differing
        verdict = "yes" if comparison.stores_agree(report) else "NO"
        space = ["nothing on disk", "-"]
        if report.is_durable:
            space = [spread(disk, 2), spread(comparison.load_ratios(report, "diskBytes"), 2)]
        rows.append(
            [
                report.title,
                spread(seconds, 2),
                spread(comparison.load_ratios(report, "seconds"), 2),
                spread(report.figures("processorSeconds"), 2),
                f"{report.edges / median(seconds):,.0f}",
                spread(peaks, 0, MEBIBYTE),
                spread(comparison.load_ratios(report, "peakBytes"), 2),
                *space,
                f"{verdict}: {report.edges:,} edges, {lists} of {report.nodes_checked} nodes",
            ]
        )
    return (
        "From the file to a closed store that answers both directions, every byte on disk; in memory: to arrays. "
        f"A peer that takes longer than {comparison.settings['load_seconds']:g} s is loaded once. CPU s "
        "is processor time on all threads; bytes an edge count every file the store left; "
        "some 35 MiB of each peak are Python's with NumPy.\n\n" + table(head, rows)
    )


def paths_table(comparison: Comparison) -> str:
    """Friends of friends, one row a peer."""
    head = ["friends of friends", "users", "mean ms", "ratio", "p99 ms", "agrees"]
    rows = []
    for report in comparison.reports:
        if (reason := report.cannot("paths") or comparison.kith.cannot("paths")) is not None:
            rows.append(missing(report.title, reason, len(head)))
            continue
        by_round = report.seconds("paths")
        differing = comparison.answers_differing(report)
        rows.append(
            [
                report.title,
                f"{min(map(len, by_round))}",
                spread([1000 * mean(taken) for taken in by_round], 3),
                spread(comparison.ratios(report, "paths"), 2),
                spread([1000 * percentile(taken, 99) for taken in by_round], 2),
                "yes" if differing == 0 else f"NO: {differing} users differ",
            ]
        )
    users = comparison.settings["users"]
    return f"The ten with most paths, for the same {users} users, who follow somebody.\n\n" + table(head, rows)


def percentile(figures: list[float], percent: int) -> float:
    """So many percent of the figures are at most this."""
    return quantiles(figures, n=100, method="inclusive")[percent - 1] if len(figures) > 1 else figures[0]


def pagerank_table(comparison: Comparison) -> str:
    """PageRank, one row a peer; Kith's serving mode is a second row of Kith."""
    settings = comparison.settings
    head = ["personalised PageRank", "users", "mean ms", "ratio", "L1 from SciPy's", "top 10 shared"]
    rows = []
    for report in comparison.reports:
        for work, suffix in (("pagerank", ""), ("serving", ", serving mode")):
            reason = report.cannot(work) or comparison.kith.cannot("pagerank")
            if reason is not None:
                if work == "pagerank":
                    rows.append(missing(report.title, reason, len(head)))
                continue
            by_round = report.seconds(work)
            checked = report.asked[0]["works"][work]
            against = zip(by_round, comparison.kith.seconds("pagerank"), strict=False)
            ratios = [mean(mine) / mean(kiths[: len(mine)]) for mine, kiths in against]
            rows.append(
                [
                    report.title + suffix,
                    f"{min(map(len, by_round))}",
                    spread([1000 * mean(taken) for taken in by_round], 1),
                    spread(ratios, 2),
                    f"{max(checked['l1']):.1e}",
                    f"{mean(checked['overlap']):.2f}",
                ]
            )
    return (
        f"Restart {settings['restart']:g}; the ten best new accounts by the scores to an L1 error of "
        f"{settings['tolerance']:g} at most (igraph has a tolerance of its own). Distances and shared tops are against "
        "SciPy's power iteration to 1e-10, the greatest and the mean over the users. A serving mode judges for itself; "
        "its ratio is against Kith's exact mode.\n\n" + table(head, rows)
    )


def lookup_table(comparison: Comparison, work: str, what: str) -> str:
    """Lists or edges, one row a peer."""
    head = [work, "asked", "a second", "ratio of times", "agrees"]
    rows = []
    for report in comparison.reports:
        if (reason := report.cannot(work) or comparison.kith.cannot(work)) is not None:
            rows.append(missing(report.title, reason, len(head)))
            continue
        by_round = report.seconds(work)
        rows.append(
            [
                report.title,
                f"{1000 * min(map(len, by_round)):,}",
                spread([1000 / mean(taken) for taken in by_round], 0),
                spread(comparison.ratios(report, work), 2),
                "yes" if comparison.lookups_differing(report, work) == 0 else "NO",
            ]
        )
    return f"{what[0].upper()}{what[1:]}; one after the other, on one thread.\n\n" + table(head, rows)


def insert_table(comparison: Comparison) -> str:
    """Inserts, one row a peer, a pair of columns for each size."""
    sizes = [str(size) for size, _ in comparison.settings["batches"]]
    head = ["inserts"] + [text for size in sizes for text in (f"{TITLES.get(size, size)}, edges/s", "ratio of times")]
    head.append("agrees")
    rows = []
    for report in comparison.reports:
        reason = next((round["cannot"] for round in report.inserted if "cannot" in round), None)
        if reason is not None or not report.inserted or not comparison.kith.inserted:
            rows.append(missing(report.title, reason or report.failure or "not asked", len(head)))
            continue
        row = [report.title]
        for size in sizes:
            if not comparison.insert_ratios(report, size):
                row += ["too slow", "-"]
                continue
            row.append(spread([int(size) / taken for taken in report.insert_seconds(size)], 0))
            row.append(spread(comparison.insert_ratios(report, size), 2))
        agrees = not any(round["missing"] or round["miscounted"] for round in report.inserted)
        rows.append([*row, "yes" if agrees else "NO"])
    return (
        "New edges between random nodes that are there, in both directions, on disk before the next one: a transaction "
        "an edge, and transactions of many.\n\n" + table(head, rows)
    )


def interest_table(comparison: Comparison) -> str:
    """Interest similarity, three rows a data set."""
    head = ["interests", "seconds", "people/s", "ratio", "as NumPy says", "best by Kith's definition"]
    rows = []
    for name, said in comparison.interests.items():
        if "cannot" in said:
            rows.append(missing(name, said["cannot"], len(head)))
            continue
        kith = said["contenders"]["Kith"]["seconds"]
        for who, measured in said["contenders"].items():
            rows.append(interest_row(f"{name}: {who}", measured, kith, said))
    return (
        "The ten most similar of everybody by tf-idf cosine, on one core; every list checked with NumPy by the "
        "definition it was made by, and by Kith's. Kith multiplies weight by ln(1 + n/df), implicit's TFIDFRecommender "
        "the root of the weight by ln n - ln(1 + df), and no option makes one the other; its CosineRecommender over "
        "weights times Kith's idf is Kith's definition.\n\n" + table(head, rows)
    )


def interest_row(title: str, measured: dict[str, Any], kith: list[float], said: dict[str, Any]) -> list[str]:
    """One contender on one data set."""
    seconds = measured["seconds"]
    return [
        title,
        spread(seconds, 3),
        f"{said['people'] / median(seconds):,.0f}",
        spread([mine / kiths for mine, kiths in zip(seconds, kith, strict=True)], 2),
        f"{measured['right']:,} of {said['checked']:,}",
        f"{measured['share']:.2f}",
    ]
