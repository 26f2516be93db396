"""What the Python of a peer computes with, for bench/support/peers.ts.

Prints a JSON object: versions, the kernels that OpenBLAS really runs ("" where NumPy uses another library), and whether
products come out right: on some processors wrong kernels compute wrong numbers and say nothing.
"""

import ctypes
import json

import numpy as np


def openblas():
    """The name of OpenBLAS's kernels, asked of the library that this process has loaded."""
    paths = {line.split()[-1] for line in open("/proc/self/maps") if "blas" in line.rsplit("/", 1)[-1]}
    for path in sorted(paths):
        library = ctypes.CDLL(path)
        for suffix in ("", "64_", "_64"):
            for prefix in ("", "scipy_"):
                try:
                    corename = getattr(library, f"{prefix}openblas_get_corename{suffix}")
                except AttributeError:
                    continue
                corename.restype = ctypes.c_char_p
                return corename().decode()
    return ""


def right(dtype, tolerance):
    """Whether products agree with sums in pure Python; sizes that no block of a kernel divides."""
    rng = np.random.default_rng(0)
    for n, k, m in ((1, 7, 1), (5, 3, 4), (37, 29, 41), (3, 130, 67)):
        A, B = rng.standard_normal((n, k)).astype(dtype), rng.standard_normal((k, m)).astype(dtype)
        rows, columns = A.tolist(), B.T.tolist()
        expected = [[sum(a * b for a, b in zip(row, column)) for column in columns] for row in rows]
        for product in (A @ B, (B.T @ A.T).T, A @ np.asfortranarray(B)):
            if not np.allclose(product, expected, rtol=tolerance, atol=tolerance):
                return False
    return True


np.ones((64, 64)) @ np.ones((64, 64))
answer = {"kernel": openblas(), "right": right(np.float64, 1e-10) and right(np.float32, 1e-3), "numpy": np.__version__}
for module, name in (("sklearn", "scikit-learn"), ("torch", "PyTorch")):
    try:
        answer[name] = __import__(module).__version__
    except (ImportError, OSError) as error:
        answer[name] = None
        answer[f"{name} missing"] = str(error).splitlines()[0]
print(json.dumps(answer))
