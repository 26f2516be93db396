"""Writes counts.json: scikit-learn's document-term matrices of documents.txt.

Run: python3 test/data/text/generate.py
"""
import json
import os

import sklearn
from sklearn.feature_extraction.text import CountVectorizer

here = os.path.dirname(os.path.abspath(__file__))
documents = open(os.path.join(here, "documents.txt"), encoding="utf-8").read().strip().split("\n")
results = []
for minimum, maximum in [(1, 1.0), (2, 1.0), (2, 0.6), (0.25, 4), (3, 6)]:
    vectorizer = CountVectorizer(min_df=minimum, max_df=maximum)
    counts = vectorizer.fit_transform(documents).toarray()
    terms = vectorizer.get_feature_names_out().tolist()
    results.append({"minimum": minimum, "maximum": maximum, "terms": terms, "counts": counts.tolist()})
with open(os.path.join(here, "counts.json"), "w", encoding="utf-8") as file:
    json.dump({"by": f"scikit-learn {sklearn.__version__}", "results": results}, file, ensure_ascii=False)
    file.write("\n")
