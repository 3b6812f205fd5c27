"""Files of the graph libraries: NetworkX, igraph, and SciPy's matrices."""

import json
import random
from io import BytesIO
from pathlib import Path

import igraph
import networkx
import numpy as np
import scipy.io
from scipy import sparse

from sibling_files.files import Writer, Written, ending_of
from sibling_files.graphs import BLANK_ENDS, LINE_ENDS, Graph, random_graph

DELIMITERS = [" ", " ", "\t", ",", ";", "|"]


def as_networkx(graph: Graph) -> networkx.Graph:
    """The graph with `weight` and `time` of its edges."""
    made = networkx.DiGraph() if graph.is_directed else networkx.Graph()
    for edge in graph.edges:
        values = {"weight": edge.weight, "time": edge.time}
        made.add_edge(edge.source, edge.target, **{name: value for name, value in values.items() if value is not None})
    return made


def edges_of(graph: networkx.Graph) -> list[list[object]]:
    """The fields of each edge."""
    return [
        [source, target, *(values[name] for name in ("weight", "time") if name in values)]
        for source, target, values in graph.edges(data=True)
    ]


def networkx_edge_list(rng: random.Random, folder: Path) -> Written:
    """`write_edgelist` with dictionaries, with columns and without; `write_weighted_edgelist`."""
    kind = rng.choice(["data=True", "data=True", "columns", "weighted", "data=False"])
    has_columns = kind in ("data=True", "columns")
    graph = random_graph(
        rng, has_weights=kind != "data=False" and (kind == "weighted" or None), has_times=has_columns and None
    )
    delimiter = rng.choice(DELIMITERS)
    types = [("weight", float)] * graph.has_weights + [("time", int)] * graph.has_times
    out = BytesIO()
    if kind == "weighted":
        networkx.write_weighted_edgelist(as_networkx(graph), out, delimiter=delimiter)
    else:
        columns = {"data=True": True, "columns": [name for name, _ in types], "data=False": False}[kind]
        networkx.write_edgelist(as_networkx(graph), out, delimiter=delimiter, data=columns)
    found = networkx.read_edgelist(
        BytesIO(out.getvalue()),
        delimiter=delimiter,
        create_using=networkx.DiGraph if graph.is_directed else networkx.Graph,
        data=kind == "data=True" or types or False,
    )
    ending = rng.choice([".txt", ".edgelist", ".edges", ending_of(rng, delimiter)])
    return Written(f"edge list, {kind}, {delimiter!r}", ending, out.getvalue(), graph).checked(edges_of(found))


def networkx_adjacency_list(rng: random.Random, folder: Path) -> Written:
    """`write_adjlist`, and the lines alone; sometimes with a node that has no edges."""
    graph = random_graph(rng, has_weights=False, has_times=False)
    made = as_networkx(graph)
    if rng.random() < 0.3:
        made.add_node("lonely")
    delimiter = rng.choice([" ", " ", " ", "\t"])
    has_comments = rng.random() < 0.6
    if has_comments:
        out = BytesIO()
        networkx.write_adjlist(made, out, delimiter=delimiter)
        data = out.getvalue()
    else:
        data = "".join(f"{line}\n" for line in networkx.generate_adjlist(made, delimiter)).encode()
    found = networkx.read_adjlist(
        BytesIO(data), delimiter=delimiter, create_using=networkx.DiGraph if graph.is_directed else networkx.Graph
    )
    ending = rng.choice([".adj", ".adjlist", ".adjlist", ".txt"])
    settings = f"adjacency list, {'with comments' if has_comments else 'lines'}, {delimiter!r}"
    return Written(settings, ending, data, graph).checked(edges_of(found))


def networkx_graphml(rng: random.Random, folder: Path) -> Written:
    """`write_graphml` and `generate_graphml`."""
    graph = random_graph(rng, more=LINE_ENDS + BLANK_ENDS)
    made = as_networkx(graph)
    options = {"prettyprint": rng.random() < 0.5, "named_key_ids": rng.random() < 0.5}
    if rng.random() < 0.5:
        out = BytesIO()
        networkx.write_graphml(made, out, infer_numeric_types=rng.random() < 0.5, **options)
        data = out.getvalue()
    else:
        data = "\n".join(networkx.generate_graphml(made, **options)).encode()
    found = networkx.read_graphml(BytesIO(data))
    return Written(f"GraphML, {options}", ".graphml", data, graph).checked(edges_of(found))


def networkx_foreign(rng: random.Random, folder: Path) -> Written:
    """Formats that are told of by name: GEXF, GML, Pajek, multiline adjacency lists, node-link JSON."""
    graph = random_graph(rng, can_carry=lambda key: " " not in key, has_times=False)
    made = as_networkx(graph)
    out = BytesIO()
    kind = rng.choice(["gexf", "gml", "pajek", "multiline_adjlist", "node_link"])
    if kind == "node_link":
        out.write(json.dumps(networkx.node_link_data(made, edges="links")).encode())
    else:
        getattr(networkx, f"write_{kind}")(made, out)
    ending = {"pajek": ".net", "multiline_adjlist": ".adjlist", "node_link": ".json"}.get(kind, f".{kind}")
    return Written(kind, ending, out.getvalue(), graph, is_foreign=True)


def as_igraph(graph: Graph) -> igraph.Graph:
    """The graph with `name` of its nodes and `weight` of its edges."""
    places = {key: place for place, key in enumerate(graph.keys)}
    edges = [(places[edge.source], places[edge.target]) for edge in graph.edges]
    made = igraph.Graph(n=len(places), edges=edges, directed=graph.is_directed)
    made.vs["name"] = [str(key) for key in places]
    if graph.has_weights:
        made.es["weight"] = [edge.weight for edge in graph.edges]
    return made


def igraph_edges(graph: igraph.Graph, names: list[object]) -> list[list[object]]:
    """The fields of each edge."""
    return [
        [names[edge.source], names[edge.target], *([edge["weight"]] if "weight" in edge.attributes() else [])]
        for edge in graph.es
    ]


def igraph_edge_list(rng: random.Random, folder: Path) -> Written:
    """`write_edgelist`, whose keys are the numbers of the nodes, and `write_ncol`."""
    graph = random_graph(rng, has_times=False)
    path = folder / "written"
    if rng.random() < 0.4 and not graph.has_weights:
        as_igraph(graph).write_edgelist(str(path))
        found = igraph.Graph.Read_Edgelist(str(path), directed=graph.is_directed)
        written = Written("edge list", rng.choice([".txt", ".edgelist"]), path.read_bytes(), graph.renamed(int))
        return written.checked(igraph_edges(found, list(range(found.vcount()))))
    as_igraph(graph).write_ncol(str(path), names="name", weights="weight" if graph.has_weights else None)
    found = igraph.Graph.Read_Ncol(str(path), directed=graph.is_directed, weights=graph.has_weights)
    written = Written("NCOL", rng.choice([".ncol", ".txt"]), path.read_bytes(), graph)
    return written.checked(igraph_edges(found, found.vs["name"]))


def igraph_graphml(rng: random.Random, folder: Path) -> Written:
    """`write_graphml`, whose keys are `n0`, `n1` and so on; the names are data of the nodes."""
    graph = random_graph(rng, more=LINE_ENDS + BLANK_ENDS, has_times=False)
    path = folder / "written"
    as_igraph(graph).write_graphml(str(path), prefixattr=rng.random() < 0.5)
    found = igraph.Graph.Read_GraphML(str(path))
    written = Written("GraphML", ".graphml", path.read_bytes(), graph.renamed("n{}".format))
    return written.checked(igraph_edges(found, found.vs["id"]))


def igraph_foreign(rng: random.Random, folder: Path) -> Written:
    """Formats that are told of by name: LGL, Pajek, GML."""
    graph = random_graph(rng, has_times=False)
    path = folder / "written"
    kind = rng.choice(["lgl", "pajek", "gml"])
    options = {"names": "name", "weights": "weight" if graph.has_weights else None} if kind == "lgl" else {}
    getattr(as_igraph(graph), f"write_{kind}")(str(path), **options)
    ending = {"pajek": ".net"}.get(kind, f".{kind}")
    return Written(kind, ending, path.read_bytes(), graph, is_foreign=True)


def scipy_matrix(rng: random.Random, folder: Path) -> Written:
    """`scipy.io.mmwrite`, whose keys are the rows and columns, from 1 on."""
    graph = random_graph(rng, has_times=False).renamed(lambda place: place + 1)
    size = len(graph.keys)
    weights = np.array([edge.weight or 1 for edge in graph.edges])
    ends = np.array([(int(edge.source) - 1, int(edge.target) - 1) for edge in graph.edges]).T
    if not graph.is_directed:
        ends, weights = np.hstack([ends, ends[::-1]]), np.hstack([weights, weights])
    field = None if graph.has_weights else "pattern"
    symmetry = "general" if graph.is_directed else "symmetric"
    matrix = sparse.coo_array((weights, tuple(ends)), shape=(size, size))
    out = BytesIO()
    scipy.io.mmwrite(out, matrix, comment=rng.choice(["", "made by hand"]), field=field, symmetry=symmetry)
    found = scipy.io.mmread(BytesIO(out.getvalue()))
    cells = zip((found.row + 1).tolist(), (found.col + 1).tolist(), found.data.tolist(), strict=True)
    edges = [cell for cell in cells if graph.is_directed or cell[0] < cell[1]]
    return Written(f"matrix, {symmetry}, {field}", ".mtx", out.getvalue(), graph).checked(edges)


NETWORKX: list[Writer] = [
    networkx_edge_list, networkx_edge_list, networkx_adjacency_list, networkx_graphml, networkx_foreign,
]  # fmt: skip
IGRAPH: list[Writer] = [igraph_edge_list, igraph_edge_list, igraph_graphml, igraph_foreign]
SCIPY: list[Writer] = [scipy_matrix]
