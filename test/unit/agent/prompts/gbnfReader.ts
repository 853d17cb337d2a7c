/**
 * A small reader of GBNF, to ask whether a grammar takes a text. Covers what the prompts' grammars use: literals,
 * character classes, groups, choices, rule names, `?`, `*`, `+` and `{m,n}`. Matches by sets of positions.
 */
type Node =
  | { kind: "text"; text: string }
  | { kind: "class"; test: (c: string) => boolean }
  | { kind: "rule"; name: string }
  | { kind: "sequence"; items: Node[] }
  | { kind: "choice"; items: Node[] }
  | { kind: "repeat"; item: Node; least: number; most: number };

export function accepts(grammar: string, text: string): boolean {
  const rules = new Map<string, Node>();
  for (const line of grammar.split("\n").filter((one) => one.includes("::="))) {
    const at = line.indexOf("::=");
    const reader = new Reader(line.slice(at + 3));
    rules.set(line.slice(0, at).trim(), reader.choice());
    reader.done();
  }
  const root = rules.get("root");
  if (!root) throw new Error("the grammar has no root");
  return match(rules, root, text, 0).has(text.length);
}

function match(rules: Map<string, Node>, node: Node, text: string, at: number): Set<number> {
  switch (node.kind) {
    case "text":
      return new Set(text.startsWith(node.text, at) ? [at + node.text.length] : []);
    case "class": {
      const c = String.fromCodePoint(text.codePointAt(at) ?? 0);
      return new Set(at < text.length && node.test(c) ? [at + c.length] : []);
    }
    case "rule": {
      const rule = rules.get(node.name);
      if (!rule) throw new Error(`the grammar has no rule ${node.name}`);
      return match(rules, rule, text, at);
    }
    case "choice":
      return new Set(node.items.flatMap((item) => [...match(rules, item, text, at)]));
    case "sequence": {
      let places = new Set([at]);
      for (const item of node.items)
        places = new Set([...places].flatMap((place) => [...match(rules, item, text, place)]));
      return places;
    }
    case "repeat": {
      const out = new Set<number>(node.least === 0 ? [at] : []);
      let places = new Set([at]);
      for (let n = 1; n <= node.most && places.size > 0; n++) {
        const next = new Set([...places].flatMap((place) => [...match(rules, node.item, text, place)]));
        places = new Set([...next].filter((place) => n < node.least || !out.has(place)));
        if (n >= node.least) places.forEach((place) => out.add(place));
      }
      return out;
    }
  }
}

class Reader {
  private at = 0;
  constructor(private readonly source: string) {}

  choice(): Node {
    const items = [this.sequence()];
    while (this.take("|")) items.push(this.sequence());
    return items.length === 1 ? (items[0] as Node) : { kind: "choice", items };
  }

  done(): void {
    this.space();
    if (this.at < this.source.length) throw new Error(`cannot read ${this.source.slice(this.at)}`);
  }

  private sequence(): Node {
    const items: Node[] = [];
    for (this.space(); this.at < this.source.length && !"|)".includes(this.source[this.at] ?? ""); this.space())
      items.push(this.repeated(this.one()));
    return { kind: "sequence", items };
  }

  private one(): Node {
    const c = this.source[this.at];
    if (c === '"') return { kind: "text", text: this.literal() };
    if (c === "[") return this.group();
    if (this.take("(")) {
      const inner = this.choice();
      if (!this.take(")")) throw new Error(`no ) in ${this.source}`);
      return inner;
    }
    const name = /^[a-zA-Z][a-zA-Z0-9-]*/.exec(this.source.slice(this.at))?.[0];
    if (!name) throw new Error(`cannot read ${this.source.slice(this.at)}`);
    this.at += name.length;
    return { kind: "rule", name };
  }

  private repeated(item: Node): Node {
    const rest = this.source.slice(this.at);
    const mark = /^(\?|\*|\+|\{(\d+)(,(\d*))?\})/.exec(rest);
    if (!mark) return item;
    this.at += mark[0].length;
    const bounds: Record<string, [number, number]> = { "?": [0, 1], "*": [0, 1e6], "+": [1, 1e6] };
    const least = Number(mark[2]);
    const most = mark[3] === undefined ? least : mark[4] === "" ? 1e6 : Number(mark[4]);
    const [low, high] = bounds[mark[0]] ?? [least, most];
    return { kind: "repeat", item, least: low, most: high };
  }

  private literal(): string {
    const whole = /^"(\\.|[^"\\])*"/.exec(this.source.slice(this.at))?.[0] ?? "";
    this.at += whole.length;
    return whole.slice(1, -1).replace(/\\(.)/g, (_, c: string) => ({ n: "\n", r: "\r", t: "\t" })[c] ?? c);
  }

  private group(): Node {
    const whole = /^\[(\\.|[^\]\\])*\]/.exec(this.source.slice(this.at))?.[0] ?? "";
    this.at += whole.length;
    const pattern = new RegExp(`^${whole}$`, "u");
    return { kind: "class", test: (c) => pattern.test(c) };
  }

  private take(c: string): boolean {
    this.space();
    if (this.source[this.at] !== c) return false;
    this.at++;
    return true;
  }

  private space(): void {
    while (this.source[this.at] === " ") this.at++;
  }
}
