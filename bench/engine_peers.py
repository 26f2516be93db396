"""Peers of the engine's benchmark. Reads a JSON request a line, answers with the seconds that the steps took.

A request: {"peer": "eager" | "gram" | "numpy" | "eager on cuda" | "gram on cuda", "objective": "article" | "masked" | "kl", "n", "m", "r", "steps"}.
Every peer takes the article's step, F <- F - beta * g / |g| for W and H, and evaluates the cost at each step.
"""

import json
import os
import sys
import time

import numpy as np

try:
    import torch
except ImportError:
    torch = None

BETA, LAMBDA = 0.1, 0.1


def data(n, m, r):
    rng = np.random.default_rng(0)
    X = (rng.random((n, r)) @ rng.random((r, m)) + 0.1 * rng.random((n, m))).astype(np.float32)
    mask = (rng.random((n, m)) < 0.7).astype(np.float32)
    return X, mask, rng.random((n, r), dtype=np.float32) + 0.1, rng.random((r, m), dtype=np.float32) + 0.1


def eager(objective, X, mask, W, H, steps):
    W, H = W.requires_grad_(), H.requires_grad_()
    for _ in range(steps):
        if objective == "article":
            cost = ((X - W @ H) ** 2).sum()
        elif objective == "masked":
            cost = (mask * (X - W @ H) ** 2).sum()
        else:
            V = W @ H
            cost = (V - X * torch.log(V)).sum()
        cost = cost + LAMBDA * (W**2).sum() + LAMBDA * (H**2).sum()
        W.grad = H.grad = None
        cost.backward()
        with torch.no_grad():
            W -= BETA * W.grad / W.grad.norm()
            H -= BETA * H.grad / H.grad.norm()
        cost.item()


def gram(objective, X, mask, W, H, steps):
    assert objective == "article"
    XX = (X * X).sum()
    with torch.no_grad():
        for _ in range(steps):
            HH, WW, XH, WX = H @ H.T, W.T @ W, X @ H.T, W.T @ X
            cost = XX - 2 * (XH * W).sum() + (WW * HH).sum() + LAMBDA * WW.trace() + LAMBDA * HH.trace()
            gW = 2 * (W @ HH - XH + LAMBDA * W)
            gH = 2 * (WW @ H - WX + LAMBDA * H)
            W = W - BETA * gW / gW.norm()
            H = H - BETA * gH / gH.norm()
            cost.item()


def plain_numpy(objective, X, mask, W, H, steps):
    assert objective == "article"
    for _ in range(steps):
        R = W @ H - X
        float((R * R).sum() + LAMBDA * (W * W).sum() + LAMBDA * (H * H).sum())
        gW, gH = 2 * (R @ H.T + LAMBDA * W), 2 * (W.T @ R + LAMBDA * H)
        W = W - BETA * gW / np.linalg.norm(gW)
        H = H - BETA * gH / np.linalg.norm(gH)


PEERS = {"eager": eager, "gram": gram, "numpy": plain_numpy}


def processors():
    """Those that this process may use, which may be fewer than there are."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def main():
    # As many threads as the engine takes; some builds of PyTorch take one if they are not told.
    if torch:
        torch.set_num_threads(processors())
    versions = {"torch": torch and torch.__version__, "numpy": np.__version__}
    versions["threads"] = torch.get_num_threads() if torch else None
    versions["cuda"] = torch.cuda.get_device_name() if torch and torch.cuda.is_available() else None
    print(json.dumps(versions), flush=True)
    cached = {}
    for line in sys.stdin:
        request = json.loads(line)
        name, _, device = request["peer"].partition(" on ")
        key = (*(request[key] for key in "nmr"), name == "numpy", device)
        if key not in cached:
            arrays = data(*key[:3])
            if name != "numpy":
                arrays = [torch.from_numpy(array).to(device or "cpu") for array in arrays]
            # Data of one size only; all that is on a device at that size.
            cached = {other: value for other, value in cached.items() if other[:3] == key[:3]} | {key: arrays}
        X, mask, W, H = cached[key]
        W, H = (factor.copy() if name == "numpy" else factor.clone() for factor in (W, H))
        start = time.perf_counter()
        PEERS[name](request["objective"], X, mask, W, H, request["steps"])
        print(json.dumps({"seconds": time.perf_counter() - start}), flush=True)


main()
