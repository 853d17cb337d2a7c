"""From the generators' JSON Lines to token ids, and from these to batches."""

import json
import os
import subprocess

import numpy as np

from tokenizer import Tokenizer, train

ROOT = os.path.normpath(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", ".."))
WORK = os.path.join(ROOT, "specimen", "work")
TOKENIZER = os.path.join(ROOT, "specimen", "tokenizer.json")


def generate(rows, seed, split="train"):
    """Runs the TypeScript generators; returns the file's path. The file's first line tells the prompts' hash."""
    path = os.path.join(WORK, f"{split}-{seed}.jsonl")
    subprocess.run(["node", "scripts/ts.mjs", "specimen/corpus/main.ts", str(rows), str(seed), path, split], cwd=ROOT, check=True)
    return path


def rows_of(path):
    with open(path) as f:
        next(f)
        for line in f:
            yield json.loads(line)


def prompts_hash(path):
    with open(path) as f:
        return json.loads(next(f))["promptsHash"]


def tokenizer(vocabulary, seed):
    """The tokenizer of the checkout; learnt from a sample of the corpus when there is none."""
    if not os.path.exists(TOKENIZER):
        path = generate(30000, seed, "train")
        texts = ("".join(text for text, _ in row["s"]) for row in rows_of(path))
        Tokenizer(*train(texts, vocabulary)).save(TOKENIZER)
    return Tokenizer.load(TOKENIZER)


def encode(path, tok, context):
    """Tokens of a corpus file as one array, with 1 for the model's own tokens, row bounds and task names."""
    ids, own, bounds, tasks = [], [], [0], []
    for row in rows_of(path):
        tokens, mine = [], []
        for text, flag in row["s"]:
            part = tok.encode(text)
            tokens += part
            mine += [flag] * len(part)
        ids += tokens[:context]
        own += mine[:context]
        bounds.append(len(ids))
        tasks.append(row["t"])
    out = path.replace(".jsonl", ".npz")
    np.savez(out, ids=np.array(ids, np.uint16), own=np.array(own, np.uint8), bounds=np.array(bounds), tasks=np.array(tasks))
    os.remove(path)
    return out


def batches(bounds, most, rng):
    """Microbatches of rows of like length, each at most `most` tokens with padding, in random order."""
    lengths = np.diff(bounds)
    order = rng.permutation(len(lengths))
    out = []
    for start in range(0, len(order), 1024):
        pool = sorted(order[start:start + 1024], key=lambda i: lengths[i])
        batch = []
        for i in pool:
            if batch and (len(batch) + 1) * lengths[i] > most:
                out.append(batch)
                batch = []
            batch.append(i)
        out.append(batch)
    rng.shuffle(out)
    return out


def fill(batch, data):
    """Inputs, targets and own-flags (-1 = padding), each (rows, time)."""
    ids, own, bounds = data
    longest = max(bounds[i + 1] - bounds[i] for i in batch) - 1
    x = np.zeros((len(batch), longest), np.int64)
    y = np.zeros((len(batch), longest), np.int64)
    flag = np.full((len(batch), longest), -1, np.int64)
    for n, i in enumerate(batch):
        row = ids[bounds[i]:bounds[i + 1]].astype(np.int64)
        x[n, :len(row) - 1], y[n, :len(row) - 1] = row[:-1], row[1:]
        flag[n, :len(row) - 1] = own[bounds[i] + 1:bounds[i + 1]]
    return x, y, flag
