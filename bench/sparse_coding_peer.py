"""scikit-learn's mini-batch dictionary learning, for bench/sparse-coding.ts.

It minimises 1/2 |X - WH|^2 + alpha |W|_1 over codes W and atoms H of at most unit length: half of our objective with
mu = 2 alpha. Mini-batches of 256 (the default from version 1.3 on), coordinate descent or least-angle regression for
the codes, and no early stop. The codes of all rows, which the objective needs, are those of its own transform.

Usage: sparse_coding_peer.py DATA.f32 ROWS COLUMNS ATOMS MU EPOCHS SEED [cd | lars]
Prints a JSON object: the objective as ours is scaled, and the seconds that fitting and coding took.
"""

import json
import sys
import time
import warnings

import numpy as np
from sklearn.decomposition import MiniBatchDictionaryLearning

path, rows, columns, atoms = sys.argv[1], *map(int, sys.argv[2:5])
mu, epochs, seed = float(sys.argv[5]), int(sys.argv[6]), int(sys.argv[7])
fit_algorithm = sys.argv[8] if len(sys.argv) > 8 else "cd"
X = np.fromfile(path, dtype=np.float32).reshape(rows, columns)
model = MiniBatchDictionaryLearning(
    atoms,
    alpha=mu / 2,
    max_iter=epochs,
    batch_size=256,
    fit_algorithm=fit_algorithm,
    transform_algorithm="lasso_cd" if fit_algorithm == "cd" else "lasso_lars",
    tol=0,
    max_no_improvement=None,
    random_state=seed,
)
warnings.simplefilter("ignore")
began = time.perf_counter()
model.fit(X)
fitting = time.perf_counter() - began
began = time.perf_counter()
W = model.transform(X).astype(np.float64)
coding = time.perf_counter() - began
H = model.components_.astype(np.float64)
objective = ((X.astype(np.float64) - W @ H) ** 2).sum() + mu * np.abs(W).sum()
longest = np.sqrt((H**2).sum(axis=1)).max()
print(json.dumps({"objective": float(objective), "fitting": fitting, "coding": coding, "used": float((W != 0).mean())}))
