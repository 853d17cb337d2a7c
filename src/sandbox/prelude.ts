/**
 * Runs in a fresh world before the code does. It takes the pristine JSON functions aside, makes `console` and the host's
 * functions that were handed in, and fixes clock and chance where a run must be repeatable. Everything it needs from
 * outside is three functions, which it hides again: `__log(text)`, `__host(name, argumentsJson)` -> promise of JSON, and
 * nothing else exists.
 */
export const prelude = `
(() => {
  "use strict";
  const { parse, stringify } = JSON;
  const { isFinite, isInteger } = Number;
  const log = globalThis.__log, host = globalThis.__host, names = parse(globalThis.__names), fixed = globalThis.__fixed;
  delete globalThis.__log; delete globalThis.__host; delete globalThis.__names; delete globalThis.__fixed;
  const show = (value) => {
    if (typeof value === "string") return value;
    try { return stringify(value) ?? String(value); } catch { return String(value); }
  };
  const write = (...values) => { log(values.map(show).join(" ")); };
  globalThis.console = { log: write, info: write, warn: write, error: write, debug: write };
  const functions = { __proto__: null };
  for (const name of names) {
    const path = name.split(".");
    let place = functions;
    for (const part of path.slice(0, -1)) place = place[part] ??= { __proto__: null };
    place[path.at(-1)] = async (...args) => {
      const answer = await host(name, stringify(args.map((arg) => arg ?? null)));
      return parse(answer);
    };
  }
  const plain = function (key, value) {
    if (typeof value === "number" && !isFinite(value)) throw new TypeError("The result holds a number that is not finite" + (key ? " at " + key : ""));
    if (value === undefined || typeof value === "function" || typeof value === "symbol" || typeof value === "bigint") {
      throw new TypeError("The result is not JSON: it holds " + (value === undefined ? "undefined" : "a " + typeof value) + (key ? " at " + key : ""));
    }
    return value;
  };
  if (fixed) {
    let state = 1;
    Math.random = () => { state = (state * 48271) % 2147483647; return state / 2147483647; };
    const Real = Date, start = 1735689600000;
    let ticks = 0;
    const now = () => start + ticks++;
    globalThis.Date = class Date extends Real { constructor(...args) { super(...(args.length === 0 ? [now()] : args)); } static now() { return now(); } };
  }
  return {
    toJson: (value) => stringify(value, plain),
    call: (entry, json) => entry(parse(json), functions),
    describe: (exports) => {
      const out = { values: {}, functions: [] };
      for (const name of Object.keys(exports)) {
        if (typeof exports[name] === "function") out.functions.push(name);
        else out.values[name] = exports[name];
      }
      return stringify(out, plain);
    },
  };
})()
`;
