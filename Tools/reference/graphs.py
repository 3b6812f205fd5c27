"""Edge files as sparse matrices whose rows and columns are keys in ascending order."""

import gzip
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy import sparse


@dataclass(frozen=True)
class Graph:
    """People and who is joined to whom: `matrix[i, j]` is 1 when there is an edge from `keys[i]` to `keys[j]`."""

    keys: np.ndarray
    matrix: sparse.csr_array

    @property
    def degrees(self) -> np.ndarray:
        """How many neighbours each row has."""
        return np.diff(self.matrix.indptr)

    def index(self, key: int) -> int:
        """The row of a key."""
        return int(np.searchsorted(self.keys, key))


@dataclass(frozen=True)
class Incidence:
    """People and what they are joined to: `matrix[i, j]` is the weight of the edge from `users[i]` to `targets[j]`."""

    users: np.ndarray
    targets: np.ndarray
    matrix: sparse.csr_array


def rows(path: Path) -> Iterator[list[str]]:
    """The fields of each row, between tabs or, in a .csv, commas; a header, which starts with no number, is skipped."""
    separator = "," if ".csv" in path.suffixes else "\t"
    with gzip.open(path, "rt") if path.suffix == ".gz" else path.open() as lines:
        for line in lines:
            fields = line.rstrip("\r\n").split(separator)
            if fields[0].isdigit():
                yield fields


def read_pairs(path: Path) -> np.ndarray:
    """The first two columns, as numbers, in the order of the file."""
    return np.array([(int(row[0]), int(row[1])) for row in rows(path)], dtype=np.int64)


def graph(pairs: np.ndarray, is_symmetric: bool) -> Graph:
    """The graph of these edges, each once, without self-loops; both ways round when it is symmetric."""
    pairs = pairs[pairs[:, 0] != pairs[:, 1]]
    keys, indices = np.unique(pairs, return_inverse=True)
    source, target = indices.reshape(-1, 2).T
    if is_symmetric:
        source, target = np.concatenate([source, target]), np.concatenate([target, source])
    return Graph(keys, ones(source, target, (len(keys), len(keys))))


def undirected_edges(pairs: np.ndarray) -> np.ndarray:
    """Each friendship once, smaller key first, in ascending order."""
    pairs = np.sort(pairs[pairs[:, 0] != pairs[:, 1]], axis=1)
    return np.unique(pairs, axis=0)


def read_incidence(path: Path, is_weighted: bool = False, target_column: int = 1) -> Incidence:
    """Who is joined to what, by the first column and `target_column`; weights from the third, as float32, or all 1."""
    table = [(int(row[0]), row[target_column], row[2] if is_weighted else "1") for row in rows(path)]
    users, source = np.unique(np.array([row[0] for row in table]), return_inverse=True)
    targets, target = np.unique(np.array([row[1] for row in table]), return_inverse=True)
    matrix = ones(source, target, (len(users), len(targets)))
    if is_weighted:
        # A store keeps weights as 32-bit floats; sums are in doubles.
        weights = np.array([row[2] for row in table], dtype=np.float32).astype(np.float64)
        matrix = sparse.csr_array((weights, (source, target)), shape=matrix.shape)
    return Incidence(users, targets, matrix)


def ones(source: np.ndarray, target: np.ndarray, shape: tuple[int, int]) -> sparse.csr_array:
    """A matrix with a 1 for every pair, however often it is there."""
    matrix = sparse.csr_array((np.ones(len(source)), (source, target)), shape=shape)
    matrix.sum_duplicates()
    matrix.sort_indices()
    matrix.data[:] = 1
    return matrix


def nonzero(values: np.ndarray) -> np.ndarray:
    """The values, with 1 for 0, to divide by."""
    return np.where(values == 0, 1, values)


def scaled(left: np.ndarray, matrix: sparse.csr_array, right: np.ndarray) -> sparse.csr_array:
    """diag(left) matrix diag(right)."""
    return sparse.csr_array(sparse.diags_array(left) @ matrix @ sparse.diags_array(right))
