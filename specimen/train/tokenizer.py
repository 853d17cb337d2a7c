"""Byte-level BPE as llama.cpp reads it with `tokenizer.ggml.pre = smollm`: digits stand alone, then GPT-2's pattern.

No merge crosses JSON punctuation or a line break, so that a grammar never meets a token that is half inside a rule.
"""

import collections
import heapq
import json
import re

SPECIAL = ["<|endoftext|>", "<|im_start|>", "<|im_end|>", "<think>", "</think>",
           "<tool_call>", "</tool_call>", "<tool_response>", "</tool_response>"]
SPECIAL_PATTERN = re.compile("(" + "|".join(re.escape(s) for s in SPECIAL) + ")")
# GPT-2's pattern on text without digits; `_` is no letter there but is one for Python's \w.
WORDS = re.compile(r"'s|'t|'re|'ve|'m|'ll|'d| ?[^\W_]+| ?(?:[^\s\w]|_)+|\s+(?!\S)|\s+")
ALONE = set(b'{}[]",:\\\n')


def byte_letters():
    """GPT-2's printable stand-in for each byte."""
    keep = list(range(33, 127)) + list(range(161, 173)) + list(range(174, 256))
    table, extra = {}, 0
    for byte in range(256):
        if byte in keep:
            table[byte] = chr(byte)
        else:
            table[byte] = chr(256 + extra)
            extra += 1
    return table


LETTERS = byte_letters()


def pieces(text):
    """The pre-tokens of text that holds no special token."""
    for part in re.split(r"(\d)", text):
        if part:
            if len(part) == 1 and part.isdigit():
                yield part
            else:
                yield from WORDS.findall(part)


def allowed(joined):
    """Whether a merge may make this token (bytes): JSON punctuation at most after one space."""
    if not any(byte in ALONE for byte in joined):
        return True
    return len(joined) == 2 and joined[0] == 32 and joined[1] in b'{["'


def train(texts, vocabulary):
    """Learns merges from an iterable of texts; returns (tokens, merges) as strings of byte letters."""
    counts = collections.Counter()
    for text in texts:
        for part in SPECIAL_PATTERN.split(text):
            if part not in SPECIAL:
                counts.update(pieces(part))
    words = [([bytes([b]) for b in word.encode()], n) for word, n in counts.items() if n > 1 or len(word) < 3]
    pairs = collections.Counter()
    where = collections.defaultdict(set)
    for i, (parts, n) in enumerate(words):
        for pair in zip(parts, parts[1:]):
            pairs[pair] += n
            where[pair].add(i)
    heap = [(-n, pair) for pair, n in pairs.items()]
    heapq.heapify(heap)
    merges = []
    size = len(SPECIAL) + 256
    while size + len(merges) < vocabulary and heap:
        n, pair = heapq.heappop(heap)
        if pairs[pair] != -n or n == 0:
            if pairs[pair] > 0 and pairs[pair] != -n:
                heapq.heappush(heap, (-pairs[pair], pair))
            continue
        if not allowed(pair[0] + pair[1]):
            pairs[pair] = 0
            continue
        merges.append(pair)
        changed = set()
        for i in list(where[pair]):
            parts, count = words[i]
            for old in zip(parts, parts[1:]):
                pairs[old] -= count
                changed.add(old)
            parts = merge(parts, pair)
            words[i] = (parts, count)
            for new in zip(parts, parts[1:]):
                pairs[new] += count
                where[new].add(i)
                changed.add(new)
        pairs[pair] = 0
        for each in changed:
            if pairs[each] > 0:
                heapq.heappush(heap, (-pairs[each], each))
    spell = lambda b: "".join(LETTERS[x] for x in b)
    tokens = SPECIAL + [LETTERS[b] for b in range(256)] + [spell(a + b) for a, b in merges]
    return tokens, [f"{spell(a)} {spell(b)}" for a, b in merges]


def merge(parts, pair):
    out, i = [], 0
    while i < len(parts):
        if i + 1 < len(parts) and parts[i] == pair[0] and parts[i + 1] == pair[1]:
            out.append(parts[i] + parts[i + 1])
            i += 2
        else:
            out.append(parts[i])
            i += 1
    return out


class Tokenizer:
    def __init__(self, tokens, merges):
        self.tokens, self.merges = tokens, merges
        self.ids = {token: i for i, token in enumerate(tokens)}
        self.rank = {tuple(m.split(" ")): i for i, m in enumerate(merges)}
        self.cache = {}

    def encode(self, text):
        out = []
        for part in SPECIAL_PATTERN.split(text):
            if part in SPECIAL:
                out.append(self.ids[part])
            elif part:
                for piece in pieces(part):
                    out.extend(self.piece(piece))
        return out

    def piece(self, piece):
        known = self.cache.get(piece)
        if known is not None:
            return known
        parts = [LETTERS[b] for b in piece.encode()]
        while len(parts) > 1:
            best = min(zip(parts, parts[1:]), key=lambda p: self.rank.get(p, 1 << 30))
            if best not in self.rank:
                break
            parts = merge(parts, best)
        ids = [self.ids[p] for p in parts]
        if len(self.cache) < 500000:
            self.cache[piece] = ids
        return ids

    def save(self, path):
        with open(path, "w") as f:
            json.dump({"tokens": self.tokens, "merges": self.merges}, f, ensure_ascii=True, indent=0)

    @staticmethod
    def load(path):
        with open(path) as f:
            data = json.load(f)
        return Tokenizer(data["tokens"], data["merges"])
