"""Principal components by LAPACK in float64, for test/unit/factorization/pca.test.ts: writes components.json beside this.

Usage: python3 generate.py, in this folder.
"""

import csv
import json

import numpy as np

rank = 6


def principal(name, skip, delimiter):
    with open(f"../{name}", newline="") as file:
        X = np.array([row[skip:] for row in list(csv.reader(file, delimiter=delimiter))[1:]], dtype=np.float64)
    centred = X - X.mean(axis=0)
    U, s, Vt = np.linalg.svd(centred, full_matrices=False)
    signs = np.sign(Vt[np.arange(len(Vt)), np.abs(Vt).argmax(axis=1)])
    U, Vt = U * signs, Vt * signs[:, None]
    return {
        "means": X.mean(axis=0).tolist(),
        "ratio": (s**2 / (s**2).sum())[:rank].tolist(),
        "components": Vt[:rank].round(9).tolist(),
        "first_scores": (U * s)[:3, :rank].tolist(),
        "last_scores": (U * s)[-3:, :rank].tolist(),
        "sse": float((s[rank:] ** 2).sum()),
    }


with open("components.json", "w") as file:
    json.dump(
        {"digits": principal("digits.csv", 1, ","), "mutations": principal("mutations.tsv", 1, "\t")},
        file,
        separators=(",", ":"),
    )
