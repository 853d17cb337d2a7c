/** A small reader of GBNF for tests: says whether a text is in a grammar's language, and writes random texts of it. */

type Node =
  | { kind: "text"; text: string }
  | { kind: "class"; not: boolean; ranges: [number, number][] }
  | { kind: "rule"; name: string }
  | { kind: "sequence"; parts: Node[] }
  | { kind: "choice"; ways: Node[] }
  | { kind: "repeat"; part: Node; min: number; max: number };

export type Rules = Map<string, Node>;

export function parseGbnf(source: string): Rules {
  const rules: Rules = new Map();
  for (const line of source.split("\n").filter((each) => each.trim() !== "")) {
    const [, name, body] = /^([a-zA-Z0-9-]+) ::= ([\s\S]*)$/.exec(line) ?? [];
    if (!name || body === undefined) throw new Error(`not a rule: ${line}`);
    if (rules.has(name)) throw new Error(`twice: ${name}`);
    const reader = new Reader(body);
    rules.set(name, reader.choice());
    reader.end();
  }
  for (const node of rules.values()) visit(node, rules);
  return rules;
}

function visit(node: Node, rules: Rules): void {
  if (node.kind === "rule" && !rules.has(node.name)) throw new Error(`no rule ${node.name}`);
  if (node.kind === "sequence") node.parts.forEach((part) => visit(part, rules));
  if (node.kind === "choice") node.ways.forEach((way) => visit(way, rules));
  if (node.kind === "repeat") visit(node.part, rules);
}

class Reader {
  private at = 0;
  constructor(private readonly text: string) {}

  end(): void {
    this.space();
    if (this.at < this.text.length) throw new Error(`left over: ${this.text.slice(this.at)}`);
  }

  choice(): Node {
    const ways = [this.sequence()];
    while (this.take("|")) ways.push(this.sequence());
    return ways.length === 1 && ways[0] ? ways[0] : { kind: "choice", ways };
  }

  private sequence(): Node {
    const parts: Node[] = [];
    for (;;) {
      this.space();
      const char = this.text[this.at];
      if (char === undefined || char === "|" || char === ")") break;
      parts.push(this.repeated(this.atom(char)));
    }
    return parts.length === 1 && parts[0] ? parts[0] : { kind: "sequence", parts };
  }

  private atom(char: string): Node {
    if (char === '"') return this.literal();
    if (char === "[") return this.charClass();
    if (char === "(") {
      this.at++;
      const inner = this.choice();
      if (!this.take(")")) throw new Error(") is missing");
      return inner;
    }
    const name = /^[a-zA-Z][a-zA-Z0-9-]*/.exec(this.text.slice(this.at))?.[0];
    if (!name) throw new Error(`what is ${this.text.slice(this.at, this.at + 20)}`);
    this.at += name.length;
    return { kind: "rule", name };
  }

  private repeated(part: Node): Node {
    const rest = this.text.slice(this.at);
    const sign = /^(?:([*+?])|\{(\d+)(?:(,)(\d*))?\})/.exec(rest);
    if (!sign) return part;
    this.at += sign[0].length;
    if (sign[1] === "*") return { kind: "repeat", part, min: 0, max: Infinity };
    if (sign[1] === "+") return { kind: "repeat", part, min: 1, max: Infinity };
    if (sign[1] === "?") return { kind: "repeat", part, min: 0, max: 1 };
    const min = Number(sign[2]);
    return { kind: "repeat", part, min, max: sign[3] ? (sign[4] ? Number(sign[4]) : Infinity) : min };
  }

  private literal(): Node {
    this.at++;
    let text = "";
    while (this.text[this.at] !== '"') text += this.char();
    this.at++;
    return { kind: "text", text };
  }

  private charClass(): Node {
    this.at++;
    const not = this.text[this.at] === "^";
    if (not) this.at++;
    const ranges: [number, number][] = [];
    while (this.text[this.at] !== "]") {
      const from = this.char().codePointAt(0) ?? 0;
      if (this.text[this.at] === "-" && this.text[this.at + 1] !== "]") {
        this.at++;
        ranges.push([from, this.char().codePointAt(0) ?? 0]);
      } else ranges.push([from, from]);
    }
    this.at++;
    return { kind: "class", not, ranges };
  }

  private char(): string {
    const char = this.text[this.at];
    if (char === undefined) throw new Error("text ends early");
    if (char !== "\\") {
      const whole = String.fromCodePoint(this.text.codePointAt(this.at) ?? 0);
      this.at += whole.length;
      return whole;
    }
    const next = this.text[this.at + 1] ?? "";
    if (next === "x") {
      const code = parseInt(this.text.slice(this.at + 2, this.at + 4), 16);
      this.at += 4;
      return String.fromCodePoint(code);
    }
    const digits = next === "u" ? 4 : next === "U" ? 8 : 0;
    if (digits > 0) {
      const code = parseInt(this.text.slice(this.at + 2, this.at + 2 + digits), 16);
      this.at += 2 + digits;
      return String.fromCodePoint(code);
    }
    this.at += 2;
    const known: Record<string, string> = {
      n: "\n",
      r: "\r",
      t: "\t",
      '"': '"',
      "\\": "\\",
      "]": "]",
      "[": "[",
      "^": "^",
      "-": "-",
    };
    const found = known[next];
    if (found === undefined) throw new Error(`unknown escape \\${next}`);
    return found;
  }

  private space(): void {
    while (this.text[this.at] === " ") this.at++;
  }

  private take(char: string): boolean {
    this.space();
    if (this.text[this.at] !== char) return false;
    this.at++;
    return true;
  }
}

/** All places where a match of `root` from 0 may end contain the text's end. */
export function accepts(rules: Rules, text: string): boolean {
  const chars = [...text];
  const memo = new Map<string, Set<number>>();
  const ends = (node: Node, at: number): Set<number> => {
    switch (node.kind) {
      case "text": {
        const wanted = [...node.text];
        return wanted.every((char, i) => chars[at + i] === char) ? new Set([at + wanted.length]) : new Set();
      }
      case "class":
        return at < chars.length && inClass(node, chars[at] ?? "") ? new Set([at + 1]) : new Set();
      case "rule": {
        const key = `${node.name}@${at}`;
        const seen = memo.get(key);
        if (seen) return seen;
        memo.set(key, new Set());
        const rule = rules.get(node.name);
        const found = rule ? ends(rule, at) : new Set<number>();
        memo.set(key, found);
        return found;
      }
      case "sequence": {
        let here = new Set([at]);
        for (const part of node.parts) here = new Set([...here].flatMap((each) => [...ends(part, each)]));
        return here;
      }
      case "choice":
        return new Set(node.ways.flatMap((way) => [...ends(way, at)]));
      case "repeat": {
        const found = new Set<number>(node.min === 0 ? [at] : []);
        let here = new Set([at]);
        for (let n = 1; n <= node.max && here.size > 0; n++) {
          here = new Set(
            [...here].flatMap((each) => [...ends(node.part, each)]).filter((each) => n < node.min || !found.has(each)),
          );
          if (n >= node.min) here.forEach((each) => found.add(each));
        }
        return found;
      }
    }
  };
  return ends({ kind: "rule", name: "root" }, 0).has(chars.length);
}

function inClass(node: Extract<Node, { kind: "class" }>, char: string): boolean {
  const code = char.codePointAt(0) ?? 0;
  return node.ranges.some(([from, to]) => code >= from && code <= to) !== node.not;
}

/** A random text of the language: what a model with random weights would write under the grammar. */
export function randomText(rules: Rules, random: () => number): string {
  let depth = 0;
  const write = (node: Node): string => {
    switch (node.kind) {
      case "text":
        return node.text;
      case "class": {
        if (!node.not) {
          const [from, to] = node.ranges[Math.floor(random() * node.ranges.length)] ?? [97, 97];
          return String.fromCodePoint(from + Math.floor(random() * (to - from + 1)));
        }
        const pool = ' abcXYZ019_-{}[]<>/:,."\\é漢😀';
        for (;;) {
          const char = [...pool][Math.floor(random() * [...pool].length)] ?? "a";
          if (inClass(node, char)) return char;
        }
      }
      case "rule": {
        const rule = rules.get(node.name);
        if (!rule || depth > 400) return "";
        depth++;
        const text = write(rule);
        depth--;
        return text;
      }
      case "sequence":
        return node.parts.map(write).join("");
      case "choice": {
        // Deep in tail recursion the last way is taken: it is the empty one in the grammars under test.
        const pick = depth > 200 ? node.ways.length - 1 : Math.floor(random() * node.ways.length);
        return write(node.ways[pick] ?? { kind: "text", text: "" });
      }
      case "repeat": {
        const most = Math.min(node.max, node.min + 6);
        const n = node.min + Math.floor(random() * (most - node.min + 1));
        return Array.from({ length: n }, () => write(node.part)).join("");
      }
    }
  };
  return write({ kind: "rule", name: "root" });
}

/** A seeded generator (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}
