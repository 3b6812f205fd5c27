"""Writes the recorded values; started by Tools/reference-values, which says what they are."""

import argparse
import random
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import igraph
import networkx
import numpy as np
import scipy

from reference import behaviour, ranking, times
from reference.graphs import Graph, Incidence, graph, ones, read_incidence, read_pairs
from reference.interests import SharedInterests
from reference.pagerank import personalized_pagerank, single_seeds

RESOURCES = Path("Tests/KithTests/Resources")
# What is left of the L1 error of the power iterations that igraph is compared with.
TOLERANCE = 1e-14
# How far igraph may be from them.
DIFFERENCE_MAX = 1e-12

Lines = Iterator[str]


def row(*fields: object) -> str:
    """Fields between tabs; a float with all its digits."""
    return "\t".join(repr(float(field)) if isinstance(field, float) else str(field) for field in fields)


def networkx_pairs(path: Path) -> Lines:
    """Half of the pairs at distance two, half any."""
    friends = networkx.Graph(read_pairs(path).tolist())
    friends.remove_edges_from(list(networkx.selfloop_edges(friends)))
    random.seed(20)
    nodes = sorted(friends)
    chosen: set[tuple[int, int]] = set()
    while len(chosen) < 500:
        u = random.choice(nodes)
        w = random.choice(sorted(friends[random.choice(sorted(friends[u]))]))
        if w != u and w not in friends[u]:
            chosen.add((u, w))
    while len(chosen) < 1000:
        u, w = random.sample(nodes, 2)
        chosen.add((u, w))
    pairs = sorted(chosen)
    size = f"{len(nodes)} nodes, {friends.number_of_edges()} edges"
    yield f"# {path.name}: {size}; NetworkX {networkx.__version__}, seed 20"
    yield row(
        "# u", "w", "common_neighbors", "adamic_adar_index", "resource_allocation_index", "jaccard_coefficient",
        "preferential_attachment",
    )  # fmt: skip
    indices = [
        networkx.adamic_adar_index, networkx.resource_allocation_index, networkx.jaccard_coefficient,
        networkx.preferential_attachment,
    ]  # fmt: skip
    for (u, w), *values in zip(pairs, *(index(friends, pairs) for index in indices), strict=True):
        yield row(u, w, len(list(networkx.common_neighbors(friends, u, w))), *(value for _, _, value in values))


def igraph_of(people: Graph, is_symmetric: bool) -> igraph.Graph:
    """The same graph for igraph, nodes numbered as the rows."""
    cells = people.matrix.tocoo()
    edges = np.stack([cells.row, cells.col], axis=1)
    if is_symmetric:
        edges = edges[edges[:, 0] < edges[:, 1]]
    return igraph.Graph(n=len(people.keys), edges=edges.tolist(), directed=not is_symmetric)


def checked(found: np.ndarray, expected: np.ndarray, what: str) -> float:
    """The L1 distance of two distributions; ends everything when it is more than rounding."""
    distance = float(np.abs(found - expected).sum())
    if distance > DIFFERENCE_MAX:
        sys.exit(f"reference-values: igraph and NumPy are {distance:.1e} apart on {what}, more than {DIFFERENCE_MAX}")
    return distance


def personalized_pageranks(path: Path, is_symmetric: bool) -> Lines:
    """The best 100 nodes of 20 distributions at two restart probabilities."""
    people = graph(read_pairs(path), is_symmetric)
    peer = igraph_of(people, is_symmetric)
    dangling = int((people.degrees == 0).sum())
    seeds = np.sort(np.random.default_rng(20).choice(np.flatnonzero(people.degrees > 0), 20, replace=False))
    best: list[str] = []
    arpack_distance = prpack_distance = 0.0
    for restart in (0.15, 0.5):
        expected = personalized_pagerank(people, single_seeds(people, seeds), restart, TOLERANCE)
        for column, seed in enumerate(seeds.tolist()):
            settings = {"damping": 1 - restart, "reset_vertices": [seed]}
            found = np.array(peer.personalized_pagerank(implementation="arpack", **settings))
            other = np.array(peer.personalized_pagerank(implementation="prpack", **settings))
            distance = checked(found, expected[:, column], f"{path.name}, seed {people.keys[seed]}")
            arpack_distance = max(arpack_distance, distance)
            prpack_distance = max(prpack_distance, float(np.abs(other - expected[:, column]).sum()))
            for node in np.lexsort((people.keys, -found))[:100]:
                best.append(row(restart, people.keys[seed], people.keys[node], f"{found[node]:.15g}"))
    kind = "undirected" if is_symmetric else "directed"
    yield (
        f"# {path.name}, {kind}, without self-loops: {len(people.keys)} nodes, {people.matrix.nnz} arcs, "
        f"{dangling} nodes without out-arcs"
    )
    yield (
        f"# igraph {igraph.__version__} personalized_pagerank(reset_vertices=[seed], damping=1 - restart, "
        "implementation='arpack'): the best 100 nodes of each seed"
    )
    yield "# From a node without out-arcs the walk returns to the seed, in igraph and in the NumPy power iteration it is"
    yield (
        f"# compared with: whole vectors are at most {arpack_distance:.0e} apart in L1; prpack's, which stops earlier, "
        f"{prpack_distance:.0e}"
    )
    yield row("# restart", "seed", "node", "value")
    yield from best


def global_pagerank(path: Path) -> Lines:
    """All nodes; the walk restarts anywhere, and goes anywhere from a node without out-arcs."""
    people = graph(read_pairs(path), is_symmetric=True)
    uniform = np.full((len(people.keys), 1), 1 / len(people.keys))
    found = np.array(igraph_of(people, is_symmetric=True).pagerank(damping=0.85, implementation="arpack"))
    distance = checked(found, personalized_pagerank(people, uniform, 0.15, TOLERANCE)[:, 0], path.name)
    yield f"# {path.name}, undirected: {len(people.keys)} nodes, {people.matrix.nnz} arcs"
    yield f"# igraph {igraph.__version__} pagerank(damping=0.85, implementation='arpack'); restart 0.15, anywhere"
    yield f"# NumPy's power iteration is {distance:.0e} away in L1"
    yield row("# node", "value")
    for key, value in zip(people.keys.tolist(), found, strict=True):
        yield row(key, f"{value:.15g}")


def shared_interests(path: Path, is_weighted: bool) -> Lines:
    """500 pairs that share a topic, drawn as (person, their topic, another of its people)."""
    interests = read_incidence(path, is_weighted)
    pairs = pairs_that_share(interests, 500)
    left, right = pairs.T
    scores = SharedInterests(interests)
    weights = "weights as 32-bit floats" if is_weighted else "every weight 1"
    users, topics = interests.matrix.shape
    yield (
        f"# {path.name}: {users} users, {topics} topics, {interests.matrix.nnz} edges, {weights}; "
        f"NumPy {np.__version__}, SciPy {scipy.__version__}, seed 20"
    )
    yield "# idf(x) = ln(1 + n / df(x)); bm25 with k1 = 1.2, b = 0.75: w is the document, its length its topics,"
    yield "# u the query, its terms weighted by u's weights and by ln(1 + (n - df + 0.5) / (df + 0.5))"
    yield row("# u", "w", "common", "cosine", "tfidf_cosine", "bm25")
    columns = (scores.common, scores.cosine, scores.tfidf_cosine, scores.bm25)
    values = zip(*(column(left, right) for column in columns), strict=True)
    for (u, w), (common, *others) in zip(interests.users[pairs].tolist(), values, strict=True):
        yield row(u, w, int(common), *others)


def pairs_that_share(interests: Incidence, count: int) -> np.ndarray:
    """Distinct pairs of row numbers with a topic in common, ascending."""
    chance = np.random.default_rng(20)
    by_topic = interests.matrix.T.tocsr()
    pairs: set[tuple[int, int]] = set()
    while len(pairs) < count:
        u = int(chance.integers(interests.matrix.shape[0]))
        topic = chance.choice(interests.matrix[[u]].indices)
        w = int(chance.choice(by_topic[[topic]].indices))
        if u != w:
            pairs.add((u, w))
    return np.array(sorted(pairs))


def linear_filter(train_path: Path) -> Lines:
    """The best 20 items of 50 people, and the quality of four recommenders over all people."""
    train, test = read_pairs(train_path), read_pairs(train_path.with_name("test.tsv.gz"))
    shape = tuple(np.maximum(train.max(axis=0), test.max(axis=0)) + 1)
    views = ones(train[:, 0], train[:, 1], shape)
    wanted: list[set[int]] = [set() for _ in range(shape[0])]
    for person, item in test.tolist():
        wanted[person].add(item)
    people = np.arange(shape[0])
    chosen = np.sort(np.random.default_rng(20).choice(people, 50, replace=False))
    yield (
        f"# gowalla {train_path.name}: {shape[0]} users, {shape[1]} items, {views.nnz} views; "
        f"NumPy {np.__version__}, SciPy {scipy.__version__}, seed 20"
    )
    scorers = {
        "linear filter": behaviour.linear_filter(views),
        "item-item cosine, all neighbours": behaviour.item_based(views),
        "the 50 most similar users by cosine": behaviour.user_based(views, 50),
        "most popular": behaviour.most_popular(views),
    }
    best: dict[str, behaviour.Ranked] = {}
    for name, score in scorers.items():
        best[name] = behaviour.top(views, score, people, 20)
        lists = best[name].items.tolist()
        recall = np.mean([ranking.recall(lists[person], wanted[person], 20) for person in people])
        ndcg = np.mean([ranking.ndcg(lists[person], wanted[person], 20) for person in people])
        yield f"# over all users, what they viewed left out: Recall@20 {recall:.4f} NDCG@20 {ndcg:.4f} {name}"
    yield "# linear filter, R S'S with S = Du^-1/2 R Di^-1/2: the best 20; the order among equal scores means nothing"
    yield row("# user", "rank", "item", "score")
    for person in chosen.tolist():
        ranked = best["linear filter"]
        for place in range(20):
            yield row(person, place + 1, ranked.items[person, place], ranked.scores[person, place])


# The recorded files: the graph each is made from, if any, and how.
FILES: dict[str, tuple[str, Callable[[Path], Lines]]] = {
    "python-times.tsv": ("", lambda _: times.times()),
    "networkx-lastfm.tsv": ("lastfm/user_friends.dat", networkx_pairs),
    "networkx-MIT8.tsv": ("facebook100/MIT8.friends.tsv.gz", networkx_pairs),
    "igraph-pagerank-lastfm.tsv": ("lastfm/user_friends.dat", global_pagerank),
    "igraph-pagerank-MIT8.tsv": (
        "facebook100/MIT8.friends.tsv.gz",
        lambda path: personalized_pageranks(path, is_symmetric=True),
    ),
    "igraph-pagerank-epinions.tsv": (
        "epinions/trust.tsv.gz",
        lambda path: personalized_pageranks(path, is_symmetric=False),
    ),
    "scipy-interests-lastfm.tsv": ("lastfm/user_artists.dat", lambda path: shared_interests(path, is_weighted=True)),
    "scipy-interests-deezer.tsv": ("deezer/interests.tsv.gz", lambda path: shared_interests(path, is_weighted=False)),
    "scipy-views-gowalla.tsv": ("gowalla/train.tsv.gz", linear_filter),
}


def main() -> int:
    """Does as the command line says."""
    parser = argparse.ArgumentParser(prog="Tools/reference-values")
    parser.add_argument("--data", type=Path, default=Path("../shared/data"), help="the graphs' folder (../shared/data)")
    parser.add_argument("files", nargs="*", metavar="FILE", help=f"which files to write: {', '.join(FILES)}")
    chosen = parser.parse_args()
    for name in chosen.files:
        if name not in FILES:
            parser.error(f"there is no '{name}'; the files are {', '.join(FILES)}")
    missing = False
    for name in chosen.files or FILES:
        source, lines = FILES[name]
        if not (chosen.data / source).exists():
            print(f"reference-values: {name} is not written: there is no {chosen.data / source}", file=sys.stderr)
            missing = True
            continue
        header = f"# Written by Tools/reference-values {name}\n"
        (RESOURCES / name).write_text(header + "".join(f"{line}\n" for line in lines(chosen.data / source)))
        print(f"reference-values: wrote {RESOURCES / name}", file=sys.stderr)
    return 66 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
