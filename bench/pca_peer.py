"""scikit-learn's randomised PCA, for bench/pca.ts.

Usage: pca_peer.py DATA.f32 ROWS COLUMNS RANK SEED
Prints a JSON object: the sum of squared errors of the centred data, and the seconds that fit_transform took.
"""

import json
import sys
import time

import numpy as np
from sklearn.decomposition import PCA

path, rows, columns, rank, seed = sys.argv[1], *map(int, sys.argv[2:6])
X = np.fromfile(path, dtype=np.float32).reshape(rows, columns)
model = PCA(rank, svd_solver="randomized", random_state=seed)
began = time.perf_counter()
scores = model.fit_transform(X)
seconds = time.perf_counter() - began
centred = X.astype(np.float64) - X.astype(np.float64).mean(axis=0)
sse = (centred**2).sum() - (scores.astype(np.float64) ** 2).sum()
print(json.dumps({"sse": float(sse), "seconds": seconds}))
