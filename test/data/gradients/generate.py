"""Writes objectives.json: values and gradients of the field's objectives by PyTorch in float64.

Run with a Python that has torch: python3 generate.py. Each objective is also written out, by the same name, in
test/unit/engine/gradients.test.ts; the leaves' values are stored, so neither side has to draw the same random numbers.
"""

import json
import os

import torch
import torch.nn.functional as F

torch.manual_seed(0)
torch.set_default_dtype(torch.float64)
n, m, r = 5, 4, 3

X = torch.rand(n, m) * 2 + 0.2
C = torch.randint(0, 5, (n, m)).double()
B = (torch.rand(n, m) < 0.5).double()
M = (torch.rand(n, m) < 0.7).double()
A = torch.rand(n, n)
L = torch.diag((A + A.T).sum(1)) - A - A.T
W = (torch.rand(n, r) + 0.1).requires_grad_()
H = (torch.rand(r, m) + 0.1).requires_grad_()
S = (torch.rand(r, r) + 0.1).requires_grad_()
u = torch.randn(n, 1).requires_grad_()
v = torch.randn(1, m).requires_grad_()

WH = lambda: W @ H
R = lambda: X - W @ H
sp = F.softplus
objectives = {
    "squared": lambda: (R() ** 2).sum(),
    "ridge": lambda: (R() ** 2).sum() + 0.3 * (W**2).sum() + 0.2 * (H**2).sum(),
    "mean squared": lambda: (R() ** 2).mean(),
    "absolute": lambda: R().abs().sum(),
    "sparse coding": lambda: (R() ** 2).sum() + 0.5 * H.abs().sum(),
    "elastic net": lambda: (R() ** 2).sum() + 0.5 * H.abs().sum() + 0.1 * (H**2).sum(),
    "huber": lambda: F.huber_loss(WH(), X, reduction="sum", delta=0.3),
    "pseudo-huber": lambda: (torch.sqrt(1 + (R() / 0.3) ** 2) - 1).sum(),
    "log-cosh": lambda: (R() + sp(-2 * R()) - 0.6931471805599453).sum(),
    "cauchy": lambda: torch.log1p(R() ** 2).sum(),
    "welsch": lambda: (1 - torch.exp(-(R() ** 2) / 2)).sum(),
    "kullback-leibler": lambda: (X * torch.log(X / WH()) - X + WH()).sum(),
    "itakura-saito": lambda: (X / WH() - torch.log(X / WH()) - 1).sum(),
    "beta 1.5": lambda: ((X**1.5 + 0.5 * WH() ** 1.5 - 1.5 * X * WH() ** 0.5) / 0.75).sum(),
    "poisson": lambda: (WH() - C * torch.log(WH())).sum(),
    "poisson, log link": lambda: (torch.exp(WH()) - C * WH()).sum(),
    "poisson with constant": lambda: (WH() - C * torch.log(WH()) + torch.lgamma(C + 1)).sum(),
    "negative binomial": lambda: -(torch.lgamma(C + S.sum()) - torch.lgamma(S.sum()) + S.sum() * torch.log(S.sum() / (S.sum() + WH())) + C * torch.log(WH() / (S.sum() + WH()))).sum(),
    "gamma": lambda: (torch.log(WH()) + X / WH()).sum(),
    "logistic": lambda: F.binary_cross_entropy_with_logits(WH(), B, reduction="sum"),
    "logistic, written out": lambda: -(B * torch.log(torch.sigmoid(WH())) + (1 - B) * torch.log(1 - torch.sigmoid(WH()))).sum(),
    "probit": lambda: -(B * torch.log(0.5 * (1 + torch.erf(WH()))) + (1 - B) * torch.log(1 - 0.5 * (1 + torch.erf(WH())) + 1e-9)).sum(),
    "hinge": lambda: torch.relu(1 - (2 * B - 1) * (WH() - 0.7)).sum(),
    "squared hinge": lambda: (torch.relu(1 - (2 * B - 1) * (WH() - 0.7)) ** 2).sum(),
    "bpr": lambda: sp(-(WH()[:, :1] - WH()[:, 1:])).sum() + 0.1 * (W**2).sum(),
    "quantile": lambda: torch.maximum(0.9 * R(), -0.1 * R()).sum(),
    "masked": lambda: (M * R() ** 2).sum(),
    "masked by choice": lambda: torch.where(M > 0, R() ** 2, torch.zeros(())).sum(),
    "weighted": lambda: (A[:, :m] * R() ** 2).sum(),
    "weighted rows": lambda: (A[:, :1] * R() ** 2).sum(),
    "biases": lambda: (M * (X - WH() - u - v - 0.5) ** 2).sum() + 0.1 * ((u**2).sum() + (v**2).sum()),
    "group lasso": lambda: (R() ** 2).sum() + 0.3 * torch.sqrt((W**2).sum(0)).sum(),
    "total variation": lambda: (R() ** 2).sum() + 0.3 * (H[:, 1:] - H[:, :-1]).abs().sum(),
    "smooth": lambda: (R() ** 2).sum() + 0.3 * ((H[:, 1:] - H[:, :-1]) ** 2).sum(),
    "curvature": lambda: (R() ** 2).sum() + 0.3 * ((H[:, 2:] - 2 * H[:, 1:-1] + H[:, :-2]) ** 2).sum(),
    "simplex by softmax": lambda: ((X - torch.softmax(W, 1) @ H) ** 2).sum(),
    "both by softmax": lambda: -(X * torch.log(torch.softmax(W, 1) @ torch.softmax(H, 1))).sum(),
    "non-negative by softplus": lambda: ((X - sp(W) @ sp(H)) ** 2).sum(),
    "non-negative by squares": lambda: ((X - (W**2) @ (H**2)) ** 2).sum(),
    "tri-factor": lambda: ((X - W @ S @ H) ** 2).sum(),
    "tri-factor, orthogonal": lambda: ((X - W @ S @ H) ** 2).sum() + ((W.T @ W - torch.eye(r)) ** 2).sum(),
    "orthogonal": lambda: (R() ** 2).sum() + 0.5 * ((H @ H.T - torch.eye(r)) ** 2).sum(),
    "graph laplacian": lambda: (R() ** 2).sum() + 0.2 * torch.trace(W.T @ L @ W),
    "autoencoder": lambda: ((X - torch.tanh(X @ H.T) @ H) ** 2).sum(),
    "symmetric": lambda: ((A - W @ W.T) ** 2).sum(),
    "projective": lambda: ((X - W @ W.T @ X) ** 2).sum(),
    "convex": lambda: ((X - X @ H.T @ H) ** 2).sum(),
    "spectral unmixing": lambda: (R() ** 2).sum() + 10 * ((W.sum(1) - 1) ** 2).sum(),
    "entropy": lambda: (R() ** 2).sum() + 0.1 * (W * torch.log(W)).sum(),
    "log-determinant": lambda: (R() ** 2).sum() - 0.1 * torch.log(S.prod()) + torch.logsumexp(H, 1).sum(),
    "cosine": lambda: -((X * WH()).sum(1) / (torch.linalg.norm(X, dim=1) * torch.linalg.norm(WH(), dim=1))).sum(),
    "largest error": lambda: (R() ** 2).amax(),
    "normalised factors": lambda: ((X - (W / torch.sqrt((W**2).sum(0, keepdim=True))) @ H) ** 2).sum(),
    "student": lambda: 2 * torch.log(1 + R() ** 2 / 3).sum(),
    "cumulative": lambda: ((torch.cumsum(X, 1) - torch.cumsum(WH(), 1)) ** 2).sum(),
    "embedding": lambda: ((W[[0, 2, 2, 4]] * H.T[[1, 1, 3, 0]]).sum(1) - X[[0, 2, 2, 4], [1, 1, 3, 0]]).square().sum(),
}

leaves = {"W": W, "H": H, "S": S, "u": u, "v": v}
constants = {"X": X, "C": C, "B": B, "M": M, "A": A, "L": L}
result = {
    "torch": torch.__version__,
    "leaves": {name: leaf.tolist() for name, leaf in leaves.items()},
    "constants": {name: value.tolist() for name, value in constants.items()},
    "objectives": {},
}
for name, objective in objectives.items():
    cost = objective()
    gradients = torch.autograd.grad(cost, list(leaves.values()), allow_unused=True)
    used = {leaf: g.tolist() for leaf, g in zip(leaves, gradients) if g is not None}
    result["objectives"][name] = {"cost": cost.item(), "gradients": used}

with open(os.path.join(os.path.dirname(__file__), "objectives.json"), "w") as file:
    json.dump(result, file)
print(len(objectives), "objectives")
