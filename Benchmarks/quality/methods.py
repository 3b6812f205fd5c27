"""What is measured: how kith is asked, and what NumPy once measured for the same (the data folder's README)."""

from dataclasses import dataclass

FORMULAS = ("paths", "jaccard", "cosine", "adamic-adar", "resource-allocation")


@dataclass(frozen=True)
class Method:
    """One column of the table."""

    title: str
    formula: str | None = None
    restart: float | None = None

    @property
    def arguments(self) -> list[str]:
        """What `kith recommend` is told."""
        if self.formula is not None:
            return ["--by", "friends-of-friends", "--score", self.formula, "--via", "friends"]
        if self.restart is not None:
            return ["--by", "pagerank", "--restart", str(self.restart), "--via", "friends"]
        return ["--by", "blend"]

    @property
    def has_numpy(self) -> bool:
        """Whether NumPy can say it too; the blend is whatever kith makes of it."""
        return self.formula is not None or self.restart is not None


METHODS = (
    Method("common neighbours", formula="paths"),
    Method("Jaccard", formula="jaccard"),
    Method("Salton", formula="cosine"),
    Method("Adamic-Adar", formula="adamic-adar"),
    Method("resource allocation", formula="resource-allocation"),
    Method("PPR .15", restart=0.15),
    Method("PPR .5", restart=0.5),
    Method("PPR .8", restart=0.8),
    Method("blend"),
)

# NDCG@20 by graph, in the order of METHODS.
MEASURED_ONCE = {
    "lastfm": (0.169, 0.131, 0.128, 0.181, 0.175, 0.178, 0.186, 0.182),
    "Caltech36": (0.399, 0.371, 0.390, 0.415, 0.430, 0.264, 0.405, 0.427),
    "MIT8": (0.360, 0.339, 0.352, 0.377, 0.386, 0.240, 0.365, 0.384),
    "Cornell5": (0.361, 0.357, 0.354, 0.377, 0.387, 0.244, 0.352, 0.379),
    "deezer": (0.182, 0.172, 0.162, 0.189, 0.173, 0.188, 0.184, 0.181),
    "livejournal50k": (0.252, 0.220, 0.214, 0.267, 0.257, 0.282, 0.284, 0.278),
    "epinions": (0.125, 0.073, 0.071, 0.135, 0.124, 0.106, 0.130, 0.130),
    "foursquare-nyc": (0.128, 0.122, 0.119, 0.136, 0.134, 0.170, 0.165, 0.161),
}
