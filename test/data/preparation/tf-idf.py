"""Writes tf-idf.json: what scikit-learn's TfidfTransformer makes of a small matrix of counts.

Run: python3 test/data/preparation/tf-idf.py > test/data/preparation/tf-idf.json
"""
import json

import numpy as np
import sklearn
from sklearn.feature_extraction.text import TfidfTransformer

counts = np.array([[3, 0, 1, 7, 0], [0, 0, 5, 1, 0], [4, 0, 0, 2, 9], [1, 1, 8, 6, 0]], dtype=float)
result = TfidfTransformer().fit_transform(counts).toarray()
print(json.dumps({"by": f"scikit-learn {sklearn.__version__}", "counts": counts.tolist(), "tfIdf": result.tolist()}))
