"""Similar people by what they like: Kith's tf-idf cosine beside `implicit`'s, everybody's ten most similar, one core.

The definitions differ, and so do the answers; each is checked against NumPy's computation of its own.

    Kith      weight x idf,         idf = ln(1 + n / df)
    implicit  sqrt(weight) x idf,   idf = ln n - ln(1 + df)        n people, df of them like the topic

There is no option that makes one the other. What makes them comparable is a third row: implicit's CosineRecommender
over weights that were multiplied by Kith's idf before, which is Kith's definition.

    interests.py DATA-FOLDER SET ROUNDS     one JSON object
"""

import json
import sys
import tempfile
import time
import warnings
from pathlib import Path
from typing import Any

import numpy as np
from scipy import sparse

from peers.kith import Driver, run

LIMIT = 10

# People whose lists are checked; a dense row for each is a second's work for some thousands.
CHECKED = 2000

# A small set is measured oftener than in ROUNDS rounds, until Kith has worked for so long.
SECONDS_MIN = 1
ROUNDS_MAX = 25

# Relative; implicit sums in the order it meets, Kith by topic, NumPy by row.
SCORE_TOLERANCE = 1e-9


def files(data: Path) -> dict[str, tuple[Path, bool]]:
    """The data sets: where they are, and whether their third column is a weight."""
    return {
        "lastfm artists": (data / "lastfm/user_artists.dat", True),
        "deezer genres": (data / "deezer/interests.tsv.gz", False),
    }


# Each person's best: the score of each.
Answers = list[dict[int, float]]


class Taste:
    """People by topics, as each definition weighs it; rows of length 1."""

    def __init__(self, weights: sparse.csr_array) -> None:
        counts = np.bincount(weights.indices, minlength=weights.shape[1])
        people = weights.shape[0]
        self.weights = weights
        self.kith_idf = np.log(1 + people / counts)
        self.kith = unit_rows(scaled(weights, weights.data, self.kith_idf))
        self.implicit = unit_rows(scaled(weights, np.sqrt(weights.data), np.log(people) - np.log1p(counts)))


def scaled(matrix: sparse.csr_array, data: Any, by_column: Any) -> sparse.csr_array:
    """The matrix with other data, each column multiplied."""
    return sparse.csr_array((data * by_column[matrix.indices], matrix.indices, matrix.indptr), shape=matrix.shape)


def unit_rows(matrix: sparse.csr_array) -> sparse.csr_array:
    """Each row divided by its length."""
    norms = np.sqrt(matrix.multiply(matrix).sum(axis=1))
    return sparse.csr_array(sparse.diags_array(1 / np.where(norms == 0, 1, norms)) @ matrix)


def judge(unit: sparse.csr_array, answers: Answers, asked: Any) -> tuple[int, float]:
    """How many of those asked got ten that are best by these rows, with the scores they have by them; and the share of
    all they got that is among the ten best, or as good as the last of them."""
    right, shares = 0, []
    for block in np.array_split(asked, max(1, len(asked) // 256)):
        for person, scores in zip(block, (unit[block] @ unit.T).toarray(), strict=True):
            scores[person] = 0
            found = answers[person]
            best = np.sort(np.partition(scores, -LIMIT)[-LIMIT:])[::-1]
            best = best[best > 0]
            if best.size == 0:
                right += not found
                continue
            own = scores[list(found)]
            given = np.array(sorted(found.values(), reverse=True))
            right += best.size == given.size and close(given, best) and close(list(found.values()), own)
            shares.append((own >= best[-1] * (1 - SCORE_TOLERANCE)).sum() / best.size)
    return right, float(np.mean(shares))


def close(given: Any, expected: Any) -> bool:
    """Whether scores are the same but for rounding."""
    return bool(np.allclose(given, expected, rtol=SCORE_TOLERANCE, atol=1e-12))


def ask_kith(driver: Driver, file: Path, people: int) -> tuple[float, Answers]:
    """Everybody's list from the open store, on one thread."""
    recommender = {"by": "interests", "via": ["interests"], "score": "tfidf-cosine"}
    request = {"recommenders": [recommender], "limit": LIMIT, "evidenceLimit": 0, "fallback": []}
    seconds = float(driver.ask("all", request=request, file=str(file))["seconds"])
    answers: Answers = [{} for _ in range(people)]
    for line in file.read_text().splitlines():
        person, other, score = line.split("\t")
        answers[int(person)][int(other)] = float(score)
    return seconds, answers


def ask_implicit(name: str, weights: sparse.csr_array) -> tuple[float, Answers]:
    """Everybody's list by a recommender of that name: its fit is the computation of all of them, on one thread."""
    from implicit import nearest_neighbours

    # Its items are the people, so that its users are the topics. One more, for it finds everybody most like themselves.
    model = getattr(nearest_neighbours, name)(K=LIMIT + 1, num_threads=1)
    given = sparse.csr_matrix(weights.T)
    # It warns that it converts what it made itself.
    warnings.simplefilter("ignore")
    start = time.perf_counter()
    model.fit(given, show_progress=False)
    seconds = time.perf_counter() - start
    answers: Answers = []
    for person in range(weights.shape[0]):
        places = slice(model.similarity.indptr[person], model.similarity.indptr[person + 1])
        pairs = zip(model.similarity.data[places].tolist(), model.similarity.indices[places].tolist(), strict=True)
        others = sorted(((-score, other) for score, other in pairs if other != person and score > 0))[:LIMIT]
        answers.append({other: -score for score, other in others})
    return seconds, answers


def measure(path: Path, is_weighted: bool, rounds: int, work: Path) -> dict[str, Any]:
    """All three, in turn; the last round's answers are checked for CHECKED people, evenly chosen."""
    from reference.graphs import read_incidence

    read = read_incidence(path, is_weighted)
    taste = Taste(read.matrix)
    people = read.matrix.shape[0]
    rows = read.matrix.tocoo()
    table = work / "interests.tsv"
    np.savetxt(table, np.stack([rows.row, rows.col, rows.data], axis=1), fmt=["%d", "%d", "%.9g"], delimiter="\t")
    store = work / "interests.kith"
    run("load", str(store), "--edges", f"interests={table}", "--format", "json")
    driver = Driver(store)
    as_kith_weighs = sparse.csr_array(scaled(read.matrix, read.matrix.data, taste.kith_idf))
    contenders = {
        "Kith": (lambda: ask_kith(driver, work / "answers.tsv", people), taste.kith),
        "implicit TFIDFRecommender": (lambda: ask_implicit("TFIDFRecommender", read.matrix), taste.implicit),
        "implicit CosineRecommender, weights times Kith's idf": (
            lambda: ask_implicit("CosineRecommender", as_kith_weighs),
            taste.kith,
        ),
    }
    asked = np.unique(np.linspace(0, people - 1, min(people, CHECKED)).astype(int))
    measured: dict[str, Any] = {name: {"seconds": []} for name in contenders}
    number = 0
    while number < rounds or number < ROUNDS_MAX and sum(measured["Kith"]["seconds"]) < SECONDS_MIN:
        for name, (ask, unit) in contenders.items():
            seconds, answers = ask()
            measured[name]["seconds"].append(seconds)
            if number == 0:
                measured[name]["right"], _ = judge(unit, answers, asked)
                _, measured[name]["share"] = judge(taste.kith, answers, asked)
        number += 1
    driver.close()
    return {"people": people, "rows": int(read.matrix.nnz), "checked": len(asked), "contenders": measured}


def main() -> None:
    """Measures one data set."""
    data, name, rounds = sys.argv[1:]
    path, is_weighted = files(Path(data))[name]
    with tempfile.TemporaryDirectory(prefix="kith-interests-") as work:
        json.dump(measure(path, is_weighted, int(rounds), Path(work)), sys.stdout)


if __name__ == "__main__":
    main()
