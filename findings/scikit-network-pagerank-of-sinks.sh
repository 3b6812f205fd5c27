#!/usr/bin/env bash
# scikit-network 0.33.5: which PageRank a graph with sinks has depends on the solver.
#
# Expected: PageRank is one vector, and a solver is a way to reach it. Three nodes in a chain, 0 -> 1 -> 2, damping .85,
# give .184, .341, .474 in NetworkX, igraph and NetworKit, whether a walk that ends in node 2 starts anew or is left out
# and the rest scaled.
# Seen: 'diteration' and 'RH' say that too. 'piteration' (what PageRank() takes) and 'lanczos' say .077, .178, .745, and
# 'bicgstab' .090, .167, .743; more iterations change nothing. On a cycle, where no node is a sink, all five agree.
#
# Why it matters: a follow graph is full of people who follow nobody. A comparison of engines, or of a recommender with
# "exact" PageRank, is off by far more than any tolerance where this library is the reference with its own settings.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check scikit-network==0.33.5 numpy==2.4.6 scipy==1.17.1
"$folder/venv/bin/python" - <<'PYTHON'
import numpy as np
from scipy import sparse
from sknetwork.ranking import PageRank

def scores(edges, solver):
    rows, columns = zip(*edges)
    adjacency = sparse.csr_matrix((np.ones(len(edges)), (rows, columns)), shape=(3, 3))
    return PageRank(solver=solver, n_iter=1000, tol=1e-12).fit_predict(adjacency)

textbook = [.18442, .34117, .47441]
chain, cycle = [(0, 1), (1, 2)], [(0, 1), (1, 2), (2, 0)]
seen = {solver: scores(chain, solver) for solver in ("diteration", "RH", "piteration", "lanczos", "bicgstab")}
for solver, vector in seen.items():
    print(f"{solver:11}", np.round(vector, 3))
    assert np.allclose(scores(cycle, solver), 1 / 3, atol=1e-4), "the solvers no longer agree on a cycle"
for solver in ("diteration", "RH"):
    assert np.allclose(seen[solver], textbook, atol=1e-4), f"{solver} has changed"
for solver in ("piteration", "lanczos"):
    assert np.allclose(seen[solver], [.07695, .17763, .74541], atol=1e-4), f"{solver} has changed"
assert np.allclose(seen["bicgstab"], [.09018, .16683, .74299], atol=1e-4), "bicgstab has changed"
PYTHON
