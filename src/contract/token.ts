/**
 * A token with its exact text. A token that is only part of a UTF-8 character has no text of its own: `text` then holds
 * U+FFFD for people to see, and `bytes` the exact bytes. `bytes` is absent wherever `text` is exact.
 */
export interface Token {
  id: number;
  text: string;
  bytes?: number[];
  /** A control token of the vocabulary (end of turn and the like), which a template may write and a person may not. */
  special?: boolean;
}

/** A token with a probability of the full vocabulary (after softmax at temperature 1, before any sampling filter). */
export interface Alternative extends Token {
  p: number;
}

/** A token that was generated: what it was, how likely it was, and what else it could have been. */
export interface GeneratedToken extends Alternative {
  /** Shannon entropy of the full distribution, in nats. */
  entropy: number;
  /** The k likeliest tokens, likeliest first. */
  top: Alternative[];
  /** Which part of the reply the token belongs to; `mark` is a delimiter such as `<think>` or end of turn. */
  part: "thought" | "answer" | "mark";
  /** Projections on the directions whose meters are on, by direction name, in units of the layer's mean norm. */
  meters?: Record<string, number>;
}
