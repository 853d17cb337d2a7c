import type { ToolSpec } from "../../src/contract/chat";
import type { Json, JsonSchema } from "../../src/contract/json";
import { builtinTools } from "../../src/agent/prompts/builtinTools";
import type { Draw } from "./draw";
import { capital, fill } from "./draw";
import { colors, extensions, fileWords, firstNames, folders, foods, places, things } from "./words";

/** A tool, one way of asking for it, the arguments that follow from the words, and what it may give back. */
export interface Use {
  tool: ToolSpec;
  request: string;
  args: Record<string, Json>;
  /** The tool's answer and what the assistant makes of it. */
  result: string;
  answer: string;
}

const verbs =
  "get, set, find, send, check, make, count, list, open, close, start, stop, book, play, show, delete, create, update, move, rate, sort, print, measure, track, scan, order, cancel, copy, lock, fetch, save, load, mix, paint, plan, test, clean, share, rent, ship".split(
    ", ",
  );
const objects = [
  ...things,
  ...foods.filter((one) => !one.includes(" ")),
  "weather",
  "price",
  "room",
  "flight",
  "song",
  "movie",
  "event",
  "task",
  "email",
  "user",
  "invoice",
  "stock",
  "alarm",
  "timer",
  "note",
  "recipe",
  "seat",
  "ticket",
  "sensor",
  "robot",
  "device",
  "account",
  "meeting",
  "report",
];
const textKeys =
  "city, name, place, title, person, item, color, target, label, topic, owner, user, kind, room, source, id, key, query, word, station, team, product".split(
    ", ",
  );
const numberKeys =
  "count, amount, size, level, days, limit, price, speed, weight, age, minutes, width, volume, page, year, rate, max, min, depth, score".split(
    ", ",
  );
const flagKeys = "fast, loud, hidden, public, urgent, dry_run, silent, exact, cached, strict, recursive, bold".split(
  ", ",
);

type Kind = "text" | "int" | "number" | "flag" | "enum" | "list";

interface Param {
  key: string;
  kind: Kind;
  schema: JsonSchema;
  value: Json;
  /** How the value stands in a request. */
  said: string;
  spoken: string;
}

function textValue(draw: Draw): string {
  const r = draw.next();
  if (r < 0.35) return draw.Nonce();
  if (r < 0.5) return draw.nonce();
  if (r < 0.6) return draw.part([...places, ...firstNames]);
  if (r < 0.7) return `${draw.Nonce()} ${draw.Nonce()}`;
  if (r < 0.78) return path(draw);
  if (r < 0.86) return `${draw.nonce()}-${draw.int(1, 99)}`;
  if (r < 0.93) return draw.part([...things, ...colors, ...foods]);
  return `${draw.nonce()} ${draw.nonce()} ${draw.nonce()}`;
}

export function path(draw: Draw): string {
  const folder = draw.chance(0.5) ? `${draw.word(folders)}/` : "";
  return `${folder}${draw.word(fileWords)}.${draw.pick(extensions)}`;
}

function keyName(draw: Draw, known: readonly string[]): string {
  const base = draw.chance(0.5) ? draw.nonce() : draw.part(known);
  const r = draw.next();
  if (r < 0.12) return `${draw.chance(0.5) ? draw.nonce() : draw.part(textKeys)}_${base}`;
  if (r < 0.18) return `${draw.nonce()}${capital(base)}`;
  return base;
}

/** `max_days` and `maxDays` are said as "max days". */
export function spoken(key: string): string {
  return key
    .replace(/_/g, " ")
    .replace(/([a-z])([A-Z])/g, "$1 $2")
    .toLowerCase();
}

function param(draw: Draw, kind: Kind): Param {
  const key = keyName(draw, kind === "int" || kind === "number" ? numberKeys : kind === "flag" ? flagKeys : textKeys);
  const description = draw.chance(0.35)
    ? { description: draw.chance(0.5) ? `the ${spoken(key)}` : `${draw.nonce()} ${spoken(key)}` }
    : {};
  const make = (schema: JsonSchema, value: Json, said: string): Param => ({
    key,
    kind,
    schema: { ...schema, ...description },
    value,
    said,
    spoken: spoken(key),
  });
  if (kind === "int") {
    const n = draw.chance(0.7) ? draw.int(0, 99) : draw.int(100, 5000);
    return make({ type: "integer" }, n, String(n));
  }
  if (kind === "number") {
    const n = draw.chance(0.5) ? draw.int(1, 500) : draw.int(1, 999) / 10;
    return make({ type: "number" }, n, String(n));
  }
  if (kind === "flag") {
    const on = draw.chance(0.6);
    return make({ type: "boolean" }, on, draw.pick(on ? ["on", "true"] : ["off", "false"]));
  }
  if (kind === "enum") {
    const values = Array.from({ length: draw.int(2, 4) }, () => draw.word(colors));
    const value = draw.pick(values);
    return make({ type: "string", enum: [...new Set(values)] }, value, value);
  }
  if (kind === "list") {
    const values = Array.from({ length: draw.int(2, 3) }, () => draw.word(things));
    return make(
      { type: "array", items: { type: "string" } },
      values,
      `${values.slice(0, -1).join(", ")} and ${values.at(-1)}`,
    );
  }
  const value = textValue(draw);
  return make({ type: "string" }, value, value);
}

function toolName(draw: Draw, verb: string, noun: string): string {
  const r = draw.next();
  if (r < 0.55) return `${verb}_${noun}`;
  if (r < 0.75) return `${verb}${capital(noun)}`;
  if (r < 0.85) return `${noun}_${verb}`;
  if (r < 0.93) return noun;
  return `${draw.nonce()}_${verb}_${noun}`;
}

function parameters(draw: Draw, params: Param[], left: Param[]): JsonSchema {
  const all = draw.chance(0.5) ? [...params, ...left] : draw.shuffle([...params, ...left]);
  const schema: JsonSchema = {
    type: "object",
    properties: Object.fromEntries(all.map((one) => [one.key, one.schema])),
  };
  const required = params.map((one) => one.key);
  // Schemas come with the required ones named, or not at all, and some close the object.
  if (draw.chance(0.8) && (required.length > 0 || draw.chance(0.5))) schema.required = required;
  if (draw.chance(0.1)) schema.additionalProperties = false;
  return schema;
}

const frames = [
  "{x}.",
  "Please {x}.",
  "{x}, please.",
  "Can you {x}?",
  "I want to {x}.",
  "Could you {x} for me?",
  "I need you to {x}.",
  "{x} now.",
  "Now {x}.",
  "I would like to {x}.",
];

/** A tool made up on the spot: verb, thing, names of arguments and values, each invented half of the time. */
export function inventedUse(draw: Draw): Use {
  const verb = draw.chance(0.35) ? draw.nonce() : draw.part(verbs);
  const noun = draw.chance(0.5) ? draw.nonce() : draw.part(objects);
  const kinds = draw.pick<Kind[]>([
    ["text"],
    ["text"],
    ["text"],
    ["text", "int"],
    ["text", "text"],
    ["int"],
    ["text", "enum"],
    ["text", "number"],
    ["text", "flag"],
    ["list"],
    [],
    ["text", "text", "int"],
    ["enum"],
    ["number", "enum"],
  ]);
  const params: Param[] = [];
  for (const kind of kinds) {
    const one = param(draw, kind);
    if (!params.some((other) => other.key === one.key)) params.push(one);
  }
  // One more that may be left out, and is.
  const left = draw.chance(0.15)
    ? [param(draw, draw.pick(["text", "int", "flag"] as const))].filter(
        (one) => !params.some((other) => other.key === one.key),
      )
    : [];
  const first = params[0];
  const of = first && first.kind === "text" && draw.chance(0.8) ? first : undefined;
  const what = `${verb} the ${noun}`;
  const link = draw.pick(["of", "for", "in", "of"]);
  const description = `${capital(what)}${of ? ` ${link} a ${of.spoken}` : ""}${draw.chance(0.15) ? ` by ${draw.nonce()}` : ""}.`;
  const tool: ToolSpec = { name: toolName(draw, verb, noun), description, parameters: parameters(draw, params, left) };
  const rest = params.filter((one) => one !== of);
  const tail = rest
    .map(
      (one, i) =>
        `${i === 0 ? draw.pick([" with", " with", ",", " and"]) : draw.pick([" and", ","])} ${one.spoken} ${one.said}`,
    )
    .join("");
  const asked = `${what}${of ? ` ${link} ${of.said}` : ""}${tail}`;
  const question = of && rest.length === 0 && draw.chance(0.2) ? `What is the ${noun} of ${of.said}?` : undefined;
  const request = question ?? sentence(fill(draw.form(frames), { x: asked }));
  const args = Object.fromEntries(params.map((one) => [one.key, one.value]));
  const subject = of ? `the ${noun} of ${of.said}` : `the ${noun}`;
  return { tool, request, args, ...outcome(draw, noun, subject, `${verb} the ${noun}`) };
}

function sentence(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}

/** What a tool gives back, in the shapes tools have, and the answer that rests on it. */
function outcome(draw: Draw, noun: string, subject: string, done: string): { result: string; answer: string } {
  const value = draw.pick([
    () => String(draw.int(0, 999)),
    () => draw.nonce(),
    () => draw.Nonce(),
    () => `${draw.nonce()} ${draw.nonce()}`,
    () => `${draw.int(1, 99)} ${draw.nonce()}s`,
    () => (draw.int(1, 999) / 10).toFixed(1),
  ])();
  const bare = /^\d+(\.\d)?$/.test(value) ? value : `"${value}"`;
  const says = `${sentence(subject)} is ${value}.`;
  const r = draw.next();
  if (r < 0.28) return { result: `{"${noun}": ${bare}}`, answer: says };
  if (r < 0.4) return { result: `{"result": ${bare}}`, answer: says };
  if (r < 0.5) return { result: value, answer: says };
  if (r < 0.6) return { result: `{"${draw.nonce()}": ${draw.int(1, 99)}, "${noun}": ${bare}}`, answer: says };
  if (r < 0.68)
    return {
      result: draw.pick(['{"ok": true}', "ok", "done", '{"status": "done"}', '{"success": true}']),
      answer: `Done: ${done}.`,
    };
  if (r < 0.8) {
    const why = draw.pick([
      `no such ${noun}`,
      `${draw.nonce()} not found`,
      "not allowed",
      "timeout",
      `the ${draw.nonce()} is missing`,
      `unknown ${draw.nonce()}`,
    ]);
    return { result: draw.pick([`Error: ${why}`, `{"error": "${why}"}`]), answer: `That did not work: ${why}.` };
  }
  const items = Array.from({ length: draw.int(2, 4) }, () => draw.word(things));
  const shown = draw.chance(0.5) ? `[${items.map((one) => `"${one}"`).join(", ")}]` : items.join("\n");
  return { result: shown, answer: `I found ${items.length}: ${items.slice(0, -1).join(", ")} and ${items.at(-1)}.` };
}

/** A tool that people know, with requests that do not repeat its description. Held out as a whole by its name. */
interface Known {
  name: string;
  description: string;
  params: Record<string, JsonSchema>;
  slots: Record<string, (d: Draw) => Json>;
  asks: string[];
}

const S: JsonSchema = { type: "string" };
const N: JsonSchema = { type: "number" };
const I: JsonSchema = { type: "integer" };
const who = (d: Draw) => d.Name(firstNames);
const where = (d: Draw) => d.Name(places);
const what = (d: Draw) => d.word(things);
const few = (d: Draw) => d.int(1, 60);
const money = (d: Draw) => d.int(5, 900);
const coin = (d: Draw) => d.pick(["euro", "dollar", "yen", "pound", "franc", d.nonce()]);

const known: Known[] = [
  {
    name: "get_weather",
    description: "Get the weather of a city.",
    params: { city: S },
    slots: { city: where },
    asks: [
      "What is the weather in {city}?",
      "Is it raining in {city}?",
      "How is the weather in {city}?",
      "Weather for {city}, please.",
      "Will I need an umbrella in {city}?",
    ],
  },
  {
    name: "convert_currency",
    description: "Convert money to another currency.",
    params: { amount: N, from: S, to: S },
    slots: { amount: money, from: coin, to: coin },
    asks: [
      "How much is {amount} {from} in {to}?",
      "Convert {amount} {from} to {to}.",
      "Change {amount} {from} into {to}.",
      "What are {amount} {from} in {to}?",
      "Give me {amount} {from} in {to}.",
    ],
  },
  {
    name: "send_email",
    description: "Send an email.",
    params: { to: S, subject: S },
    slots: { to: who, subject: what },
    asks: [
      "Write an email to {to} about {subject}.",
      "Send {to} an email with the subject {subject}.",
      "Mail {to} about {subject}.",
      "Email {to}, subject {subject}.",
      "Please mail {to} on the subject {subject}.",
    ],
  },
  {
    name: "set_alarm",
    description: "Set an alarm.",
    params: { time: S },
    slots: { time: (d) => `${d.int(1, 23)}:${d.int(10, 59)}` },
    asks: [
      "Wake me at {time}.",
      "Set an alarm for {time}.",
      "I must get up at {time}.",
      "Alarm at {time}, please.",
      "Ring me at {time}.",
    ],
  },
  {
    name: "set_timer",
    description: "Start a timer.",
    params: { minutes: I },
    slots: { minutes: few },
    asks: [
      "Tell me when {minutes} minutes are over.",
      "Timer for {minutes} minutes.",
      "Count down {minutes} minutes.",
      "Start a timer of {minutes} minutes.",
      "Set a timer to {minutes} minutes.",
    ],
  },
  {
    name: "translate",
    description: "Translate a text.",
    params: { text: S, language: S },
    slots: {
      text: (d) => d.nonce(),
      language: (d) => d.pick(["French", "German", "Spanish", "Greek", "Latin", d.Nonce()]),
    },
    asks: [
      "What is {text} in {language}?",
      "Translate {text} to {language}.",
      "How do you say {text} in {language}?",
      "Say {text} in {language}.",
      "Put {text} into {language}.",
    ],
  },
  {
    name: "play_music",
    description: "Play a song.",
    params: { song: S },
    slots: { song: (d) => `${d.Nonce()} ${d.Nonce()}` },
    asks: [
      "Play {song}.",
      "I want to hear {song}.",
      "Put on {song}.",
      "Let me hear the song {song}.",
      "Start the song {song}.",
    ],
  },
  {
    name: "book_flight",
    description: "Book a flight.",
    params: { from: S, to: S },
    slots: { from: where, to: where },
    asks: [
      "I want to fly from {from} to {to}.",
      "Book a flight from {from} to {to}.",
      "Get me a plane from {from} to {to}.",
      "Fly me from {from} to {to}.",
      "A flight from {from} to {to}, please.",
    ],
  },
  {
    name: "book_table",
    description: "Book a table in a restaurant.",
    params: { restaurant: S, people: I },
    slots: { restaurant: (d) => d.Nonce(), people: (d) => d.int(2, 9) },
    asks: [
      "Book a table at {restaurant} for {people}.",
      "We want to eat at {restaurant}, we are {people}.",
      "Table for {people} at {restaurant}.",
      "Reserve at {restaurant} for {people} people.",
      "Get us a table at {restaurant} for {people}.",
    ],
  },
  {
    name: "get_time",
    description: "Get the time in a city.",
    params: { city: S },
    slots: { city: where },
    asks: [
      "What time is it in {city}?",
      "How late is it in {city}?",
      "Tell me the time in {city}.",
      "Time in {city}?",
      "What is the local time in {city}?",
    ],
  },
  {
    name: "stock_price",
    description: "Get the price of a stock.",
    params: { symbol: S },
    slots: { symbol: (d) => d.nonce().toUpperCase().slice(0, 4) },
    asks: [
      "What does {symbol} cost?",
      "Price of {symbol}?",
      "How is the stock {symbol} doing?",
      "What is the share price of {symbol}?",
      "Quote {symbol} for me.",
    ],
  },
  {
    name: "create_event",
    description: "Create an event in the calendar.",
    params: { title: S, day: S },
    slots: { title: what, day: (d) => d.pick(["Monday", "Tuesday", "Friday", "Sunday"]) },
    asks: [
      "Put {title} in my calendar on {day}.",
      "Add the event {title} on {day}.",
      "Note {title} for {day} in the calendar.",
      "Plan {title} on {day}.",
      "Schedule {title} for {day}.",
    ],
  },
  {
    name: "calculate",
    description: "Work out an expression.",
    params: { expression: S },
    slots: { expression: (d) => `${d.int(2, 99)} * ${d.int(2, 99)}` },
    asks: [
      "What is {expression}?",
      "Work out {expression}.",
      "Calculate {expression}.",
      "Compute {expression}.",
      "How much is {expression}?",
    ],
  },
  {
    name: "define_word",
    description: "Look up a word.",
    params: { word: S },
    slots: { word: (d) => d.nonce() },
    asks: [
      "What does {word} mean?",
      "Define {word}.",
      "Meaning of {word}?",
      "Explain the word {word}.",
      "Look up {word}.",
    ],
  },
  {
    name: "turn_on_light",
    description: "Turn on the light in a room.",
    params: { room: S },
    slots: { room: (d) => d.word(["kitchen", "hall", "attic", "garage", "office", "cellar"]) },
    asks: [
      "It is dark in the {room}.",
      "Light in the {room}, please.",
      "Turn on the light in the {room}.",
      "Switch on the {room} light.",
      "Make it bright in the {room}.",
    ],
  },
  {
    name: "order_food",
    description: "Order food.",
    params: { dish: S, count: I },
    slots: { dish: (d) => d.word(foods), count: (d) => d.int(1, 9) },
    asks: [
      "I want {count} {dish}.",
      "Order {count} {dish}.",
      "Get us {count} {dish}.",
      "Bring {count} {dish}.",
      "{count} {dish}, please.",
    ],
  },
  {
    name: "find_route",
    description: "Find the way between two places.",
    params: { start: S, end: S },
    slots: { start: where, end: where },
    asks: [
      "How do I get from {start} to {end}?",
      "Way from {start} to {end}?",
      "Show me the road from {start} to {end}.",
      "Route from {start} to {end}.",
      "Directions from {start} to {end}.",
    ],
  },
  {
    name: "call_person",
    description: "Call a person.",
    params: { name: S },
    slots: { name: who },
    asks: [
      "Call {name}.",
      "I want to speak to {name}.",
      "Ring {name} up.",
      "Phone {name}.",
      "Get {name} on the phone.",
    ],
  },
  {
    name: "send_message",
    description: "Send a message to a person.",
    params: { to: S, text: S },
    slots: { to: who, text: (d) => `${d.nonce()} ${d.nonce()}` },
    asks: [
      "Tell {to}: {text}.",
      "Message {to}: {text}.",
      "Write to {to}: {text}.",
      "Send {to} the message: {text}.",
      "Text {to}: {text}.",
    ],
  },
  {
    name: "git_commit",
    description: "Commit the changes.",
    params: { message: S },
    slots: { message: (d) => `${d.nonce()} ${d.nonce()}` },
    asks: [
      "Commit this as {message}.",
      "Make a commit: {message}.",
      "Commit with the message {message}.",
      "Save the changes to git as {message}.",
      "git commit, {message}.",
    ],
  },
  {
    name: "resize_image",
    description: "Change the size of an image.",
    params: { file: S, width: I },
    slots: { file: (d) => `${d.nonce()}.png`, width: (d) => d.int(20, 900) },
    asks: [
      "Make {file} {width} wide.",
      "Resize {file} to {width}.",
      "Scale {file} to a width of {width}.",
      "{file} should be {width} pixels wide.",
      "Change {file} to width {width}.",
    ],
  },
  {
    name: "delete_file",
    description: "Delete a file.",
    params: { path: S },
    slots: { path },
    asks: [
      "Delete {path}.",
      "Remove the file {path}.",
      "Get rid of {path}.",
      "Throw away {path}.",
      "I do not need {path} any more, delete it.",
    ],
  },
  {
    name: "rename_file",
    description: "Rename a file.",
    params: { path: S, to: S },
    slots: { path, to: path },
    asks: [
      "Rename {path} to {to}.",
      "Call {path} {to} from now on.",
      "Change the name of {path} to {to}.",
      "{path} should be called {to}.",
      "Give {path} the name {to}.",
    ],
  },
  {
    name: "count_words",
    description: "Count the words of a file.",
    params: { path: S },
    slots: { path },
    asks: [
      "How many words are in {path}?",
      "Count the words of {path}.",
      "How long is {path} in words?",
      "Number of words in {path}?",
      "Give me the word count of {path}.",
    ],
  },
];

function knownUse(draw: Draw): Use {
  const one = draw.part(known, (k) => k.name);
  const args = Object.fromEntries(Object.entries(one.slots).map(([key, make]) => [key, make(draw)]));
  const request = fill(draw.form(one.asks), args as Record<string, string>);
  const noun = one.name.split("_").at(-1) ?? one.name;
  const properties = Object.fromEntries(
    Object.entries(one.params).map(([key, schema]) => [
      key,
      draw.chance(0.2) ? { ...schema, description: `the ${key}` } : schema,
    ]),
  );
  const tool: ToolSpec = {
    name: one.name,
    description: one.description,
    parameters: { type: "object", properties, ...(draw.chance(0.8) ? { required: Object.keys(properties) } : {}) },
  };
  return {
    tool,
    request: sentence(request),
    args,
    ...outcome(draw, noun, `the ${noun}`, one.description.slice(0, 1).toLowerCase() + one.description.slice(1, -1)),
  };
}

interface BuiltinAsk {
  tool: string;
  asks: string[];
  slots: (d: Draw) => Record<string, string>;
  /** Slots that are arguments; the others only shape request, result and answer. */
  args: string[];
  outcomes: [string, string][];
}

const pair = (d: Draw) => ({
  k: d.word(things),
  v: d.chance(0.5) ? d.nonce() : String(d.int(2, 999)),
  k2: d.nonce(),
  v2: d.nonce(),
});
const filesOf = (d: Draw) => ({
  f1: path(d).split("/").at(-1) ?? "",
  f2: path(d).split("/").at(-1) ?? "",
  f3: path(d).split("/").at(-1) ?? "",
});

const builtinAsks: BuiltinAsk[] = [
  {
    tool: "list_files",
    args: ["path"],
    slots: (d) => ({ path: d.word(folders), ...filesOf(d) }),
    asks: [
      "Which files are in {path}?",
      "List the files in {path}.",
      "Show me the folder {path}.",
      "What is in the folder {path}?",
      "What files does {path} have?",
      "List {path}.",
    ],
    outcomes: [
      ["{f1}\n{f2}", "There are 2 files: {f1} and {f2}."],
      ["{f1}\n{f2}\n{f3}", "There are 3 files: {f1}, {f2} and {f3}."],
      ["{f1}", "There is 1 file: {f1}."],
    ],
  },
  {
    tool: "read_file",
    args: ["path"],
    slots: (d) => ({ path: path(d), ...pair(d) }),
    asks: [
      "Read {path} and tell me the {k}.",
      "What is the {k} in {path}?",
      "Look into {path}: what is the {k}?",
      "Which {k} does {path} have?",
      "Open {path} and tell me the {k}.",
      "Tell me the {k} in {path}.",
    ],
    outcomes: [
      ["{k}: {v}\n{k2}: {v2}", "The {k} is {v}."],
      ["{k2}: {v2}\n{k}: {v}", "The {k} is {v}."],
      ["{k}: {v}", "The {k} is {v}."],
      ["{k} = {v}\n{k2} = {v2}", "The {k} is {v}."],
      ["Error: there is no file {path}.", "That did not work: there is no file {path}."],
    ],
  },
  {
    tool: "read_file",
    args: ["path"],
    slots: (d) => ({ path: path(d), t: `${d.nonce()} ${d.nonce()} ${d.nonce()}` }),
    asks: [
      "Read {path}.",
      "Show me {path}.",
      "What does {path} say?",
      "What is in {path}?",
      "Open {path}.",
      "Read the file {path}.",
    ],
    outcomes: [
      ["{t}", "{path} says: {t}"],
      ["Error: there is no file {path}.", "That did not work: there is no file {path}."],
    ],
  },
  {
    tool: "search_files",
    args: ["query"],
    slots: (d) => ({
      query: d.chance(0.7) ? d.nonce() : `${d.nonce()} ${d.nonce()}`,
      path: path(d),
      n: String(d.int(1, 90)),
    }),
    asks: [
      "Where is {query} used?",
      "Search the files for {query}.",
      "Find {query} in the files.",
      "Which file mentions {query}?",
      "In which file is {query}?",
      "Look for {query} in the project.",
    ],
    outcomes: [
      ["{path}:{n}: {query}", "{query} is in {path}, line {n}."],
      ["No matches.", "I did not find {query}."],
    ],
  },
  {
    tool: "write_file",
    args: ["path", "content"],
    slots: (d) => ({ path: path(d), content: d.chance(0.5) ? d.nonce() : `${d.nonce()} ${d.nonce()}` }),
    asks: [
      "Write {content} to {path}.",
      "Make a file {path} with the text {content}.",
      "Put {content} into {path}.",
      "Save {content} in {path}.",
      "Create {path} with {content} in it.",
      "Create the file {path} with the content {content}.",
    ],
    outcomes: [
      ["Wrote {path}.", "I wrote {path}."],
      ["Error: not allowed.", "That did not work: not allowed."],
    ],
  },
  {
    tool: "patch_file",
    args: ["path", "old", "new"],
    slots: (d) => ({ path: path(d), old: d.nonce(), new: d.nonce() }),
    asks: [
      "Replace {old} with {new} in {path}.",
      "Change {old} to {new} in {path}.",
      "In {path}, replace {old} with {new}.",
      "Put {new} for {old} in {path}.",
      "In {path} change {old} to {new}.",
      "In {path}, put {new} in place of {old}.",
    ],
    outcomes: [
      ["Patched {path}.", "I changed {path}."],
      ["Error: the text is not in {path}.", "That did not work: the text is not in {path}."],
    ],
  },
  {
    tool: "run_command",
    args: ["command"],
    slots: (d) => ({
      command: d
        .pick([
          "npm test",
          "npm run build",
          "git status",
          "ls",
          "make",
          "python {x}.py",
          "node {x}.js",
          "npm run {x}",
          "cargo test",
          "git log",
          "{x} --help",
          "{x} {y}",
        ])
        .replace("{x}", d.nonce())
        .replace("{y}", d.nonce()),
      o: `${d.int(1, 60)} ${d.pick(["tests passed", "tests failed", "errors", "files changed", d.nonce()])}`,
    }),
    asks: [
      "Run {command}.",
      "Run {command} in the terminal.",
      "Execute {command}.",
      "Please run {command}.",
      "Start {command} in the terminal.",
      "Run the command {command}.",
    ],
    outcomes: [
      ["{o}", "The command says: {o}."],
      ["exit 1\n{o}", "The command failed: {o}."],
    ],
  },
  {
    tool: "fetch_url",
    args: ["url"],
    slots: (d) => ({
      url: `https://${d.nonce()}.${d.pick(["com", "org", "net", "dev"])}${d.chance(0.4) ? `/${d.nonce()}` : ""}`,
      t: `${d.Nonce()} ${d.nonce()} ${d.nonce()}.`,
    }),
    asks: [
      "What does {url} say?",
      "Fetch {url}.",
      "Open the page {url}.",
      "Read {url}.",
      "Get the page {url}.",
      "Show me the web page {url}.",
    ],
    outcomes: [
      ["{t}", "The page says: {t}"],
      ["Error: 404", "That did not work: 404."],
    ],
  },
  {
    tool: "ask_model",
    args: ["question"],
    slots: (d) => ({ question: `what is ${d.nonce()}`, t: `${d.nonce()} ${d.nonce()}` }),
    asks: [
      "Ask another model {question}.",
      "Let another model say {question}.",
      "Ask the other model {question}.",
      "Have another model answer: {question}.",
      "Ask a bigger model {question}.",
    ],
    outcomes: [["{t}", "The other model says: {t}"]],
  },
  {
    tool: "diagnostics",
    args: ["path"],
    slots: (d) => ({ path: path(d), n: String(d.int(1, 90)), t: `${d.nonce()} is not defined` }),
    asks: [
      "Are there problems in {path}?",
      "Which errors does {path} have?",
      "Check {path} for problems.",
      "What is wrong in {path}?",
      "Show the problems of {path}.",
      "Does {path} have errors?",
    ],
    outcomes: [
      ["line {n}: {t}", "There is 1 problem in line {n}: {t}."],
      ["No problems.", "There are no problems in {path}."],
    ],
  },
  {
    tool: "symbols",
    args: ["query"],
    slots: (d) => ({
      query: d.chance(0.5) ? d.nonce() : `${d.nonce()}${d.Nonce()}`,
      path: path(d),
      n: String(d.int(1, 90)),
    }),
    asks: [
      "Where is the function {query}?",
      "Find the class {query}.",
      "Where is {query} defined?",
      "Go to the function {query}.",
      "In which file is the function {query}?",
    ],
    outcomes: [
      ["{path}:{n}", "{query} is in {path}, line {n}."],
      ["No symbols.", "I did not find {query}."],
    ],
  },
  {
    tool: "recall",
    args: ["query"],
    slots: (d) => ({ query: d.word(things), t: `The ${d.nonce()} is ${d.nonce()}.` }),
    asks: [
      "What do you remember of the {query}?",
      "Search your memory for {query}.",
      "Do you remember anything about {query}?",
      "Recall what I said about {query}.",
      "What did we say about {query}?",
    ],
    outcomes: [
      ["{t}", "I remember: {t}"],
      ["Nothing.", "I do not remember anything about {query}."],
    ],
  },
  {
    tool: "remember",
    args: ["text"],
    slots: (d) => ({
      text: d.pick([
        `the ${d.word(things)} is ${d.nonce()}`,
        `${d.Name(firstNames)} likes ${d.word(foods)}`,
        `we use ${d.nonce()}`,
        `my ${d.word(things)} is in ${d.Name(places)}`,
      ]),
    }),
    asks: [
      "Remember that {text}.",
      "Keep in mind that {text}.",
      "Note that {text}.",
      "Please remember: {text}.",
      "Do not forget that {text}.",
    ],
    outcomes: [["Kept.", "I will remember that."]],
  },
  {
    tool: "find_tools",
    args: ["query"],
    slots: (d) => ({ query: `${d.part(verbs)} ${d.word(objects)}`, t: d.nonce() }),
    asks: [
      "Is there a tool to {query}?",
      "Find a tool that can {query}.",
      "Which tool can {query}?",
      "Look for a tool to {query}.",
      "Do you have a tool to {query}?",
    ],
    outcomes: [
      ["{t}", "There is a tool for it: {t}."],
      ["No tools.", "I found no tool for it."],
    ],
  },
  {
    tool: "make_tool",
    args: ["request"],
    slots: (d) => ({
      request: `${d.pick(["reverse", "count", "sort", "join", "double", "clean", "split", "repeat"])} the ${d.word(["words", "numbers", "text", "lines", "names"])}`,
    }),
    asks: [
      "Make a tool that can {request}.",
      "Make a tool to {request}.",
      "Write a tool that can {request}.",
      "I need a new tool to {request}.",
      "Create a tool to {request}.",
      "Build a tool that can {request}.",
    ],
    outcomes: [
      ["Made it.", "The new tool is ready."],
      ["Waiting for approval.", "The new tool waits for your approval."],
    ],
  },
];

export function builtinUse(draw: Draw): Use {
  const one = draw.pick(builtinAsks);
  const tool = builtinTools.find((each) => each.name === one.tool);
  if (!tool) throw new Error(`no built-in tool ${one.tool}`);
  const slots = one.slots(draw);
  const [result, answer] = draw.pick(one.outcomes);
  const args = Object.fromEntries(one.args.map((key) => [key, slots[key] ?? ""]));
  return {
    tool,
    request: sentence(fill(draw.form(one.asks), slots)),
    args,
    result: fill(result, slots),
    answer: fill(answer, slots),
  };
}

export function anyUse(draw: Draw): Use {
  const r = draw.next();
  return r < 0.5 ? inventedUse(draw) : r < 0.68 ? knownUse(draw) : builtinUse(draw);
}

export { knownUse };
