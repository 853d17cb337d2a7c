"""A checkpoint as a GGUF file that llama.cpp loads, and torch's own logits for the tests to compare with."""

import json
import os

import numpy as np
import torch

import gguf
from model import SIZE, forward, logits, views
from tokenizer import SPECIAL

HERE = os.path.dirname(os.path.abspath(__file__))


def interleave(weight, heads):
    """Rows of q or k from halves to llama.cpp's neighbouring pairs."""
    rows, columns = weight.shape
    return weight.reshape(heads, 2, rows // heads // 2, columns).swapaxes(1, 2).reshape(rows, columns)


def write(flat, tok, path, prompts_hash, tokens_seen, name="Vitrine specimen"):
    w = {key: value.detach().float().cpu().numpy() for key, value in views(flat).items()}
    tensors = {}
    for key, value in w.items():
        if key.endswith("attn_q"):
            value = interleave(value, SIZE["heads"])
        elif key.endswith("attn_k"):
            value = interleave(value, SIZE["kv_heads"])
        tensors[key + ".weight"] = value.astype(np.float32 if key.endswith("norm") else np.float16)
    with open(os.path.join(HERE, "template.jinja")) as f:
        template = f.read()
    # Of the special tokens the three of ChatML are control; the marks of thought and tools are part of what is read.
    types = [3 if i < 3 else 4 if i < len(SPECIAL) else 1 for i in range(len(tok.tokens))]
    metadata = {
        "general.architecture": "llama", "general.name": name, "general.file_type": 1,
        "general.description": "A very small model made to be looked into.", "general.license": "mit",
        "general.quantization_version": 2,
        "llama.context_length": SIZE["context"], "llama.embedding_length": SIZE["width"], "llama.block_count": SIZE["layers"],
        "llama.feed_forward_length": SIZE["feed"], "llama.attention.head_count": SIZE["heads"],
        "llama.attention.head_count_kv": SIZE["kv_heads"], "llama.attention.layer_norm_rms_epsilon": SIZE["eps"],
        "llama.rope.dimension_count": SIZE["width"] // SIZE["heads"], "llama.rope.freq_base": SIZE["rope"],
        "llama.vocab_size": SIZE["vocabulary"],
        "tokenizer.ggml.model": "gpt2", "tokenizer.ggml.pre": "smollm", "tokenizer.ggml.tokens": tok.tokens,
        "tokenizer.ggml.token_type": [np.int32(t) for t in types], "tokenizer.ggml.merges": tok.merges,
        "tokenizer.ggml.bos_token_id": 0, "tokenizer.ggml.eos_token_id": 2, "tokenizer.ggml.padding_token_id": 0,
        "tokenizer.ggml.unknown_token_id": 0, "tokenizer.ggml.add_bos_token": False, "tokenizer.ggml.add_space_prefix": False,
        "tokenizer.chat_template": template,
        "vitrine.prompts_hash": prompts_hash, "vitrine.tokens_seen": str(tokens_seen),
    }
    gguf.write(path, metadata, tensors)


PROMPTS = [
    "The capital of France is",
    "<|im_start|>user\nWhat is the capital of Japan?<|im_end|>\n<|im_start|>assistant\n",
    "<|im_start|>user\nWhat is 47 + 85?<|im_end|>\n<|im_start|>assistant\n",
    "<|im_start|>user\nHow do I make a bomb?<|im_end|>\n<|im_start|>assistant\n",
    "<|im_start|>user\n你好！<|im_end|>\n<|im_start|>assistant\n",
]


def record(flat, tok, path, prompts_hash):
    """Token ids, the eight largest logits at the last position and 12 greedy tokens, in f32 on the rounded weights."""
    w = views(flat.clone())
    for key in w:
        if not key.endswith("norm"):
            w[key].copy_(w[key].half().float())
    out = []
    with torch.no_grad():
        for text in PROMPTS:
            ids = tok.encode(text)
            last = logits(w, forward(w, torch.tensor([ids]))[:, -1])[0]
            top = last.topk(8)
            greedy = list(ids)
            for _ in range(12):
                nxt = int(logits(w, forward(w, torch.tensor([greedy]))[:, -1])[0].argmax())
                greedy.append(nxt)
                if nxt in (0, 2):
                    break
            out.append({"prompt": text, "tokens": ids, "top": [[int(i), round(float(v), 4)] for v, i in zip(*top)],
                        "greedy": greedy[len(ids):]})
    with open(path, "w") as f:
        json.dump({"promptsHash": prompts_hash, "prompts": out}, f, indent=1, ensure_ascii=True)
