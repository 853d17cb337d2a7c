"""The specimen's network: llama's architecture (RMSNorm, RoPE, grouped-query attention, SwiGLU, tied embeddings)."""

import math

import torch
import torch.nn.functional as F

SIZE = dict(vocabulary=3072, width=256, layers=8, heads=8, kv_heads=4, feed=576, context=2048, eps=1e-5, rope=10000.0)


def shapes(size=SIZE):
    """Name and shape of every weight, in the order they lie in the flat vector; names are llama.cpp's."""
    d, kv = size["width"], size["width"] // size["heads"] * size["kv_heads"]
    out = [("token_embd", (size["vocabulary"], d)), ("output_norm", (d,))]
    for i in range(size["layers"]):
        out += [(f"blk.{i}.attn_norm", (d,)), (f"blk.{i}.attn_q", (d, d)), (f"blk.{i}.attn_k", (kv, d)),
                (f"blk.{i}.attn_v", (kv, d)), (f"blk.{i}.attn_output", (d, d)), (f"blk.{i}.ffn_norm", (d,)),
                (f"blk.{i}.ffn_gate", (size["feed"], d)), (f"blk.{i}.ffn_up", (size["feed"], d)),
                (f"blk.{i}.ffn_down", (d, size["feed"]))]
    return out


def views(flat, size=SIZE):
    """The weights as views into one flat vector, by name."""
    out, at = {}, 0
    for name, shape in shapes(size):
        n = math.prod(shape)
        out[name] = flat[at:at + n].view(shape)
        at += n
    return out


def count(size=SIZE):
    return sum(math.prod(shape) for _, shape in shapes(size))


def initial(seed, size=SIZE):
    """Fresh weights: norms 1, embedding 0.02, matrices by fan-in, those that write to the stream smaller."""
    generator = torch.Generator().manual_seed(seed)
    flat = torch.empty(count(size))
    for name, weight in views(flat, size).items():
        if name.endswith("norm"):
            weight.fill_(1.0)
        elif name == "token_embd":
            weight.normal_(0, 0.02, generator=generator)
        else:
            std = 0.7 / math.sqrt(weight.shape[1])
            if name.endswith(("attn_output", "ffn_down")):
                std /= math.sqrt(2 * size["layers"])
            weight.normal_(0, std, generator=generator)
    return flat


def rope_table(length, size=SIZE, device=None):
    half = size["width"] // size["heads"] // 2
    angle = torch.outer(torch.arange(length, device=device).float(), size["rope"] ** (-torch.arange(half, device=device).float() / half))
    return angle.cos(), angle.sin()


def rotate(x, cos, sin):
    """Rotates (batch, heads, time, head) with the two halves of a head as pairs; the export permutes to llama.cpp's order."""
    a, b = x.chunk(2, -1)
    return torch.cat((a * cos - b * sin, a * sin + b * cos), -1)


def norm(x, weight, eps):
    return x * torch.rsqrt(x.square().mean(-1, keepdim=True) + eps) * weight


def forward(w, ids, size=SIZE):
    """States after the final norm, (batch, time, width), for token ids (batch, time)."""
    batch, time = ids.shape
    heads, kv_heads, eps = size["heads"], size["kv_heads"], size["eps"]
    head = size["width"] // heads
    cos, sin = rope_table(time, size, ids.device)
    scale = 1 / math.sqrt(head)
    cos_q, sin_q = cos * scale, sin * scale
    half = torch.is_autocast_cpu_enabled() or torch.is_autocast_enabled()
    mask = torch.full((time, time), float("-inf"), device=ids.device, dtype=torch.bfloat16 if half else torch.float32).triu(1)
    x = F.embedding(ids, w["token_embd"])
    for i in range(size["layers"]):
        p = f"blk.{i}."
        h = norm(x, w[p + "attn_norm"], eps)
        q = F.linear(h, w[p + "attn_q"]).view(batch, time, heads, head).transpose(1, 2)
        k = F.linear(h, w[p + "attn_k"]).view(batch, time, kv_heads, head).transpose(1, 2)
        v = F.linear(h, w[p + "attn_v"]).view(batch, time, kv_heads, head).transpose(1, 2)
        q, k = rotate(q, cos_q, sin_q).to(v.dtype), rotate(k, cos, sin).to(v.dtype)
        # The query heads of one key head stand under each other, so that keys and values are not repeated.
        q = q.reshape(batch, kv_heads, heads // kv_heads * time, head)
        scores = torch.matmul(q, k.transpose(2, 3)).view(batch, heads, time, time).add_(mask)
        mixed = torch.matmul(scores.softmax(-1).view(batch, kv_heads, -1, time), v).view(batch, heads, time, head)
        x = x + F.linear(mixed.transpose(1, 2).reshape(batch, time, -1), w[p + "attn_output"])
        h = norm(x, w[p + "ffn_norm"], eps)
        x = x + F.linear(F.silu(F.linear(h, w[p + "ffn_gate"])) * F.linear(h, w[p + "ffn_up"]), w[p + "ffn_down"])
    return norm(x, w["output_norm"], eps)


def logits(w, states):
    return F.linear(states, w["token_embd"])
