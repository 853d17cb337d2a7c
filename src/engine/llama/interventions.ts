import { fail } from "../../contract/errors";
import type { Intervention } from "../../contract/sites";

/** How a row of a site is made of heads. */
export interface RowForm {
  width: number;
  headWidth: number;
}

/** Changes a row in place. `rowIndex` counts the positions it has acted on, for patches of several rows. */
export type RowChange = (row: Float32Array, rowIndex: number) => void;

/** Checks an intervention against the site's width and makes the change of one row. Throws `badArgument`, `notFinite` or `wrongModel`. */
export function rowChange(intervention: Intervention, form: RowForm): RowChange {
  const { operation, strength = 1, target = 0 } = intervention;
  checkNumbers(intervention);
  const at = elements(intervention, form);
  const count = at?.length ?? form.width;
  const each = (row: Float32Array, change: (value: number, index: number) => number): void => {
    for (let index = 0; index < count; index++) {
      const place = at ? at[index]! : index;
      row[place] = change(row[place]!, index);
    }
  };
  switch (operation) {
    case "zero":
      return (row) => each(row, () => 0);
    case "scale":
      return (row) => each(row, (value) => value * strength);
    case "clamp": {
      const { low = -Infinity, high = Infinity } = intervention;
      if (!(low <= high)) fail("badArgument", `A clamp from ${low} to ${high} leaves nothing.`);
      return (row) => each(row, (value) => Math.min(Math.max(value, low), high));
    }
    case "add": {
      const values = valuesFor(intervention, count, 1);
      return (row) => each(row, (value, index) => value + strength * values[index]!);
    }
    case "set":
    case "mean":
    case "patch": {
      const rows = intervention.rows ?? 1;
      const values = valuesFor(intervention, count, rows);
      return (row, rowIndex) => {
        const from = Math.min(rowIndex, rows - 1) * count;
        each(row, (_, index) => values[from + index]!);
      };
    }
    case "projectOut": {
      const unit = normalised(valuesFor(intervention, count, 1));
      return (row) => {
        let along = 0;
        for (let index = 0; index < count; index++) along += row[at ? at[index]! : index]! * unit[index]!;
        const change = strength * (along - target);
        each(row, (value, index) => value - change * unit[index]!);
      };
    }
    case "feature": {
      const values = valuesFor(intervention, count, 1);
      const encoder = valuesFor({ ...intervention, values: intervention.encoder }, count, 1);
      const { bias = 0, low = 0 } = intervention;
      return (row) => {
        let activation = bias;
        for (let index = 0; index < count; index++) activation += row[at ? at[index]! : index]! * encoder[index]!;
        const change = strength * (target - (activation > low ? activation : 0));
        each(row, (value, index) => value + change * values[index]!);
      };
    }
    default:
      fail("badArgument", `There is no operation '${String(operation)}'.`);
  }
}

function checkNumbers({ operation, strength, target, bias, low, high, values, encoder }: Intervention): void {
  for (const [name, value] of Object.entries({ strength, target, bias })) {
    if (value !== undefined && !Number.isFinite(value)) fail("notFinite", `The ${name} of '${operation}' is ${value}.`);
  }
  if (Number.isNaN(low) || Number.isNaN(high)) fail("notFinite", "A bound of the clamp is not a number.");
  for (const list of [values, encoder]) {
    const bad = list?.findIndex((value) => !Number.isFinite(value)) ?? -1;
    if (bad >= 0) fail("notFinite", `Value ${bad} of '${operation}' is ${list![bad]}.`);
  }
}

function valuesFor({ operation, values }: Intervention, count: number, rows: number): Float32Array {
  if (!values) fail("badArgument", `The operation '${operation}' needs values.`);
  if (values.length !== count * rows) {
    fail("wrongModel", `The operation '${operation}' needs ${rows} x ${count} values here, and has ${values.length}.`, {
      remedy: "Use values that were made on a model of this width.",
      details: { expected: count * rows, given: values.length },
    });
  }
  return values;
}

function normalised(values: Float32Array): Float64Array {
  const norm = Math.sqrt(values.reduce((sum, value) => sum + value * value, 0));
  if (norm === 0) fail("badArgument", "A direction of length 0 cannot be projected out.");
  return Float64Array.from(values, (value) => value / norm);
}

/** The elements of a row it acts on; undefined for the whole row. */
function elements({ indices, unit }: Intervention, { width, headWidth }: RowForm): Int32Array | undefined {
  if (!indices) return undefined;
  const size = unit === "head" ? headWidth : 1;
  const count = Math.floor(width / size);
  const wrong = indices.find((index) => !Number.isInteger(index) || index < 0 || index >= count);
  if (wrong !== undefined) {
    fail("badArgument", `Index ${wrong} is outside 0 to ${count - 1}${unit === "head" ? " (heads)" : ""}.`);
  }
  return Int32Array.from(
    indices.flatMap((index) => Array.from({ length: size }, (_, offset) => index * size + offset)),
  );
}
