/** Every way a verb can fail, as a word a program can compare. The sentence beside it is for people. */
export type ErrorCode =
  | "badArgument" // the call itself is wrong: a value out of range, a missing field
  | "fileMissing" // no such file, or it cannot be read
  | "notGguf" // not a GGUF, truncated or damaged
  | "unsupportedModel" // a GGUF, but not one that can generate here (architecture, vocabulary only)
  | "tooLarge" // needs more memory than is free
  | "contextFull" // the tokens do not fit the context
  | "noModel" // nothing is loaded
  | "noSuchSite" // the architecture has no such site, or the layer is out of range
  | "unknownToken" // text that is no token of this model, or an id outside the vocabulary
  | "severalTokens" // one token was asked for, the text makes several
  | "wrongModel" // a file made for another model or width
  | "damagedFile" // a file of ours or of others that does not hold what it says
  | "notFinite" // NaN or infinity where a number is needed
  | "libraryMismatch" // the native library is not the one this build was made for
  | "nativeFailure" // llama.cpp reported a failure
  | "engineDied" // the engine's process ended while it was asked
  | "cancelled"
  | "timeout"
  | "notAllowed" // a person or a policy said no
  | "network"
  | "brainFailure" // a remote brain answered with an error
  | "badReply" // a model's reply does not have the form that was asked for
  | "internal";

/** An error as it crosses a boundary: a code, a sentence, what to do about it, and plain data. */
export interface ErrorData {
  code: ErrorCode;
  /** One sentence: what is wrong. */
  message: string;
  /** One sentence: what the person can do. */
  remedy?: string;
  details?: Record<string, unknown>;
}

/** The one error class of the product. Rooms throw it through `fail`; the wire carries its `data`. */
export class VitrineError extends Error {
  readonly data: ErrorData;
  constructor(data: ErrorData, cause?: unknown) {
    super(data.message, cause === undefined ? undefined : { cause });
    this.name = "VitrineError";
    this.data = data;
  }
  get code(): ErrorCode {
    return this.data.code;
  }
}

/** Throws a typed error. `remedy` says what to do, `details` carries numbers a caller may show. */
export function fail(
  code: ErrorCode,
  message: string,
  more: { remedy?: string; details?: Record<string, unknown>; cause?: unknown } = {},
): never {
  const { cause, ...rest } = more;
  throw new VitrineError({ code, message, ...rest }, cause);
}

/** What any thrown value is as plain data; a foreign error becomes `internal` with its own message. */
export function errorData(thrown: unknown): ErrorData {
  if (thrown instanceof VitrineError) return thrown.data;
  if (isAbort(thrown)) return { code: "cancelled", message: "Cancelled." };
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return { code: "internal", message };
}

function isAbort(thrown: unknown): boolean {
  return thrown instanceof Error && thrown.name === "AbortError";
}
