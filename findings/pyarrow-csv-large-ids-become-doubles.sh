#!/usr/bin/env bash
# pyarrow 26.0.1: user ids of 2^63 and more in a CSV column become doubles, and different people become one.
#
# Expected: whole numbers that fit 64 bits unsigned are read as uint64, or the read fails. pandas 3.1.1 reads this file as
# uint64, DuckDB 2.0.1 as HUGEINT and polars 2.1.0 as Int128, each exactly.
# Seen: pyarrow.csv.read_csv infers int64 and then double, without a word. Of four ids two are left; and ids far below
# 2^63 in the same column lose their last digit too, because the type is the column's.
#
# Why it matters: hashed ids are spread over all 64 bits, so half of them are 2^63 or more. pyarrow is what stands between
# CSV and Parquet in many pipelines; an edge list that went through it is another graph. `column_types` helps.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check \
    pyarrow==26.0.1 pandas==3.1.1 duckdb==2.0.1 polars==2.1.0 numpy==2.4.6
cd "$folder"
venv/bin/python - <<'PYTHON'
import duckdb
import pandas
import polars
import pyarrow
import pyarrow.csv

ids = [18446744073709551615, 18446744073709551614, 9007199254740993, 9007199254740992]
with open("follows.csv", "w") as file:
    file.write("from,to\n" + "".join(f"{id},1\n" for id in ids))

table = pyarrow.csv.read_csv("follows.csv")
different = len(set(table["from"].to_pylist()))
print("pyarrow", pyarrow.__version__, table.schema.field("from").type, "different ids:", different)
assert table.schema.field("from").type == pyarrow.float64() and different == 2
typed = pyarrow.csv.ConvertOptions(column_types={"from": pyarrow.uint64()})
assert pyarrow.csv.read_csv("follows.csv", convert_options=typed)["from"].to_pylist() == ids
others = {
    "pandas": pandas.read_csv("follows.csv")["from"].tolist(),
    "duckdb": [row[0] for row in duckdb.sql("select \"from\" from read_csv('follows.csv')").fetchall()],
    "polars": polars.read_csv("follows.csv")["from"].to_list(),
}
for name, found in others.items():
    print(name, "different ids:", len(set(found)))
    assert sorted(found) == sorted(ids), f"{name} no longer reads them exactly"
PYTHON
