import { fail } from "../../contract/errors";
import type { Token } from "../../contract/token";
import type { Api } from "./api";
import { enums } from "./layouts";
import type { Pointer } from "./native";

const control = enums.llama_token_attr.LLAMA_TOKEN_ATTR_CONTROL | enums.llama_token_attr.LLAMA_TOKEN_ATTR_UNKNOWN;

/** The model's tokens: text to ids and back. */
export class Vocabulary {
  readonly size: number;
  /** Token that begins a text, -1 when the model has none. */
  readonly bos: number;
  readonly eos: number;
  /** The tokenizer puts `bos` before a text. */
  readonly addsBos: boolean;
  private readonly tokens: (Token | undefined)[] = [];
  private readonly pieces: (Uint8Array | undefined)[] = [];
  private readonly buffer = new Uint8Array(512);
  private controls: string[] | undefined;

  constructor(
    private readonly api: Api,
    private readonly pointer: Pointer,
  ) {
    this.size = api.llama_vocab_n_tokens(pointer);
    this.bos = api.llama_vocab_bos(pointer);
    this.eos = api.llama_vocab_eos(pointer);
    this.addsBos = api.llama_vocab_get_add_bos(pointer);
  }

  get native(): Pointer {
    return this.pointer;
  }

  /**
   * Ids of a text. `special`: texts such as `<|im_end|>` become their control token; never so for text from outside.
   * `frame`: the tokenizer's own beginning (and end) tokens are put around it.
   */
  encode(text: string, options: { special: boolean; frame: boolean }): Int32Array {
    const bytes = Buffer.from(text, "utf8");
    const room = new Int32Array(bytes.length + 8);
    const input = bytes.length === 0 ? new Uint8Array(1) : bytes;
    const call = (into: Int32Array): number =>
      this.api.llama_tokenize(this.pointer, input, bytes.length, into, into.length, options.frame, options.special);
    const count = call(room);
    if (count >= 0) return room.slice(0, count);
    const larger = new Int32Array(-count);
    const again = call(larger);
    if (again < 0) fail("nativeFailure", "The text could not be made into tokens.");
    return larger.slice(0, again);
  }

  /** The exact bytes a token stands for; control tokens give their name. */
  piece(id: number): Uint8Array {
    this.check(id);
    const known = this.pieces[id];
    if (known) return known;
    let buffer = this.buffer;
    let length = this.api.llama_token_to_piece(this.pointer, id, buffer, buffer.length, 0, true);
    if (length < 0) {
      buffer = new Uint8Array(-length);
      length = this.api.llama_token_to_piece(this.pointer, id, buffer, buffer.length, 0, true);
    }
    const piece = buffer.slice(0, Math.max(length, 0));
    this.pieces[id] = piece;
    return piece;
  }

  token(id: number): Token {
    const known = this.tokens[id];
    if (known) return known;
    const bytes = this.piece(id);
    const text = exactText(bytes);
    const token: Token = text === undefined ? { id, text: "\uFFFD", bytes: [...bytes] } : { id, text };
    if (this.isControl(id)) token.special = true;
    this.tokens[id] = token;
    return token;
  }

  isControl(id: number): boolean {
    return (this.api.llama_vocab_get_attr(this.pointer, id) & control) !== 0;
  }

  /** The token ends a reply. */
  isEnd(id: number): boolean {
    return this.api.llama_vocab_is_eog(this.pointer, id);
  }

  /** The id of a token with exactly this text (control tokens included), or undefined. */
  idOf(text: string): number | undefined {
    const ids = this.encode(text, { special: true, frame: false });
    return ids.length === 1 && this.token(ids[0]!).text === text ? ids[0]! : undefined;
  }

  /** Texts of all control tokens, longest first: what no outside text may turn into. */
  controlTexts(): string[] {
    if (this.controls) return this.controls;
    const found: string[] = [];
    for (let id = 0; id < this.size; id++) {
      if (!this.isControl(id)) continue;
      const { text, bytes } = this.token(id);
      if (text !== "" && bytes === undefined) found.push(text);
    }
    this.controls = found.sort((a, b) => b.length - a.length);
    return this.controls;
  }

  check(id: number): void {
    if (!Number.isInteger(id) || id < 0 || id >= this.size) {
      fail("unknownToken", `Token ${id} is outside the vocabulary of ${this.size} tokens.`);
    }
  }
}

const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** The text of bytes that are whole UTF-8 characters, or undefined. */
export function exactText(bytes: Uint8Array): string | undefined {
  try {
    return strict.decode(bytes);
  } catch {
    return undefined; // part of a character: the caller keeps the bytes
  }
}
