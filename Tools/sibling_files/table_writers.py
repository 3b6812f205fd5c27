"""Files of the libraries for tables: pandas, polars, DuckDB."""

import csv
import random
from io import BytesIO
from pathlib import Path
from typing import Any

import duckdb
import pandas
import polars

from sibling_files.files import Writer, Written, column_names, ending_of
from sibling_files.graphs import BLANK_ENDS, LINE_ENDS, Graph, columns_of, random_graph

DELIMITERS = [",", ",", ",", ";", "|", "\t"]
COMPRESSIONS = ["", "", "", "", ".gz", ".zst"]
QUOTINGS = {
    "minimal": csv.QUOTE_MINIMAL, "all": csv.QUOTE_ALL, "nonnumeric": csv.QUOTE_NONNUMERIC, "none": csv.QUOTE_NONE,
}  # fmt: skip
JSON_ENDS = [("from", "to"), ("source", "target"), ("src", "dst")]


def keys_to_quote(quoting: str) -> list[str]:
    """The keys that a file may have because such a quoting puts quotes around them."""
    everything = {"all", "nonnumeric", "non_numeric", "always"}
    return LINE_ENDS + BLANK_ENDS if quoting in everything else LINE_ENDS[:1] if quoting == "minimal" else []


def json_names(rng: random.Random, graph: Graph) -> list[str]:
    """The names of the members of an edge in JSON lines."""
    return [*rng.choice(JSON_ENDS), *["weight"] * graph.has_weights, *["time"] * graph.has_times]


def as_pandas(graph: Graph, names: list[str]) -> pandas.DataFrame:
    """A row for each edge."""
    return pandas.DataFrame([edge.fields for edge in graph.edges], columns=names)


def pandas_csv(rng: random.Random, folder: Path) -> Written:
    """`to_csv`, with and without index, header and quotes, with dates, compressed."""
    quoting = rng.choice(["minimal", "minimal", "minimal", "all", "nonnumeric", "none"])
    has_index, has_header = rng.random() < 0.4, rng.random() < 0.75
    # One or two rows that have a number in front of them are like rows with a weight.
    least = 3 if has_index and not has_header else 1
    graph = random_graph(rng, more=keys_to_quote(quoting), least=least)
    names = column_names(rng, graph)
    table = as_pandas(graph, names)
    time_format = None
    if graph.has_times and rng.random() < 0.4:
        table[names[-1]] = pandas.to_datetime(table[names[-1]], unit="s", utc=rng.random() < 0.5)
        time_format = rng.choice([None, None, "%Y-%m-%dT%H:%M:%SZ"])
    if has_header and rng.random() < 0.3:
        table["note"] = rng.choice([None, "a text", 1.5, "one, two"])
        table = table[rng.sample(list(table.columns), len(table.columns))]
    layout: dict[str, Any] = {
        "sep": rng.choice(DELIMITERS),
        "quoting": QUOTINGS[quoting],
        "lineterminator": rng.choice(["\n", "\r\n"]),
    }
    ending = ending_of(rng, layout["sep"])
    if compression := rng.choice(COMPRESSIONS):
        ending += compression
    path = folder / f"written{ending}"
    label = rng.choice([None, None, "row", "index"]) if has_header else None
    table.to_csv(path, index=has_index, header=has_header, index_label=label, date_format=time_format, **layout)
    found = pandas.read_csv(
        path,
        index_col=0 if has_index else None,
        header=0 if has_header else None,
        dtype=str,
        keep_default_na=False,
        sep=layout["sep"],
        quoting=layout["quoting"],
    )
    if not has_header:
        found.columns = table.columns
    settings = f"to_csv, index {has_index}, header {has_header}, {layout['sep']!r}, quotes {quoting}, {time_format}"
    return Written(settings, ending, path.read_bytes(), graph).checked(found[names].values.tolist())


def pandas_json(rng: random.Random, folder: Path) -> Written:
    """`to_json` in lines."""
    graph = random_graph(rng, more=LINE_ENDS + BLANK_ENDS)
    names = json_names(rng, graph)
    data = as_pandas(graph, names).to_json(orient="records", lines=True, force_ascii=rng.random() < 0.5).encode()
    found = pandas.read_json(BytesIO(data), lines=True, dtype=False, convert_dates=False)
    return Written("to_json", rng.choice([".jsonl", ".json", ".txt"]), data, graph).checked(found.values.tolist())


def as_polars(graph: Graph, names: list[str]) -> polars.DataFrame:
    """A row for each edge; a column of keys is of numbers if all of them are."""
    columns: dict[str, list[object]] = {}
    for name, values in zip(names, columns_of(graph), strict=True):
        has_texts = any(isinstance(value, str) for value in values)
        columns[name] = [str(value) for value in values] if has_texts else list(values)
    return polars.DataFrame(columns, strict=False)


def polars_csv(rng: random.Random, folder: Path) -> Written:
    """`write_csv` with each style of quotes, with a byte order mark and without."""
    style = rng.choice(["necessary", "necessary", "always", "non_numeric", "never"])
    graph = random_graph(rng, more=keys_to_quote(style))
    names = column_names(rng, graph)
    table = as_polars(graph, names)
    if graph.has_times and rng.random() < 0.4:
        table = table.with_columns(polars.from_epoch(polars.col(names[-1]), time_unit="s"))
    delimiter, has_header = rng.choice(DELIMITERS), rng.random() < 0.75
    layout: dict[str, Any] = {
        "separator": delimiter,
        "quote_style": style,
        "include_header": has_header,
        "include_bom": rng.random() < 0.2,
        "line_terminator": rng.choice(["\n", "\n", "\r\n"]),
    }
    data = BytesIO()
    table.write_csv(data, **layout)
    found = polars.read_csv(
        BytesIO(data.getvalue()),
        separator=delimiter,
        has_header=has_header,
        infer_schema=False,
        quote_char=None if style == "never" else '"',
    )
    settings = f"write_csv, header {has_header}, {delimiter!r}, quotes {style}"
    return Written(settings, ending_of(rng, delimiter), data.getvalue(), graph).checked(found.rows())


def polars_json(rng: random.Random, folder: Path) -> Written:
    """`write_ndjson`."""
    graph = random_graph(rng, more=LINE_ENDS + BLANK_ENDS)
    data = as_polars(graph, json_names(rng, graph)).write_ndjson().encode()
    found = polars.read_ndjson(BytesIO(data), infer_schema_length=None)
    return Written("write_ndjson", rng.choice([".ndjson", ".jsonl", ".json"]), data, graph).checked(found.rows())


def duckdb_table(graph: Graph, names: list[str], has_dates: bool) -> duckdb.DuckDBPyConnection:
    """A database whose table `edges` has a row for each edge."""
    kinds = ["BIGINT" if all(isinstance(key, int) for key in keys) else "VARCHAR" for keys in columns_of(graph)[:2]]
    kinds += ["DOUBLE"] * graph.has_weights + ["BIGINT"] * graph.has_times
    columns = ", ".join(f'"{name}" {kind}' for name, kind in zip(names, kinds, strict=True))
    database = duckdb.connect(config={"threads": 1})
    database.execute("SET TimeZone = 'UTC'")
    database.execute(f"CREATE TABLE edges ({columns})")
    places = ", ".join("?" * len(names))
    database.executemany(f"INSERT INTO edges VALUES ({places})", [edge.fields for edge in graph.edges])
    if has_dates:
        moment = f'make_timestamp("{names[-1]}" * 1000000)'
        database.execute(f'ALTER TABLE edges ALTER "{names[-1]}" TYPE TIMESTAMP USING {moment}')
    return database


def duckdb_csv(rng: random.Random, folder: Path) -> Written:
    """`COPY ... TO` CSV with a header and without, quotes where needed or everywhere, compressed."""
    is_forced = rng.random() < 0.25
    graph = random_graph(rng, more=LINE_ENDS + BLANK_ENDS if is_forced else LINE_ENDS[:1])
    names = column_names(rng, graph)
    database = duckdb_table(graph, names, has_dates=graph.has_times and rng.random() < 0.4)
    delimiter, has_header = rng.choice(DELIMITERS), rng.random() < 0.75
    compression = rng.choice(COMPRESSIONS)
    path = folder / f"written{ending_of(rng, delimiter)}{compression}"
    kind = {"": "none", ".gz": "gzip", ".zst": "zstd"}[compression]
    layout = f"HEADER {has_header}, DELIMITER '{delimiter}', QUOTE '\"', COMPRESSION {kind}"
    force = ", FORCE_QUOTE *" if is_forced else ""
    database.execute(f"COPY edges TO '{path}' (FORMAT csv, {layout}{force})")
    columns = dict.fromkeys(names, "VARCHAR")
    found = database.execute(
        f"SELECT * FROM read_csv('{path}', header = {has_header}, delim = '{delimiter}', quote = '\"', "
        f"auto_detect = false, compression = '{kind}', columns = {columns})"
    ).fetchall()
    quotes = "all" if is_forced else "minimal"
    settings = f"COPY, header {has_header}, {delimiter!r}, quotes {quotes}, {kind}"
    return Written(settings, "".join(path.suffixes), path.read_bytes(), graph).checked(found)


def duckdb_json(rng: random.Random, folder: Path) -> Written:
    """`COPY ... TO` JSON, in lines; or in one array, which is told of by name."""
    graph = random_graph(rng, more=LINE_ENDS + BLANK_ENDS)
    names = json_names(rng, graph)
    database = duckdb_table(graph, names, has_dates=graph.has_times and rng.random() < 0.4)
    is_array = rng.random() < 0.2
    path = folder / "written.json"
    database.execute(f"COPY edges TO '{path}' (FORMAT json, ARRAY {is_array})")
    columns = dict.fromkeys(names, "VARCHAR")
    kind = "array" if is_array else "newline_delimited"
    found = database.execute(f"SELECT * FROM read_json('{path}', format = '{kind}', columns = {columns})").fetchall()
    return Written(f"JSON, array {is_array}", ".json", path.read_bytes(), graph, is_foreign=is_array).checked(found)


PANDAS: list[Writer] = [pandas_csv, pandas_csv, pandas_csv, pandas_csv, pandas_json]
POLARS: list[Writer] = [polars_csv, polars_csv, polars_csv, polars_json]
DUCKDB: list[Writer] = [duckdb_csv, duckdb_csv, duckdb_csv, duckdb_json]
