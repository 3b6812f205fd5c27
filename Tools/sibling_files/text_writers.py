"""Text: Python's csv and json modules, R's write.table (imitated), lines as people write them."""

import csv
import json
import random
from io import StringIO
from pathlib import Path
from typing import Any

from sibling_files.files import Writer, Written, column_names, ending_of, several_members
from sibling_files.graphs import BLANK_ENDS, LINE_ENDS, Graph, Key, columns_of, random_graph
from sibling_files.table_writers import QUOTINGS, json_names, keys_to_quote

LINE_TERMINATORS = ["\n", "\n", "\n", "\r\n", "\r\n", "\r"]
# What a column that nobody asked for may hold.
NOTES = ["hi", "", "7", "a,b", '"q"', "#c"]
# What stands between columns where people write by hand.
HAND_DELIMITERS = [",", ";", "|", "\t", " ", "::", ", ", " , ", "; ", "  ", " \t", "\t ", " | "]


def python_csv(rng: random.Random, folder: Path) -> Written:
    """`csv.writer`: every quoting, columns in any order, some that are nothing of a graph."""
    quoting = rng.choice(["minimal", "minimal", "all", "nonnumeric", "none"])
    graph = random_graph(rng, more=keys_to_quote(quoting))
    names = column_names(rng, graph)
    has_header = rng.random() < 0.6
    order = list(range(len(names)))
    if has_header and rng.random() < 0.5:
        order.append(len(names))
        rng.shuffle(order)
    layout: dict[str, Any] = {
        "delimiter": rng.choice([",", ",", ",", ";", "|", "\t", " "]),
        "quoting": QUOTINGS[quoting],
        "lineterminator": rng.choice(LINE_TERMINATORS),
    }
    out = StringIO()
    writer = csv.writer(out, **layout)
    if has_header:
        titles = [*names, rng.choice(["note", "Label", "x", "comment, free"])]
        writer.writerow([titles[place] for place in order])
    for edge in graph.edges:
        fields = [*edge.fields, rng.choice(NOTES)]
        writer.writerow([fields[place] for place in order])
    text = out.getvalue()
    # With line ends as they are, as the documentation of csv asks for.
    rows = list(csv.reader(StringIO(text, newline=""), **layout | {"quoting": reading(quoting)}))
    found = [[row[order.index(place)] for place in range(len(names))] for row in rows[has_header:]]
    if rng.random() < 0.2:
        text = "\ufeff" + text
    if rng.random() < 0.2:
        text = text.removesuffix(layout["lineterminator"])
    settings = f"header {has_header}, {layout['delimiter']!r}, quotes {quoting}, {layout['lineterminator']!r}"
    return Written(settings, ending_of(rng, layout["delimiter"]), text.encode(), graph).checked(found)


def reading(quoting: str) -> int:
    """The quoting to read with: the same, but numbers stay text."""
    return csv.QUOTE_NONE if quoting == "none" else csv.QUOTE_MINIMAL


def r_table(rng: random.Random, folder: Path) -> Written:
    """`write.table` and `write.csv` of R, imitated: quotes and names of rows by its rules.

    No reader is at hand. So keys are those that the settings carry: without quotes, no delimiter, quote or comment; in
    quotes, no quote that a backslash would be before; nowhere NA, which is R's word for a missing value.
    """
    has_quotes, has_row_names, has_header = (rng.random() < 0.6 for _ in range(3))
    delimiter = rng.choice([" ", "\t", ","])
    # `col.names = NA`, as write.csv has it: the header has an empty name for the names of rows.
    is_padded = has_header and has_row_names and rng.random() < 0.5
    doubles = has_quotes and delimiter == "," and rng.random() < 0.5

    def can_carry(key: str) -> bool:
        forbidden = ("\\" if doubles else '"\\') if has_quotes else " \t,;|\"'#\\"
        return key != "NA" and not any(character in forbidden for character in key)

    least = 3 if has_row_names and not has_header else 1
    graph = random_graph(rng, more=BLANK_ENDS if has_quotes else [], can_carry=can_carry, least=least)
    names = [*rng.choice([("from", "to"), ("V1", "V2"), ("source", "target")]), "weight", "time"]
    names = names[:2] + names[2:3] * graph.has_weights + names[3:] * graph.has_times
    columns = columns_of(graph)
    are_texts = [any(isinstance(value, str) for value in column) for column in columns]

    def quoted(text: str) -> str:
        return '"' + text.replace('"', '""') + '"' if has_quotes else text

    def written(value: Key | float, is_text: bool) -> str:
        return quoted(str(value)) if is_text else format(value, ".15g")

    lines = [[quoted("")] * is_padded + [quoted(name) for name in names]] if has_header else []
    for place, edge in enumerate(graph.edges, 1):
        lines.append([quoted(str(place))] * has_row_names)
        lines[-1] += [written(value, is_text) for value, is_text in zip(edge.fields, are_texts, strict=True)]
    text = "".join(delimiter.join(line) + "\n" for line in lines)
    settings = (
        f"quote {has_quotes}, row.names {has_row_names}, col.names {'NA' if is_padded else has_header}, {delimiter!r}, "
        f"{names[0]}"
    )
    return Written(settings, ending_of(rng, delimiter), text.encode(), graph)


def by_hand(rng: random.Random, folder: Path) -> Written:
    """Lines with comments above and between, any line end, blank lines, a byte order mark, several gzip members.

    No reader is at hand, so keys hold no quotes, no delimiter of any kind, and do not begin as a comment does.
    """
    delimiter = rng.choice(HAND_DELIMITERS)

    def can_carry(key: str) -> bool:
        forbidden = ",;|\t\"'\\" + ("" if delimiter.strip() else " ")
        return key[0] not in "#%" and "::" not in key and not any(character in forbidden for character in key)

    graph = random_graph(rng, can_carry=can_carry)
    head = rng.choice(["none", "none", "row", "comment", "text", "glued comment"])
    names = column_names(rng, graph)
    lines = head_lines(head, delimiter.join(names), graph)
    for edge in graph.edges:
        lines.append(delimiter.join(str(field) for field in edge.fields))
        if rng.random() < 0.05:
            lines.append(rng.choice(["", "# in between", "  "]))
        if head == "row" and rng.random() < 0.03:
            lines.append(lines[0])
    line_end = rng.choice(["\n", "\n", "\r\n", "\r\r\n", "\r"])
    data = (line_end.join(lines) + line_end * rng.choice([1, 1, 0, 2])).encode()
    if rng.random() < 0.2:
        data = b"\xef\xbb\xbf" + data
    ending = ending_of(rng, delimiter.strip() or delimiter[0])
    if rng.random() < 0.2:
        data, ending = several_members(rng, data), f"{ending}.gz"
    return Written(f"head {head}, {delimiter!r}, {line_end!r}", ending, data, graph)


def head_lines(head: str, names: str, graph: Graph) -> list[str]:
    """The lines above the first edge."""
    match head:
        case "row":
            return [names]
        case "comment":
            return [f"# {names}"]
        case "glued comment":
            return [f"#{names}"]
        case "text":
            counts = f"# Nodes: {len(graph.keys)} Edges: {len(graph.edges)}"
            return ["# Directed graph: friends", counts, "# by me, today"]
    return []


def json_lines(rng: random.Random, folder: Path) -> Written:
    """`json.dumps`, an edge a line, members in any order and some that are nothing of a graph."""
    graph = random_graph(rng, more=LINE_ENDS + BLANK_ENDS)
    names = json_names(rng, graph)
    layout: dict[str, Any] = {"ensure_ascii": rng.random() < 0.5, "separators": rng.choice([(",", ":"), (", ", ": ")])}
    lines = []
    for edge in graph.edges:
        members = [*zip(names, edge.fields, strict=True), ("note", rng.choice([None, {"from": 1}, ["to"]]))]
        lines.append(json.dumps(dict(rng.sample(members, len(members))), **layout))
    found = [[json.loads(line)[name] for name in names] for line in lines]
    line_end = rng.choice(["\n", "\n", "\r\n"])
    data = (line_end.join(lines) + line_end * rng.choice([1, 1, 0, 2])).encode()
    return Written("json.dumps", rng.choice([".jsonl", ".ndjson", ".json", ".txt", ""]), data, graph).checked(found)


CSV: list[Writer] = [python_csv]
R: list[Writer] = [r_table]
PLAIN: list[Writer] = [by_hand]
JSON: list[Writer] = [json_lines]
