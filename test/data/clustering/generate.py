"""Average-linkage clusterings by SciPy, for test/unit/factorization/hierarchical-clustering.test.ts and
consensus-matrix.test.ts: writes clusterings.json beside this.

Usage: python3 generate.py, in this folder.
"""

import json

import numpy as np
from scipy.cluster.hierarchy import cophenet, fcluster, linkage
from scipy.spatial.distance import squareform

random = np.random.default_rng(20)


def clustered(condensed):
    tree = linkage(condensed, method="average")
    coefficient, distances = cophenet(tree, condensed)
    return tree, float(coefficient), distances


def of_distances(size):
    """Distances that are all different, so that there is one tree."""
    condensed = random.permutation(size * (size - 1) // 2) + random.random(size * (size - 1) // 2)
    tree, coefficient, distances = clustered(condensed)
    cut = 4
    sizes = np.bincount(fcluster(tree, cut, criterion="maxclust"))[1:]
    return {
        "size": size,
        "distances": condensed.tolist(),
        "cophenetic": distances.tolist(),
        "coefficient": coefficient,
        "cut": cut,
        "sizes": sorted(sizes.tolist()),
    }


def of_runs(size, rank, runs, noise):
    """Groups that agree but for noise. Equal distances may be merged in any order: only a case where this does not matter
    is of use."""
    while True:
        planted = random.integers(rank, size=size)
        groups = np.array(
            [
                random.permutation(rank)[np.where(random.random(size) < noise, random.integers(rank, size=size), planted)]
                for _ in range(runs)
            ]
        )
        consensus = (groups[:, :, None] == groups[:, None, :]).mean(axis=0)
        _, coefficient, _ = clustered(squareform(1 - consensus, checks=False))
        others = []
        for _ in range(50):
            order = random.permutation(size)
            others.append(clustered(squareform(1 - consensus[np.ix_(order, order)], checks=False))[1])
        if np.ptp(others) < 1e-12:
            return {
                "rank": rank,
                "groups": groups.tolist(),
                "consensus": consensus.tolist(),
                "coefficient": coefficient,
                "dispersion": float((4 * (consensus - 0.5) ** 2).mean()),
            }


with open("clusterings.json", "w") as file:
    json.dump(
        {
            "distances": [of_distances(5), of_distances(12), of_distances(40)],
            "runs": [of_runs(12, 3, 10, 0.1), of_runs(20, 4, 50, 0.2), of_runs(30, 2, 20, 0.1)],
        },
        file,
        separators=(",", ":"),
    )
