"""scikit-learn's coordinate-descent NMF, for bench/factorization.ts.

Usage: factorization_peers.py DATA.f32 ROWS COLUMNS RANK SEED
Prints a JSON object: the sum of squared errors after 200 iterations, and the seconds that these took.
"""

import json
import sys
import time
import warnings

import numpy as np
from sklearn.decomposition import NMF

path, rows, columns, rank = sys.argv[1], *map(int, sys.argv[2:5])
X = np.fromfile(path, dtype=np.float32).reshape(rows, columns)
model = NMF(rank, init="random", solver="cd", max_iter=200, tol=0, random_state=int(sys.argv[5]))
warnings.simplefilter("ignore")
began = time.perf_counter()
W = model.fit_transform(X)
seconds = time.perf_counter() - began
residual = X.astype(np.float64) - W.astype(np.float64) @ model.components_.astype(np.float64)
print(json.dumps({"sse": float((residual**2).sum()), "seconds": seconds}))
