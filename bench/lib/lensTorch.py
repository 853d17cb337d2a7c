"""The lens' head in PyTorch on the random model's own weights: norm, unembedding, softmax, entropy, KL, top tokens.

usage: lensTorch.py MODEL.gguf THREADS VECTORS TOP -> JSON {torch, f32: {ms, productsMs}, bf16: {...}}
"""
import json
import mmap
import struct
import sys
import time

import torch


def tensor(path, wanted):
    """A BF16 or F32 tensor of a GGUF file, without reading the rest."""
    handle = open(path, "rb")
    data = mmap.mmap(handle.fileno(), 0, access=mmap.ACCESS_READ)
    at = 8

    def take(form):
        nonlocal at
        value = struct.unpack_from("<" + form, data, at)
        at += struct.calcsize("<" + form)
        return value[0]

    def text():
        nonlocal at
        size = take("Q")
        at += size
        return data[at - size : at].decode()

    def skip(kind):
        nonlocal at
        if kind == 8:
            text()
        elif kind == 9:
            inner, count = take("I"), take("Q")
            for _ in range(count):
                skip(inner)
        else:
            at += {0: 1, 1: 1, 2: 2, 3: 2, 4: 4, 5: 4, 6: 4, 7: 1, 10: 8, 11: 8, 12: 8}[kind]

    tensors, keys = take("Q"), take("Q")
    for _ in range(keys):
        text()
        skip(take("I"))
    table = {}
    for _ in range(tensors):
        name = text()
        dims = [take("Q") for _ in range(take("I"))]
        table[name] = (dims, take("I"), take("Q"))
    start = (at + 31) // 32 * 32
    dims, kind, offset = table[wanted]
    count = 1
    for size in dims:
        count *= size
    raw = torch.frombuffer(bytearray(data[start + offset : start + offset + count * (2 if kind == 30 else 4)]), dtype=torch.bfloat16 if kind == 30 else torch.float32)
    return raw.view(*reversed(dims))


def main():
    path, threads, vectors, top = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])
    torch.set_num_threads(threads)
    weight = tensor(path, "output.weight")
    norm = tensor(path, "output_norm.weight").float()
    states = torch.randn(vectors, weight.shape[1], generator=torch.Generator().manual_seed(1))
    out = {"torch": torch.__version__}
    for name, kind in (("f32", torch.float32), ("bf16", torch.bfloat16)):
        w = weight.to(kind)

        def products():
            for piece in states.split(64):
                torch.nn.functional.linear(piece.to(kind), w)

        def whole():
            for piece in states.split(64):
                normed = piece * torch.rsqrt(piece.pow(2).mean(-1, keepdim=True) + 1e-5) * norm
                logits = torch.nn.functional.linear(normed.to(kind), w).float()
                log_p = torch.log_softmax(logits, -1)
                p = log_p.exp()
                (p * log_p).sum(-1).neg()
                (p[-1] * (log_p[-1] - log_p)).sum(-1)
                log_p.topk(top)

        times = {}
        with torch.no_grad():
            for key, work in (("productsMs", products), ("ms", whole)):
                work()
                best = []
                for _ in range(3):
                    wall, cpu = time.perf_counter(), time.process_time()
                    work()
                    best.append((1000 * (time.perf_counter() - wall), 1000 * (time.process_time() - cpu)))
                times[key] = {"wall": sorted(b[0] for b in best)[1], "cpu": sorted(b[1] for b in best)[1]}
        out[name] = times
    print(json.dumps(out))


main()
