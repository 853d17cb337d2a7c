import { existsSync, rmSync } from "node:fs";
import path from "node:path";
import { fail } from "../../../contract/errors";
import { openSafeTensors, writeSafeTensors, type SafeTensor } from "../files/safetensors";
import { momentsFor, type Moments } from "./adam";
import { trained, type Parameters } from "./parameters";
import type { Cursor } from "./stream";

export interface TrainingState {
  parameters: Parameters;
  moments: Record<(typeof trained)[number], Moments>;
  step: number;
  rows: number;
  /** States are multiplied by it before training. */
  scale: number;
  /** Rows since each feature was last active. */
  silent: Float32Array;
  cursor: Cursor;
  seconds: number;
}

export function freshMoments(parameters: Parameters): TrainingState["moments"] {
  return Object.fromEntries(
    trained.map((name) => [name, momentsFor(parameters[name].length)]),
  ) as TrainingState["moments"];
}

const fileOf = (folder: string) => path.join(folder, "checkpoint.safetensors");

/** What must be the same for a training to go on. */
export type Identity = Record<string, string>;

export function saveCheckpoint(folder: string, state: TrainingState, identity: Identity): void {
  const { parameters, moments, silent, cursor } = state;
  const tensors: Record<string, SafeTensor> = { silent: { shape: [silent.length], data: silent } };
  for (const name of trained) {
    const shape = [parameters[name].length];
    tensors[name] = { shape, data: parameters[name] };
    tensors[`${name}.first`] = { shape, data: moments[name].first };
    tensors[`${name}.second`] = { shape, data: moments[name].second };
  }
  const numbers = { step: state.step, rows: state.rows, scale: state.scale, seconds: state.seconds, ...cursor };
  writeSafeTensors(fileOf(folder), tensors, {
    ...identity,
    ...Object.fromEntries(Object.entries(numbers).map(([key, value]) => [`state.${key}`, String(value)])),
  });
}

/** The state to go on from; undefined where there is none. Throws `badArgument` where it belongs to another training. */
export function openCheckpoint(folder: string, identity: Identity, blank: Parameters): TrainingState | undefined {
  if (!existsSync(fileOf(folder))) return undefined;
  const file = openSafeTensors(fileOf(folder));
  const different = Object.entries(identity).find(([key, value]) => file.metadata[key] !== value);
  if (different) {
    fail(
      "badArgument",
      `'${folder}' holds a training with another ${different[0]} (${file.metadata[different[0]] ?? "none"}).`,
      {
        remedy: "Choose another folder, or start anew.",
      },
    );
  }
  const read = (name: string, length: number) => {
    const data = file.read(name);
    if (data.length !== length) fail("damagedFile", `The checkpoint of '${folder}' has a wrong ${name}.`);
    return data;
  };
  const number = (key: string) => {
    const value = Number(file.metadata[`state.${key}`]);
    if (!Number.isFinite(value)) fail("damagedFile", `The checkpoint of '${folder}' lacks its ${key}.`);
    return value;
  };
  const parameters = { ...blank };
  const moments = freshMoments(blank);
  for (const name of trained) {
    const { length } = blank[name];
    parameters[name] = read(name, length);
    moments[name] = { first: read(`${name}.first`, length), second: read(`${name}.second`, length) };
  }
  return {
    parameters,
    moments,
    step: number("step"),
    rows: number("rows"),
    scale: number("scale"),
    silent: read("silent", blank.features),
    cursor: { pass: number("pass"), window: number("window") },
    seconds: number("seconds"),
  };
}

export function dropCheckpoint(folder: string): void {
  rmSync(fileOf(folder), { force: true });
}
