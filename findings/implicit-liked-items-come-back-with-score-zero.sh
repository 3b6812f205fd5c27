#!/usr/bin/env bash
# implicit 0.7.3: items that filter_already_liked_items leaves out come back where the list has room, marked in a way that
# depends on the model, and for neighbour models not marked at all.
#
# Expected: recommend(..., filter_already_liked_items=True) never answers with an item the user has; a short list is short.
# Seen: the list is filled up with liked items. AlternatingLeastSquares gives them the least float, so a caller can cut
# the list there. CosineRecommender gives them 0.0, which an item that is truly unlike everything liked has too, and such
# an item can be left out of the same list: user 0 likes items 0 and 1, is asked four items, and gets 2, 1, 0, never 3.
#
# Why it matters: on sparse data with N of 20 most lists have room. Recall and NDCG count the liked items as misses, so a
# neighbour model looks worse beside one that answers with fewer; and a feed shows people what they bought.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check implicit==0.7.3 numpy==2.4.6 scipy==1.17.1
export OPENBLAS_NUM_THREADS=1
"$folder/venv/bin/python" -W ignore - <<'PYTHON'
import implicit
import numpy as np
from implicit.als import AlternatingLeastSquares
from implicit.nearest_neighbours import CosineRecommender
from scipy.sparse import csr_matrix

likes = csr_matrix(np.array([[1, 1, 0, 0], [1, 1, 1, 0], [0, 1, 1, 0], [1, 1, 1, 1]], dtype=np.float64))

def asked(model):
    model.fit(likes, show_progress=False)
    ids, scores = model.recommend(0, likes[0], N=4, filter_already_liked_items=True)
    print(type(model).__name__, list(zip(ids.tolist(), scores.tolist())))
    return ids, scores

print("implicit", implicit.__version__)
ids, scores = asked(AlternatingLeastSquares(factors=4, random_state=1))
assert set(ids[2:]) == {0, 1} and (scores[2:] == np.finfo(np.float32).min).all()
ids, scores = asked(CosineRecommender(K=3))
assert ids.tolist() == [2, 1, 0] and scores[1:].tolist() == [0.0, 0.0] and scores[0] > 1
PYTHON
