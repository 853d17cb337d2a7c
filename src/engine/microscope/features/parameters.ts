import type { FeatureKind } from "../../../contract/acting";
import { dot, norm } from "../maths/vectors";
import { normalNumbers } from "../patching/random";

/** What is trained, in units of the scaled input (mean length sqrt(width)). Rows are features. */
export interface Parameters {
  kind: FeatureKind;
  width: number;
  features: number;
  k: number;
  encoder: Float32Array;
  encoderBias: Float32Array;
  decoder: Float32Array;
  decoderBias: Float32Array;
  /** JumpReLU: logarithms of the thresholds. Of other kinds empty. */
  logThreshold: Float32Array;
}

export type Gradients = Pick<Parameters, "encoder" | "encoderBias" | "decoder" | "decoderBias" | "logThreshold">;

export const trained = ["encoder", "encoderBias", "decoder", "decoderBias", "logThreshold"] as const;

/** Random unit decoder rows with the encoder as their transpose, the bias at the data's mean. */
export function freshParameters(
  shape: { kind: FeatureKind; width: number; features: number; k: number },
  mean: Float32Array,
  seed: number,
): Parameters {
  const next = normalNumbers(seed);
  const decoder = Float32Array.from({ length: shape.features * shape.width }, next);
  const parameters: Parameters = {
    ...shape,
    encoder: new Float32Array(decoder.length),
    encoderBias: new Float32Array(shape.features),
    decoder,
    decoderBias: mean.slice(),
    logThreshold: new Float32Array(shape.kind === "jumprelu" ? shape.features : 0).fill(
      Math.log(0.002 * Math.sqrt(shape.width)),
    ),
  };
  normaliseDecoder(parameters);
  parameters.encoder.set(parameters.decoder);
  return parameters;
}

/** Every decoder row at length 1: otherwise the penalty is escaped by long rows and small activations. */
export function normaliseDecoder({ decoder, width, features }: Parameters): void {
  for (let f = 0; f < features; f++) {
    const row = decoder.subarray(f * width, (f + 1) * width);
    const size = norm(row);
    if (size > 0) for (let i = 0; i < width; i++) row[i]! /= size;
  }
}

/** Takes the part of the decoder's gradient that would only change lengths away. */
export function projectDecoderGradient({ decoder, width, features }: Parameters, gradient: Float32Array): void {
  for (let f = 0; f < features; f++) {
    const row = decoder.subarray(f * width, (f + 1) * width);
    const g = gradient.subarray(f * width, (f + 1) * width);
    const along = dot(row, g);
    if (along !== 0) for (let i = 0; i < width; i++) g[i]! -= along * row[i]!;
  }
}

export function freshGradients(parameters: Parameters): Gradients {
  return Object.fromEntries(
    trained.map((name) => [name, new Float32Array(parameters[name].length)]),
  ) as unknown as Gradients;
}
