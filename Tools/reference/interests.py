"""What two people share: cosine, TF-IDF cosine and BM25 over a matrix of people by topics, for pairs of people.

    idf(x) = ln(1 + n / df(x))                          n people with a topic, df(x) of them with x
    tfidfCosine(u, w) = sum of a(x) b(x) idf(x)^2 / (|a idf| |b idf|)
    bm25(u, w) = sum of a(x) ln(1 + (n - df + 0.5) / (df + 0.5)) b(x) (k1 + 1) / (b(x) + k1 (1 - b + b len / avglen))
"""

import numpy as np
from scipy import sparse

from reference.graphs import Incidence, scaled

# Okapi's constants as everybody uses them.
K1, B = 1.2, 0.75


class SharedInterests:
    """The scores of pairs of row numbers; one value a pair."""

    def __init__(self, interests: Incidence) -> None:
        self.weights = interests.matrix
        self.known = interests.matrix.copy()
        self.known.data[:] = 1
        self.lengths = np.diff(self.weights.indptr)
        self.user_count = int((self.lengths > 0).sum())
        self.users_by_topic = self.known.sum(axis=0)

    def common(self, left: np.ndarray, right: np.ndarray) -> np.ndarray:
        """How many topics both have."""
        return row_products(self.known, self.known, left, right)

    def cosine(self, left: np.ndarray, right: np.ndarray) -> np.ndarray:
        """Salton's cosine of the sets; weights play no part."""
        return self.common(left, right) / np.sqrt(self.lengths[left] * self.lengths[right])

    def tfidf_cosine(self, left: np.ndarray, right: np.ndarray) -> np.ndarray:
        """The cosine of the rows of weight times idf."""
        idf = np.log(1 + self.user_count / self.users_by_topic)
        weighted = scaled(np.ones(len(self.lengths)), self.weights, idf)
        norms = np.sqrt(weighted.multiply(weighted).sum(axis=1))
        return row_products(weighted, weighted, left, right) / (norms[left] * norms[right])

    def bm25(self, left: np.ndarray, right: np.ndarray) -> np.ndarray:
        """Okapi BM25 of `right` as a document for `left` as a query whose terms are weighted."""
        counts = self.users_by_topic
        idf = np.log(1 + (self.user_count - counts + 0.5) / (counts + 0.5))
        average = self.weights.nnz / self.user_count
        documents = self.weights.copy()
        length = np.repeat(self.lengths, self.lengths)
        saturation = K1 * (1 - B + B * length / average)
        documents.data = documents.data * (K1 + 1) / (documents.data + saturation)
        queries = scaled(np.ones(len(self.lengths)), self.weights, idf)
        return row_products(queries, documents, left, right)


def row_products(
    left: sparse.csr_array, right: sparse.csr_array, left_rows: np.ndarray, right_rows: np.ndarray
) -> np.ndarray:
    """The dot product of each row of one matrix with one of the other."""
    return left[left_rows].multiply(right[right_rows]).sum(axis=1)
