import { VitrineError } from "../../contract/errors";
import type { ModelInfo } from "../../contract/model";
import type { Token } from "../../contract/token";
import type { GenerateParams, GenerateResult, Input, UnembedParams, UnembedResult } from "../../contract/verbs";
import type { Lab, Pass } from "../microscope/lab";
import { generate } from "./generate";
import { gram } from "./gram";
import { runPass } from "./pass";
import { renderInput } from "./render";
import type { Session } from "./session";
import { unembed } from "./unembed";

/** The verbs of a loaded model as instruments take them. */
export function labOf(session: Session, info: ModelInfo): Lab {
  const { vocabulary } = session.model;
  const token = (id: number): Token => vocabulary.token(id);
  const never = new AbortController().signal;
  return {
    info,
    weights: session.weights,
    token,
    tokenize: (text, special) => Array.from(vocabulary.encode(text, { special, frame: false }), token),
    render: (input: Input, think?: "off" | "auto") =>
      Promise.resolve().then(() => Array.from(renderInput(session.model, input, think ? { think } : {}).ids, token)),
    pass: ({ onChunk, ...request }: Pass) => cancellable(runPass(session, { ...request, onPart: onChunk })),
    unembed: (params: UnembedParams): Promise<UnembedResult> => unembed(session, params, never),
    generate: (params: GenerateParams, signal: AbortSignal): Promise<GenerateResult> =>
      cancellable(generate(session, params, { signal, progress: () => undefined })),
    gram: (a: Float32Array, b: Float32Array, rows: number) => gram(session, a, b, rows),
  };
}

/** Instruments compare error codes: an abort comes to them as `cancelled`. */
async function cancellable<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof Error && error.name === "AbortError") {
      throw new VitrineError({ code: "cancelled", message: "Cancelled." }, error);
    }
    throw error;
  }
}
