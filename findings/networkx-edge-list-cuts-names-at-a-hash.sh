#!/usr/bin/env bash
# NetworkX 3.6.1 reads its own edge list of nodes called `#jazz` or `c#1` back as another graph, without a word.
#
# Expected: a `#` begins a comment where it begins a line, or the reader refuses what it cannot parse; at least what
# write_edgelist has written comes back from read_edgelist with the same defaults.
# Seen: read_edgelist cuts every line at the first `#`, wherever it stands, and passes over what has fewer than two words
# then. An edge to `#jazz` is gone, and one to `c#1` is an edge to `c`, which is no node of the graph, without its weight.
# read_adjlist does the same. `comments=None` keeps all of it.
#
# Why it matters: hashtags are nodes of many social graphs. A file that NetworkX wrote does not say what NetworkX reads from
# it; a reader that takes `#` for a comment at the start of a line alone makes the graph that was written, but for sources
# that begin with it.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check networkx==3.6.1
cd "$folder"
venv/bin/python - <<'PYTHON'
import networkx

written = networkx.DiGraph()
written.add_edge("ann", "#jazz", weight=2)
written.add_edge("ann", "c#1", weight=3)
written.add_edge("#jazz", "bob", weight=4)
networkx.write_edgelist(written, "edges.txt")
networkx.write_adjlist(written, "adjacency.txt")

read = networkx.read_edgelist("edges.txt", create_using=networkx.DiGraph)
print("NetworkX", networkx.__version__, "wrote", list(written.edges), "and read", list(read.edges(data=True)))
assert list(read.edges(data=True)) == [("ann", "c", {})]

lists = networkx.read_adjlist("adjacency.txt", create_using=networkx.DiGraph)
print("adjacency:", list(lists.edges), sorted(lists))
assert list(lists.edges) == [] and "#jazz" not in lists

whole = networkx.read_edgelist("edges.txt", create_using=networkx.DiGraph, comments=None)
assert whole.edges == written.edges
PYTHON
