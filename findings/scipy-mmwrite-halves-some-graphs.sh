#!/usr/bin/env bash
# SciPy 1.17.1: how many rows a Matrix Market file has depends on the values of the matrix, not on how it was made.
#
# Expected: mmwrite of a directed graph writes a row for each edge, and "symmetric" is for who asks for it.
# Seen: mmwrite looks at the values, and where they happen to mirror each other it writes `symmetric` in the first line
# and the lower triangle only. The two directed graphs here differ in the weight of one edge; one becomes four rows and
# the other two. `symmetry="general"` writes all.
#
# Why it matters: the rows look like an edge list, and are often read as one (skip the head, split at blanks). That works
# for every graph but a wholly mutual one, which silently comes out as half of itself, always from the greater to the
# smaller id. A reader of .mtx must heed the first line; a test with one directed graph does not show it.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check scipy==1.17.1 numpy==2.4.6
"$folder/venv/bin/python" - <<'PYTHON'
import io
import scipy
from scipy.io import mmread, mmwrite
from scipy.sparse import coo_array

def written(weights, **options):
    file = io.BytesIO()
    mmwrite(file, coo_array((weights, ([0, 1, 1, 2], [1, 0, 2, 1])), shape=(3, 3)), **options)
    lines = file.getvalue().decode().splitlines()
    file.seek(0)
    assert mmread(file).nnz == 4
    return lines[0].split()[-1], [line for line in lines if not line.startswith("%")][1:]

print("SciPy", scipy.__version__)
for weights, options in (([1, 1, 1, 2], {}), ([1, 1, 1, 1], {}), ([1, 1, 1, 1], {"symmetry": "general"})):
    print(weights, options, *written(weights, **options))
assert written([1, 1, 1, 2]) == ("general", ["1 2 1", "2 1 1", "2 3 1", "3 2 2"])
assert written([1, 1, 1, 1]) == ("symmetric", ["2 1 1", "3 2 1"])
assert len(written([1, 1, 1, 1], symmetry="general")[1]) == 4
PYTHON
