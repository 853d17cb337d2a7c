import { fail } from "../../contract/errors";

/** Turns a value from outside into what it should be, or throws `badArgument` with the place that is wrong. */
export type Check<T> = (value: unknown, place: string) => T;

export function wrong(place: string, wanted: string): never {
  return fail("badArgument", `${place} should be ${wanted}.`);
}

export function string(most = 1_000_000): Check<string> {
  return (value, place) => {
    if (typeof value !== "string") return wrong(place, "text");
    if (value.length > most) return wrong(place, `at most ${most} characters long`);
    return value;
  };
}

export function integer(low: number, high = Number.MAX_SAFE_INTEGER): Check<number> {
  return (value, place) => {
    if (!Number.isInteger(value)) return wrong(place, "a whole number");
    const whole = value as number;
    return whole < low || whole > high ? wrong(place, `from ${low} to ${high}`) : whole;
  };
}

export function number(low = -Number.MAX_VALUE, high = Number.MAX_VALUE): Check<number> {
  return (value, place) => {
    if (typeof value !== "number" || !Number.isFinite(value)) return wrong(place, "a finite number");
    return value < low || value > high ? wrong(place, `from ${low} to ${high}`) : value;
  };
}

export const boolean: Check<boolean> = (value, place) =>
  typeof value === "boolean" ? value : wrong(place, "true or false");

export function oneOf<const T extends readonly (string | number | null)[]>(...choices: T): Check<T[number]> {
  return (value, place) =>
    (choices as readonly unknown[]).includes(value)
      ? (value as T[number])
      : wrong(place, `one of ${choices.join(", ")}`);
}

export function array<T>(of: Check<T>, most = 100_000): Check<T[]> {
  return (value, place) => {
    if (!Array.isArray(value)) return wrong(place, "a list");
    if (value.length > most) return wrong(place, `at most ${most} long`);
    return value.map((item: unknown, index) => of(item, `${place}[${index}]`));
  };
}

/** A key that may be missing. */
export interface Optional<T> {
  optional: Check<T>;
}

export function optional<T>(of: Check<T>): Optional<T> {
  return { optional: of };
}

type Shape = Record<string, Check<unknown> | Optional<unknown>>;
type RequiredKeys<S extends Shape> = { [K in keyof S]: S[K] extends Optional<unknown> ? never : K }[keyof S];
type Shaped<S extends Shape> = {
  [K in RequiredKeys<S>]: S[K] extends Check<infer T> ? T : never;
} & {
  [K in Exclude<keyof S, RequiredKeys<S>>]?: S[K] extends Optional<infer T> ? T : never;
};

/** A plain object with these keys and no others. */
export function object<S extends Shape>(shape: S): Check<Shaped<S>> {
  return (value, place) => {
    if (typeof value !== "object" || value === null || Array.isArray(value)) return wrong(place, "an object");
    const unknown = Object.keys(value).find((key) => !Object.hasOwn(shape, key));
    if (unknown !== undefined) return wrong(`${place}.${unknown.slice(0, 40)}`, "left out");
    const result: Record<string, unknown> = {};
    for (const [key, check] of Object.entries(shape)) {
      const found = (value as Record<string, unknown>)[key];
      if (typeof check === "function") result[key] = check(found, `${place}.${key}`);
      else if (found !== undefined) result[key] = check.optional(found, `${place}.${key}`);
    }
    return result as Shaped<S>;
  };
}

/** An object told apart by its `kind`. */
export function kinds<T>(choices: Record<string, Check<T>>): Check<T> {
  return (value, place) => {
    const kind: unknown = typeof value === "object" && value !== null ? (value as { kind?: unknown }).kind : undefined;
    const check = typeof kind === "string" && Object.hasOwn(choices, kind) ? choices[kind] : undefined;
    return check ? check(value, place) : wrong(`${place}.kind`, `one of ${Object.keys(choices).join(", ")}`);
  };
}

/** The first check that accepts the value. */
export function either<A, B>(first: Check<A>, second: Check<B>): Check<A | B> {
  return (value, place) => {
    try {
      return first(value, place);
    } catch {
      // What the second says is what the caller is told.
      return second(value, place);
    }
  };
}

export function floats(most: number): Check<Float32Array> {
  return (value, place) => {
    if (!(value instanceof Float32Array)) return wrong(place, "a Float32Array");
    if (value.length > most) return wrong(place, `at most ${most} long`);
    return value;
  };
}

export function integers(most: number): Check<Int32Array> {
  return (value, place) => {
    if (!(value instanceof Int32Array)) return wrong(place, "an Int32Array");
    if (value.length > most) return wrong(place, `at most ${most} long`);
    return value;
  };
}

/** No parameters. */
export const nothing: Check<object> = (value, place) => object({})(value ?? {}, place);
