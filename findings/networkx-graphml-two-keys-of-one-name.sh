#!/usr/bin/env bash
# NetworkX 3.6.1 writes GraphML that igraph 1.0.0 refuses, when one weight is 3 and another 2.5.
#
# Expected: an attribute is one <key> in GraphML, and a graph whose weights are numbers is read by any other library.
# Seen: write_graphml declares a key for each Python type it meets under a name, so `weight` is declared twice, as `long`
# and as `double`, with different ids. The file is valid GraphML (ids are unique; names need not be). NetworkX reads it back
# with an int beside a float; igraph stops at the second declaration: "Duplicate attribute name found: 'weight'". With all
# weights float it reads it. `infer_numeric_types=True` writes one key.
#
# Why it matters: counts of interactions, some of them decayed or averaged, are just such a mixture. A reader of GraphML has
# to take keys by id and merge those of one name, and a writer must choose the widest type before it writes the first key.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check networkx==3.6.1 igraph==1.0.0
cd "$folder"
venv/bin/python - <<'PYTHON'
import re
import igraph
import networkx

def write(weights, **options):
    graph = networkx.DiGraph()
    for target, weight in enumerate(weights):
        graph.add_edge("ann", f"friend{target}", weight=weight)
    networkx.write_graphml_xml(graph, "graph.graphml", **options)
    return re.findall(r'attr.name="weight" attr.type="(\w+)"', open("graph.graphml").read())

assert write([3.0, 2.5]) == ["double"]
assert sorted(igraph.Graph.Read_GraphML("graph.graphml").es["weight"]) == [2.5, 3.0]

types = write([3, 2.5])
print("keys named weight:", types)
assert sorted(types) == ["double", "long"]
back = networkx.read_graphml("graph.graphml")
assert [type(weight) for *_, weight in back.edges(data="weight")] == [int, float]
try:
    igraph.Graph.Read_GraphML("graph.graphml")
    raise SystemExit("igraph now reads it")
except igraph.InternalError as error:
    print("igraph", igraph.__version__, error)
    assert "Duplicate attribute name" in str(error)

assert write([3, 2.5], infer_numeric_types=True) == ["double"]
PYTHON
