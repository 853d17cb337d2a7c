"""Trains the specimen: `python3 specimen/train/main.py [--minutes 110] [--workers 2] [--device cpu|cuda]`.

From a fresh clone this makes the corpus (in rounds, each from a new seed), the tokenizer if there is none, the model and
`specimen/specimen.gguf`. Started again it goes on from its checkpoint. Muon for matrices, AdamW for the rest; the rate is
warmed up, held, and brought down to zero over the last part of the time.
"""

import argparse
import json
import math
import os
import queue
import subprocess
import sys
import threading
import time

import numpy as np
import torch
import torch.multiprocessing as mp
import torch.nn.functional as F

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import data as corpus
import export
import fast
from model import SIZE, forward, initial, logits, shapes, views

LOG = os.path.join(corpus.ROOT, "specimen", "train-log.jsonl")
CHECKPOINT = os.path.join(corpus.WORK, "checkpoint.pt")
PROMPT_WEIGHT, PROMPT_SHARE = 0.1, 0.3


def options():
    p = argparse.ArgumentParser()
    p.add_argument("--minutes", type=float, default=110, help="time to train in all, over restarts")
    p.add_argument("--until", type=float, help="end at this Unix time instead")
    p.add_argument("--decay", type=float, default=0.35, help="share of the time in which the rate falls")
    p.add_argument("--workers", type=int, default=2)
    p.add_argument("--device", default="cpu")
    p.add_argument("--plain", action="store_true", help="PyTorch's pass even where the compiled one runs")
    p.add_argument("--seed", type=int, default=1)
    p.add_argument("--rows", type=int, default=8000, help="rows a round")
    p.add_argument("--step-tokens", type=int, default=8192)
    p.add_argument("--micro", type=int, default=1024, help="tokens a microbatch")
    p.add_argument("--out", default=os.path.join(corpus.ROOT, "specimen", "specimen.gguf"))
    return p.parse_args()


def orthogonal(g):
    """Newton-Schulz iteration of Muon: the nearest matrix with singular values near 1."""
    a, b, c = 3.4445, -4.7750, 2.0315
    x = g / (g.norm() + 1e-7)
    flip = x.shape[0] > x.shape[1]
    x = x.T if flip else x
    for _ in range(5):
        m = x @ x.T
        x = a * x + (b * m + c * (m @ m)) @ x
    return x.T if flip else x


class Shared:
    """What all workers see: weights, their mean over time, the optimiser's state, gradients, counters."""

    def __init__(self, workers, seed, device):
        share = (lambda t: t.to(device)) if device != "cpu" else (lambda t: t.share_memory_())
        flat = initial(seed)
        self.weights, self.mean = share(flat), share(flat.clone())
        self.first, self.second = share(torch.zeros_like(flat)), share(torch.zeros_like(flat))
        self.grads = [share(torch.zeros_like(flat)) for _ in range(workers)]
        self.loss = torch.zeros(workers, 2).share_memory_()
        self.result = torch.zeros(workers, 64, 2).share_memory_()


def shares(workers):
    """Which weights each worker updates: an even split of the work."""
    load, mine = [0.0] * workers, [[] for _ in range(workers)]
    costs = sorted(((math.prod(s) * (min(s) if len(s) == 2 and n != "token_embd" else 20), n) for n, s in shapes()), reverse=True)
    for cost, name in costs:
        least = load.index(min(load))
        load[least] += cost
        mine[least].append(name)
    return mine


def update(shared, names, workers, step, rate):
    w, g = views(shared.weights), [views(x) for x in shared.grads]
    m, v, mean = views(shared.first), views(shared.second), views(shared.mean)
    keep = min(0.98, step / (step + 10))
    for name in names:
        grad = g[0][name]
        for other in g[1:]:
            grad += other[name]
        if w[name].dim() == 2 and name != "token_embd":
            m[name].mul_(0.95).add_(grad)
            step_by = orthogonal(grad + 0.95 * m[name])
            rows, columns = grad.shape
            w[name].mul_(1 - 0.02 * rate * 0.05).add_(step_by, alpha=-0.02 * rate * max(1, rows / columns) ** 0.5)
        else:
            m[name].mul_(0.9).add_(grad, alpha=0.1)
            v[name].mul_(0.98).addcmul_(grad, grad, value=0.02)
            hat = (v[name] / (1 - 0.98 ** step)).sqrt_().add_(1e-8)
            w[name].addcdiv_(m[name] / (1 - 0.9 ** step), hat, value=-0.003 * rate)
        mean[name].lerp_(w[name], 1 - keep)


def chosen(batch, rows, rng):
    """A microbatch's inputs, the flat positions to learn from, their targets and weights; prompts are learnt from lightly."""
    x, y, flag = corpus.fill(batch, rows)
    keep = (flag == 1) | ((flag == 0) & (rng.random(flag.shape) < PROMPT_SHARE))
    index = np.flatnonzero(keep.reshape(-1))
    weight = np.where(flag.reshape(-1)[index] == 1, 1.0, PROMPT_WEIGHT / PROMPT_SHARE).astype(np.float32)
    return x, index, y.reshape(-1)[index], weight


class Torch:
    """The pass in PyTorch, on any device, with the same verbs as the compiled one."""

    def __init__(self, weights, grad, device):
        self.device, self.w = device, views(weights)
        if grad is not None:
            g = views(grad)
            for name, weight in self.w.items():
                weight.requires_grad_(True)
                weight.grad = g[name]

    def prepare(self):
        pass

    def states(self, x, index):
        x, index = torch.from_numpy(x).to(self.device), torch.from_numpy(index).to(self.device)
        return logits(self.w, forward(self.w, x).reshape(-1, SIZE["width"])[index])

    def run(self, x, index, target=None, weight=None):
        with torch.autocast(torch.device(self.device).type, dtype=torch.bfloat16):
            if target is None:
                with torch.no_grad():
                    return self.states(x, index).argmax(-1).cpu().numpy()
            losses = F.cross_entropy(self.states(x, index).float(), torch.from_numpy(target).to(self.device), reduction="none")
        (losses * torch.from_numpy(weight).to(self.device)).sum().backward()
        return losses.detach().cpu().numpy()


def plan(rows, args, rng):
    """Steps of microbatches, each with its number of tokens and its weight for the mean."""
    ids, own, bounds = rows
    steps, current, tokens = [], [], 0
    for batch in corpus.batches(bounds, args.micro, rng):
        current.append(batch)
        tokens += sum(int(bounds[i + 1] - bounds[i]) for i in batch)
        if tokens >= args.step_tokens:
            mine = sum(int(own[bounds[i]:bounds[i + 1]].sum()) for b in current for i in b)
            steps.append((current, tokens, mine + PROMPT_WEIGHT * (tokens - mine)))
            current, tokens = [], 0
    return steps


def load(path):
    with np.load(path) as f:
        return f["ids"], f["own"], f["bounds"], f["tasks"]


def evaluate(engine, rows, tasks, names, worker, workers, result):
    """Share of held-out rows whose last turn is right token by token: what greedy decoding would write."""
    ids, own, bounds = rows
    result[worker].zero_()
    order = sorted(range(len(bounds) - 1), key=lambda i: bounds[i + 1] - bounds[i])
    for batch in [order[i:i + 4] for i in range(0, len(order), 4)][worker::workers]:
        x, y, flag = corpus.fill(batch, rows)
        for n, i in enumerate(batch):
            mine = np.flatnonzero(flag[n] == 1)
            start = mine[-1]
            while start > 0 and flag[n][start - 1] == 1:
                start -= 1
            flag[n, :start] = 0
        index = np.flatnonzero(flag.reshape(-1) == 1)
        right = np.ones(flag.size, bool)
        right[index] = engine.run(x, index) == y.reshape(-1)[index]
        for n, i in enumerate(batch):
            result[worker, names.index(tasks[i]), 0] += float(right.reshape(flag.shape)[n].all())
            result[worker, names.index(tasks[i]), 1] += 1


def engine_for(args, weights, grad):
    if args.device == "cpu" and args.compiled:
        return fast.Fast(os.path.join(corpus.WORK, "fast.so"), weights.numpy(), grad.numpy() if grad is not None else np.zeros(1, np.float32))
    return Torch(weights, grad, args.device)


def work(worker, args, shared, barrier, lock, next_micro, rounds, finish, stop):
    """One worker: takes microbatches as it comes to them, then updates its part of the weights. Worker 0 leads."""
    torch.set_num_threads(1 if args.device == "cpu" else 4)
    cores = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_setaffinity") else []
    if args.device == "cpu" and args.workers <= len(cores):
        # On a busy machine the scheduler puts workers on one core, where each waits for the other.
        os.sched_setaffinity(0, {cores[worker]})
    engine = engine_for(args, shared.weights.detach(), shared.grads[worker])
    names = shares(args.workers)[worker]
    while True:
        job = rounds[worker].get()
        if job is None:
            return
        path, seed, step, held, kinds, began, ends = job
        if held is not None:
            ids, own, bounds, tasks = load(held)
            judge = engine_for(args, shared.mean, None)
            judge.prepare()
            evaluate(judge, (ids, own, bounds), tasks, kinds, worker, args.workers, shared.result)
            barrier.wait()
            if worker == 0:
                finish.put(("held", None))
            continue
        ids, own, bounds, _ = load(path)
        rows = (ids, own, bounds)
        for number, (micros, tokens, total) in enumerate(plan(rows, args, np.random.default_rng(seed))):
            shared.grads[worker].zero_()
            shared.loss[worker].zero_()
            engine.prepare()
            while True:
                with lock:
                    mine = next_micro.value
                    next_micro.value += 1
                if mine >= len(micros):
                    break
                rng = np.random.default_rng([seed, number, mine])
                x, index, target, weight = chosen(micros[mine], rows, rng)
                losses = engine.run(x, index, target, weight / total)
                shared.loss[worker, 0] += float(losses[weight == 1].sum())
                shared.loss[worker, 1] += int((weight == 1).sum())
            barrier.wait()
            step += 1
            if worker == 0:
                next_micro.value = 0
                now = time.time()
                left = (ends - now) / max(1.0, ends - began)
                rate = min(1.0, step / 60, max(0.0, left / args.decay))
                shared.result[0, 63, 0] = rate
                if left <= 0:
                    stop.value = 1
            barrier.wait()
            with torch.no_grad():
                update(shared, names, args.workers, step, float(shared.result[0, 63, 0]))
            barrier.wait()
            if worker == 0:
                spent = shared.loss.sum(0)
                finish.put(("step", (step, tokens, float(spent[0]), float(spent[1]), float(shared.result[0, 63, 0]))))
            if stop.value:
                break
        barrier.wait()
        if worker == 0:
            finish.put(("round", step))


def log(line):
    line = {"at": round(time.time(), 1), **line}
    with open(LOG, "a") as f:
        f.write(json.dumps(line) + "\n")
    print(json.dumps(line), flush=True)


def prepare(tok, args, number, box):
    """A round's tokens, made while the round before is trained on. A generator that fails leaves the last one in use."""
    try:
        path = corpus.generate(args.rows, args.seed * 1000 + number)
        box[number] = (corpus.encode(path, tok, SIZE["context"]), None)
    except (subprocess.CalledProcessError, OSError, KeyError, ValueError) as error:
        box[number] = (None, str(error))


def take(finish, workers):
    """The next report of a worker; ends the run when one of them has died."""
    while True:
        try:
            return finish.get(timeout=20)
        except queue.Empty:
            if not all(one.is_alive() for one in workers):
                sys.exit("a worker has died; the run goes on from its last checkpoint when it is started again")


def main():
    args = options()
    os.makedirs(corpus.WORK, exist_ok=True)
    torch.set_num_threads(1)
    if args.device != "cpu":
        args.workers = 1
    args.compiled = args.device == "cpu" and not args.plain and fast.available()
    if args.compiled:
        fast.build(corpus.WORK)
    tok = corpus.tokenizer(SIZE["vocabulary"], args.seed)
    if len(tok.tokens) != SIZE["vocabulary"]:
        sys.exit(f"the tokenizer has {len(tok.tokens)} tokens, not {SIZE['vocabulary']}")
    held_file = corpus.generate(600, 77, "dev")
    hash_now = corpus.prompts_hash(held_file)
    held = corpus.encode(held_file, tok, SIZE["context"])
    kinds = sorted(set(load(held)[3].tolist()))
    shared = Shared(args.workers, args.seed, args.device)
    state = {"step": 0, "tokens": 0, "round": 0, "seconds": 0.0}
    if not os.path.exists(CHECKPOINT) and os.path.exists(LOG):
        os.remove(LOG)
    elif os.path.exists(CHECKPOINT):
        saved = torch.load(CHECKPOINT)
        for key in ("weights", "mean", "first", "second"):
            getattr(shared, key).copy_(saved[key])
        state = saved["state"]
        log({"resumed": state})
    began = time.time() - state["seconds"]
    ends = args.until or began + args.minutes * 60
    if args.device == "cpu":
        context, make = mp.get_context("fork"), mp.get_context("fork").Process
        barrier, lock = context.Barrier(args.workers), context.Lock()
        rounds, finish = [context.Queue() for _ in range(args.workers)], context.Queue()
    else:
        # A forked process cannot use the GPU that its parent has opened; one thread drives it.
        context, make = mp, threading.Thread
        barrier, lock = threading.Barrier(args.workers), threading.Lock()
        rounds, finish = [queue.Queue() for _ in range(args.workers)], queue.Queue()
    next_micro, stop = context.Value("i", 0), context.Value("i", 0)
    workers = []
    for i in range(args.workers):
        one = make(target=work, args=(i, args, shared, barrier, lock, next_micro, rounds, finish, stop))
        one.start()
        workers.append(one)
    box = {}
    prepare(tok, args, state["round"], box)
    current = None
    while not stop.value:
        number = state["round"]
        made, error = box.pop(number)
        if made is None:
            log({"round": number, "corpusError": error})
        current = made or current
        if current is None:
            sys.exit("no corpus could be made")
        ahead = threading.Thread(target=prepare, args=(tok, args, number + 1, box))
        ahead.start()
        for each in rounds:
            each.put((current, args.seed * 100000 + number, state["step"], None, kinds, began, ends))
        mark, marked, loss_sum, loss_n = time.time(), state["tokens"], 0.0, 0.0
        while True:
            kind, value = take(finish, workers)
            if kind == "round":
                break
            step, tokens, lost, n, rate = value
            state["step"], state["tokens"] = step, state["tokens"] + tokens
            loss_sum, loss_n = loss_sum + lost, loss_n + n
            if step % 50 == 0:
                now = time.time()
                log({"step": step, "tokens": state["tokens"], "loss": round(loss_sum / max(1, loss_n), 4), "rate": round(rate, 3),
                     "tokensPerSecond": round((state["tokens"] - marked) / (now - mark))})
                mark, marked, loss_sum, loss_n = now, state["tokens"], 0.0, 0.0
        ahead.join()
        state["round"], state["seconds"] = number + 1, time.time() - began
        shared_state = {key: getattr(shared, key).detach().cpu().clone() for key in ("weights", "mean", "first", "second")}
        torch.save({**shared_state, "state": state}, CHECKPOINT + ".new")
        os.replace(CHECKPOINT + ".new", CHECKPOINT)
        if number % 2 == 1 or stop.value or number < 2:
            for each in rounds:
                each.put((None, 0, 0, held, kinds, began, ends))
            while take(finish, workers)[0] != "held":
                pass
            score = shared.result.sum(0)
            log({"round": number, "seconds": round(state["seconds"]), "tokens": state["tokens"],
                 "dev": {kind: round(float(score[i, 0] / score[i, 1].clamp(min=1)), 3) for i, kind in enumerate(kinds)}})
            export.write(shared.mean, tok, os.path.join(corpus.WORK, "specimen-latest.gguf"), hash_now, state["tokens"])
        if made and number + 1 in box and box[number + 1][0]:
            os.remove(current)
    for each in rounds:
        each.put(None)
    for one in workers:
        one.join()
    final = shared.mean if args.decay <= 0 else shared.weights.detach()
    export.write(final, tok, args.out, hash_now, state["tokens"])
    export.record(final.cpu(), tok, os.path.join(corpus.ROOT, "test", "fixtures", "specimen-logits.json"), hash_now)
    log({"done": state, "file": os.path.relpath(args.out, corpus.ROOT), "bytes": os.path.getsize(args.out)})


if __name__ == "__main__":
    main()
