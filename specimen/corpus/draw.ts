/** Which part of the corpus a sample belongs to. Decisions are made on `dev`; `test` is looked at by the card alone. */
export type Split = "train" | "dev" | "test";

/** FNV-1a of a text, as an unsigned 32-bit number. */
export function hashText(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) {
    hash ^= text.charCodeAt(i);
    hash = Math.imul(hash, 0x01000193);
  }
  hash ^= hash >>> 15;
  hash = Math.imul(hash, 0x2c1b3c6d);
  hash ^= hash >>> 13;
  return hash >>> 0;
}

/** The split that an entity belongs to, by its name alone: one in eight is held out for each of dev and test. */
export function splitOf(entity: string): Split {
  const bucket = hashText(entity.toLowerCase()) % 8;
  return bucket === 0 ? "test" : bucket === 1 ? "dev" : "train";
}

const onsets =
  "b bl br c ch cl cr d dr f fl fr g gl gr h j k kr l m n p pl pr qu r s sh sk sl sm sn sp st t th tr tw v w y z".split(
    " ",
  );
const vowels = "a a a e e e i i o o o u u ai ea ee oo ou ie".split(" ");
const codas = [
  "",
  "",
  "",
  "",
  "n",
  "r",
  "s",
  "l",
  "m",
  "t",
  "k",
  "p",
  "x",
  "nd",
  "rk",
  "st",
  "ng",
  "lt",
  "th",
  "b",
  "d",
  "g",
];

/** A seeded source of choices for one split. The same seed gives the same corpus. */
export class Draw {
  private state: number;

  constructor(
    seed: number,
    readonly split: Split,
  ) {
    this.state = seed >>> 0;
  }

  /** Uniform in [0, 1): mulberry32. */
  next(): number {
    this.state = (this.state + 0x6d2b79f5) >>> 0;
    let t = this.state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  }

  chance(p: number): boolean {
    return this.next() < p;
  }

  /** A whole number from a to b, both included. */
  int(a: number, b: number): number {
    return a + Math.floor(this.next() * (b - a + 1));
  }

  pick<T>(items: readonly T[]): T {
    const item = items[Math.floor(this.next() * items.length)];
    if (item === undefined) throw new Error("nothing to pick from");
    return item;
  }

  /** Several different items, in random order. */
  several<T>(items: readonly T[], count: number): T[] {
    return this.shuffle([...items]).slice(0, count);
  }

  shuffle<T>(items: T[]): T[] {
    for (let i = items.length - 1; i > 0; i--) {
      const j = this.int(0, i);
      [items[i], items[j]] = [items[j] as T, items[i] as T];
    }
    return items;
  }

  /** One of the entities of this draw's split; of a short list that has none there, any. */
  part<T>(items: readonly T[], key: (item: T) => string = String): T {
    for (let tries = 0; tries < 400; tries++) {
      const item = this.pick(items);
      if (splitOf(key(item)) === this.split) return item;
    }
    return this.pick(items);
  }

  /** One of the templates of this draw's split: of five or more, the last is for test and the one before for dev. */
  form<T>(forms: readonly T[]): T {
    if (forms.length < 5) return this.pick(forms);
    if (this.split === "test") return forms[forms.length - 1] as T;
    if (this.split === "dev") return forms[forms.length - 2] as T;
    return forms[this.int(0, forms.length - 3)] as T;
  }

  /** An invented word of this split, lower case, of one to three syllables. */
  nonce(): string {
    for (;;) {
      const count = this.pick([1, 2, 2, 2, 3]);
      let word = "";
      for (let i = 0; i < count; i++)
        word += this.pick(onsets) + this.pick(vowels) + (i === count - 1 ? this.pick(codas) : "");
      if (word.length >= 3 && word.length <= 10 && splitOf(word) === this.split) return word;
    }
  }

  /** An invented name. */
  Nonce(): string {
    return capital(this.nonce());
  }

  /** Half the time an invented word, otherwise one of the list's part for this split. */
  word(items: readonly string[], invented = 0.5): string {
    return this.chance(invented) ? this.nonce() : this.part(items);
  }

  Name(items: readonly string[], invented = 0.5): string {
    return this.chance(invented) ? this.Nonce() : this.part(items);
  }
}

export function capital(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}

/** Puts values into `{slots}` of a template. */
export function fill(template: string, slots: Record<string, string | number>): string {
  return template.replace(/\{(\w+)\}/g, (whole, slot: string) => (slot in slots ? String(slots[slot]) : whole));
}

/** "a" or "an" before a word. */
export function article(word: string): string {
  return `${/^[aeiou]/i.test(word) ? "an" : "a"} ${word}`;
}
