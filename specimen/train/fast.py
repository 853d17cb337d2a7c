"""The compiled forward and backward pass (fast.cpp) where the machine has it; PyTorch's does the same everywhere else."""

import ctypes
import os
import shutil
import subprocess

import numpy as np

from model import SIZE

HERE = os.path.dirname(os.path.abspath(__file__))


def available():
    """Whether this is an x86 with AVX-512 BF16 and a compiler."""
    try:
        with open("/proc/cpuinfo") as f:
            flags = f.read()
    except OSError:
        return False
    return "avx512_bf16" in flags and shutil.which("g++") is not None


def build(folder):
    path = os.path.join(folder, "fast.so")
    source = os.path.join(HERE, "fast.cpp")
    if not os.path.exists(path) or os.path.getmtime(path) < os.path.getmtime(source):
        flags = ["-O3", "-march=native", "-ffast-math", "-fno-finite-math-only", "-w", "-shared", "-fPIC"]
        subprocess.run(["g++", *flags, "-o", path + ".new", source], check=True)
        os.replace(path + ".new", path)
    return path


def pointer(array):
    return ctypes.c_void_p(array.ctypes.data)


class Fast:
    """`weights` and `grad` are flat float32 numpy arrays, in the order of model.shapes()."""

    def __init__(self, path, weights, grad):
        self.lib = ctypes.CDLL(path)
        self.weights, self.grad = weights, grad

    def prepare(self):
        self.lib.prepare(pointer(self.weights), SIZE["layers"], SIZE["vocabulary"], SIZE["context"])

    def run(self, x, chosen, target=None, weight=None):
        """Losses at the chosen flat positions of x (rows, time), adding gradients; or the likeliest tokens there."""
        x, chosen = np.ascontiguousarray(x, np.int32), np.ascontiguousarray(chosen, np.int32)
        out = np.zeros(len(chosen), np.float32 if target is not None else np.int32)
        y = np.ascontiguousarray(target, np.int32) if target is not None else np.zeros(1, np.int32)
        k = np.ascontiguousarray(weight, np.float32) if target is not None else np.zeros(1, np.float32)
        losses, best = (pointer(out), None) if target is not None else (None, pointer(out))
        self.lib.run(pointer(self.weights), pointer(self.grad), pointer(x), x.shape[0], x.shape[1],
                     pointer(chosen), pointer(y), pointer(k), len(chosen), losses, best)
        return out
