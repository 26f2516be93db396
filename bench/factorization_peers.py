"""scikit-learn's coordinate-descent NMF, for bench/factorization.ts.

Usage: factorization_peers.py DATA.f32 ROWS COLUMNS RANK SEED RUNS
Prints a JSON object: the least sum of squared errors that so many runs of 200 iterations come to, with seeds from SEED on,
and the seconds that all of them took.
"""

import json
import sys
import time
import warnings

import numpy as np
from sklearn.decomposition import NMF

path, rows, columns, rank, seed, runs = sys.argv[1], *map(int, sys.argv[2:7])
X = np.fromfile(path, dtype=np.float32).reshape(rows, columns)
warnings.simplefilter("ignore")
least, seconds = np.inf, 0.0
for run in range(runs):
    model = NMF(rank, init="random", solver="cd", max_iter=200, tol=0, random_state=seed + run)
    began = time.perf_counter()
    W = model.fit_transform(X)
    seconds += time.perf_counter() - began
    residual = X.astype(np.float64) - W.astype(np.float64) @ model.components_.astype(np.float64)
    least = min(least, float((residual**2).sum()))
print(json.dumps({"sse": least, "seconds": seconds}))
