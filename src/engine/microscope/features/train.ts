import { mkdirSync } from "node:fs";
import path from "node:path";
import type { FeaturesTrainParams, FeaturesTrainProgress, FeaturesTrainResult } from "../../../contract/acting";
import { fail } from "../../../contract/errors";
import { saveSae } from "../files/saelens";
import { writeWhole } from "../files/whole";
import type { Lab } from "../lab";
import { norm } from "../maths/vectors";
import { requireCount, requireLayer, requireSite } from "../probe";
import { adamStep } from "./adam";
import {
  dropCheckpoint,
  freshMoments,
  openCheckpoint,
  saveCheckpoint,
  type Identity,
  type TrainingState,
} from "./checkpoint";
import { evaluateSae } from "./evaluate";
import { freshGradients, freshParameters, normaliseDecoder, projectDecoderGradient, trained } from "./parameters";
import type { Products, Shape } from "./products";
import { revive } from "./revive";
import type { Sae } from "./sae";
import { lossAndGradients, Workspace } from "./step";
import { ActivationStream, heldOut, windowsOf } from "./stream";

export interface TrainingRun {
  signal: AbortSignal;
  progress(value: FeaturesTrainProgress): void;
  products(shape: Shape): Products;
}

const reportEvery = 20;
const checkpointSeconds = 60;

/**
 * Trains a sparse auto-encoder of one site on text (see `lossAndGradients` for the kinds), saves it in SAELens' layout and measures it on
 * text that was kept apart. Stopped, it keeps a checkpoint; called again with the same folder and settings, it goes on.
 */
export async function trainFeatures(
  lab: Lab,
  params: FeaturesTrainParams,
  run: TrainingRun,
): Promise<FeaturesTrainResult> {
  const settings = check(lab, params);
  const { training, held } = heldOut(windowsOf(lab, params.texts));
  const at = { site: params.site, layer: params.layer };
  const width = params.site === "mlp_post" ? lab.info.neurons : await siteWidth(lab, at, training[0]!, run.signal);
  const available = training.reduce((sum, window) => sum + window.length - 1, 0);
  if (available < 4 * params.features) {
    fail("badArgument", `The corpus has ${available} positions for ${params.features} features.`, {
      remedy: `Ask for at most ${Math.floor(available / 4)} features, or give more text.`,
      details: { positions: available, features: params.features },
    });
  }
  const { batch } = settings;
  const rows = params.rows ?? Math.max(available, 40 * params.features);
  const steps = Math.max(1, Math.floor(rows / batch));
  const identity: Identity = {
    fingerprint: lab.info.fingerprint,
    site: `${params.site}.${params.layer}`,
    kind: params.kind,
    features: String(params.features),
    width: String(width),
    k: String(settings.k),
  };
  mkdirSync(params.out, { recursive: true });

  const seed = params.seed ?? 1;
  const shape = { kind: params.kind, width, features: params.features, k: settings.k };
  const blank = freshParameters(shape, new Float32Array(width), seed);
  if (params.fresh) dropCheckpoint(params.out);
  const found = openCheckpoint(params.out, identity, blank);
  const stream = new ActivationStream(lab, training, at, width, seed, run.signal, found?.cursor);
  const state = found ?? (await begin(stream, shape, seed));
  const products = run.products({ batch, width, features: params.features });
  const started = performance.now();
  const before = state.seconds;
  let partial = false;
  try {
    partial = await loop(state, stream, products, { ...settings, steps, before, started }, params, identity, run);
  } finally {
    products.close();
  }
  const seconds = before + (performance.now() - started) / 1000;
  const sae = finished(lab, params, state);
  await saveSae(params.out, sae);
  if (!partial) dropCheckpoint(params.out);
  const signal = partial ? new AbortController().signal : run.signal;
  const measures = await evaluateSae(lab, sae, held.slice(0, partial ? 20 : 200), signal);
  await writeWhole(path.join(params.out, "measures.json"), [JSON.stringify(measures, null, 2)]);
  return {
    ...measures,
    folder: params.out,
    rows: state.rows,
    seconds,
    overhead: overheadOf(run, { batch, width, features: params.features }, seconds / Math.max(1, state.step)),
    partial,
  };
}

interface Settings {
  batch: number;
  k: number;
  lambda: number;
  rate: number;
}

function check(lab: Lab, params: FeaturesTrainParams): Settings {
  requireSite(lab.info, params.site);
  requireLayer(lab.info, params.layer);
  if (
    params.site === "logits" ||
    params.site === "pattern" ||
    params.site === "embed" ||
    params.site === "final_norm"
  ) {
    fail("noSuchSite", `Features are learnt of a site within the layers, not of '${params.site}'.`);
  }
  requireCount(params.features, "The number of features", 8, 1 << 20);
  const k = params.k ?? 24;
  if (params.kind === "topk") requireCount(k, "k", 1, params.features);
  const batch = params.batch ?? 1024;
  requireCount(batch, "The batch", 16, 1 << 16);
  const usual = params.kind === "l1" ? 0.12 : params.kind === "jumprelu" ? 4e-4 : 0;
  const lambda = params.lambda ?? usual;
  const rate = params.learningRate ?? 1e-3;
  if (!(lambda >= 0) || !(rate > 0) || !Number.isFinite(lambda + rate)) {
    fail("badArgument", "Lambda and the learning rate are finite numbers, the rate above 0.");
  }
  return { batch, k, lambda, rate };
}

async function siteWidth(
  lab: Lab,
  at: { site: FeaturesTrainParams["site"]; layer: number },
  ids: number[],
  signal: AbortSignal,
) {
  let width = 0;
  await lab.pass({
    sequences: [ids.slice(0, 2)],
    reads: [{ ...at, positions: [-1] }],
    signal,
    onChunk: ({ states }) => void (width = states[0]?.width || width),
  });
  return width;
}

/** First statistics: states are scaled to a mean length of sqrt(width), and the decoder's bias starts at their mean. */
async function begin(
  stream: ActivationStream,
  shape: Parameters<typeof freshParameters>[0],
  seed: number,
): Promise<TrainingState> {
  const { rows, data } = await stream.sample();
  const { width } = shape;
  const mean = new Float32Array(width);
  let length = 0;
  for (let r = 0; r < rows; r++) {
    const row = data.subarray(r * width, (r + 1) * width);
    length += norm(row) / rows;
    for (let i = 0; i < width; i++) mean[i]! += row[i]! / rows;
  }
  if (!(length > 0)) fail("notFinite", "The states of this site are all zero or not finite.");
  const scale = Math.sqrt(width) / length;
  const parameters = freshParameters(
    shape,
    mean.map((value) => value * scale),
    seed,
  );
  const silent = new Float32Array(shape.features);
  return {
    parameters,
    moments: freshMoments(parameters),
    step: 0,
    rows: 0,
    scale,
    silent,
    cursor: stream.cursor,
    seconds: 0,
  };
}

interface LoopSettings extends Settings {
  steps: number;
  before: number;
  started: number;
}

/** Gives whether it was stopped before the end. */
async function loop(
  state: TrainingState,
  stream: ActivationStream,
  products: Products,
  settings: LoopSettings,
  params: FeaturesTrainParams,
  identity: Identity,
  run: TrainingRun,
): Promise<boolean> {
  const { parameters: p, moments, silent } = state;
  const { batch, steps } = settings;
  const work = new Workspace(batch, p.width, p.features, p.kind !== "topk");
  const gradients = freshGradients(p);
  const x = new Float32Array(batch * p.width);
  const fired = new Uint8Array(p.features);
  const seconds = () => settings.before + (performance.now() - settings.started) / 1000;
  const deadAfter = Math.max(50 * batch, 10 * p.features);
  let saved = performance.now();
  while (state.step < steps) {
    if (run.signal.aborted) {
      saveCheckpoint(params.out, { ...state, cursor: stream.cursor, seconds: seconds() }, identity);
      return true;
    }
    try {
      await stream.batch(x, batch, state.scale);
    } catch (error) {
      if (!run.signal.aborted) throw error;
      continue; // the top of the loop keeps what is there
    }
    state.step++;
    state.rows += batch;
    fired.fill(0);
    const share = state.step / steps;
    const lambda = settings.lambda * Math.min(1, share / 0.05);
    const measures = lossAndGradients(p, x, work, products, { lambda }, gradients, fired);
    if (!Number.isFinite(measures.loss))
      fail("notFinite", "The training has diverged.", { remedy: "Use a smaller learning rate." });
    projectDecoderGradient(p, gradients.decoder);
    // Warm up, hold, and fall to zero over the last part.
    const rate = settings.rate * Math.min(1, state.step / 100) * Math.min(1, (1 - share) / 0.3 + 1e-3);
    for (const name of trained) adamStep(p[name], gradients[name], moments[name], state.step, rate);
    normaliseDecoder(p);
    let dead = 0;
    for (let f = 0; f < p.features; f++) {
      silent[f] = fired[f] ? 0 : silent[f]! + batch;
      if (silent[f]! >= deadAfter) dead++;
    }
    if (dead > 0 && share < 0.7 && state.step % 50 === 0) {
      const list = [...silent.keys()].filter((f) => silent[f]! >= deadAfter);
      revive(state, list, work.error, measures.worst);
    }
    if (state.step % reportEvery === 0 || state.step === steps) {
      run.progress({
        step: state.step,
        steps,
        rows: state.rows,
        loss: measures.loss,
        explainedVariance: 1 - measures.squaredError / measures.variance,
        l0: measures.l0,
        dead,
        seconds: seconds(),
        products: products.seconds(),
      });
      // So that a cancel gets through between passes too.
      await new Promise<void>((resolve) => setImmediate(resolve));
    }
    if (performance.now() - saved > checkpointSeconds * 1000) {
      saved = performance.now();
      saveCheckpoint(params.out, { ...state, cursor: stream.cursor, seconds: seconds() }, identity);
    }
  }
  return false;
}

/**
 * The SAE for states as they are. Scaling by s and back is folded in: relu(W (s x) + b) / s = relu(W x + b / s), so biases and thresholds
 * are divided by s and the unit decoder stays.
 */
function finished(lab: Lab, params: FeaturesTrainParams, { parameters: p, scale }: TrainingState): Sae {
  return {
    kind: p.kind,
    site: params.site,
    layer: params.layer,
    width: p.width,
    features: p.features,
    encoder: p.encoder,
    encoderBias: p.encoderBias.map((value) => value / scale),
    decoder: p.decoder,
    decoderBias: p.decoderBias.map((value) => value / scale),
    ...(p.kind === "topk" ? { k: p.k } : {}),
    ...(p.kind === "jumprelu" ? { threshold: p.logThreshold.map((value) => Math.exp(value) / scale) } : {}),
    centred: true,
    modelName: lab.info.name,
    fingerprint: lab.info.fingerprint,
  };
}

/** Seconds a step divided by seconds of the five dense products such a step is made of, timed here and now. */
function overheadOf(run: TrainingRun, shape: Shape, secondsAStep: number): number {
  const { batch, width, features } = shape;
  const products = run.products(shape);
  const next = (length: number) => Float32Array.from({ length }, (_, i) => ((i * 7919) % 13) - 6);
  const [x, w, a] = [next(batch * width), next(features * width), next(batch * features)];
  const [rows, matrix, wide] = [new Float32Array(x.length), new Float32Array(w.length), new Float32Array(a.length)];
  const turn = () => {
    products.encode(x, w, wide);
    products.decode(a, w, rows);
    products.back(a, x, w, { activations: wide, decoder: matrix });
    products.encoderGradient(a, x, matrix);
  };
  try {
    turn();
    const warm = products.seconds();
    const turns = 5;
    for (let i = 0; i < turns; i++) turn();
    return secondsAStep / ((products.seconds() - warm) / turns);
  } finally {
    products.close();
  }
}
