"""Compares the compiled pass with PyTorch's in float32: losses and gradients. `python3 specimen/train/check_fast.py`"""

import os
import sys
import time

import numpy as np
import torch
import torch.nn.functional as F

import data
from fast import Fast, available, build
from model import SIZE, forward, initial, logits, views

if not available():
    sys.exit("no AVX-512 BF16 or no g++ here: the PyTorch pass is used")
torch.set_num_threads(1)
os.makedirs(data.WORK, exist_ok=True)
flat = initial(3)
rng = np.random.default_rng(1)
worst = 0.0
for rows, time_ in [(3, 17), (2, 64), (5, 141), (1, 700)]:
    x = rng.integers(0, SIZE["vocabulary"], (rows, time_))
    chosen = np.sort(rng.choice(rows * time_, max(1, rows * time_ // 2), replace=False))
    y, k = rng.integers(0, SIZE["vocabulary"], len(chosen)), rng.random(len(chosen)).astype(np.float32)
    leaf = flat.clone().requires_grad_(True)
    w = views(leaf)
    losses = F.cross_entropy(logits(w, forward(w, torch.from_numpy(x)).reshape(-1, SIZE["width"])[torch.from_numpy(chosen)]),
                             torch.from_numpy(y), reduction="none")
    (losses * torch.from_numpy(k)).sum().backward()
    grad = np.zeros(flat.numel(), np.float32)
    fast = Fast(build(data.WORK), flat.numpy(), grad)
    fast.prepare()
    got = fast.run(x, chosen, y, k)
    mine, right = views(torch.from_numpy(grad)), views(leaf.grad)
    errors = {name: float((mine[name] - right[name]).norm() / (right[name].norm() + 1e-12)) for name in right}
    name = max(errors, key=errors.get)
    print(rows, time_, "loss", float(np.abs(got - losses.detach().numpy()).max()), "gradient", name, round(errors[name], 4),
          "mean", round(sum(errors.values()) / len(errors), 4))
    worst = max(worst, sum(errors.values()) / len(errors))
x = rng.integers(0, SIZE["vocabulary"], (7, 140))
chosen = np.arange(0, 980, 2)
began = time.process_time()
for _ in range(10):
    fast.run(x, chosen, chosen % 3000, np.ones(len(chosen)))
print("tokens a CPU second", round(9800 / (time.process_time() - began)))
sys.exit(0 if worst < 0.03 else 1)
