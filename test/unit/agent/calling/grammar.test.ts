import { describe, expect, it } from "vitest";
import type { ToolSpec } from "../../../../src/contract/chat";
import type { Json, JsonSchema } from "../../../../src/contract/json";
import { replyGrammar } from "../../../../src/agent/tools/calling/callGrammar";
import { callForms, formOfTemplate } from "../../../../src/agent/tools/calling/forms";
import { argumentSchema, normaliseSchema, schemaLimits } from "../../../../src/agent/tools/calling/normalise";
import { integerRange, numberRange } from "../../../../src/agent/tools/calling/numberRange";
import { parseCalls } from "../../../../src/agent/tools/calling/parseCalls";
import { grammarOf } from "../../../../src/agent/tools/calling/schemaGrammar";
import { faults } from "../../../../src/agent/tools/calling/validate";
import { builtinTools } from "../../../../src/agent/prompts/builtinTools";
import { toolCallText } from "../../../../src/agent/prompts/tools";
import { spacedJson } from "../../../../src/agent/prompts/spacedJson";
import { accepts, parseGbnf, randomText, seeded } from "./gbnf";

const schemas: Record<string, JsonSchema> = {
  empty: {},
  flat: {
    type: "object",
    properties: { city: { type: "string" }, days: { type: "integer", minimum: 1, maximum: 14 } },
    required: ["city"],
  },
  optional: { type: "object", properties: { a: { type: "boolean" }, b: { type: "null" }, c: { type: "number" } } },
  nested: {
    type: "object",
    properties: {
      at: { type: "object", properties: { x: { type: "number", minimum: -1.5, maximum: 2.25 } }, required: ["x"] },
      tags: { type: "array", items: { enum: ["a", 'b "q"'] }, minItems: 1, maxItems: 3 },
    },
    required: ["at", "tags"],
  },
  choice: {
    anyOf: [
      { type: "string", maxLength: 5, minLength: 2 },
      { type: "integer", minimum: -20, maximum: -3 },
      { const: null },
    ],
  },
  oneOf: {
    oneOf: [
      { properties: { kind: { const: "file" }, path: { type: "string" } }, required: ["kind", "path"] },
      { properties: { kind: { const: "url" } }, required: ["kind"] },
    ],
  },
  types: { type: ["string", "null", "integer"] },
  map: { type: "object", additionalProperties: { type: "integer" } },
  allOf: {
    allOf: [
      { type: "object", properties: { a: { type: "integer" } } },
      { properties: { b: { type: "string" } }, required: ["b"] },
    ],
  },
  refs: {
    type: "object",
    properties: { p: { $ref: "#/$defs/point" }, q: { $ref: "#/$defs/point" } },
    required: ["p", "q"],
    $defs: { point: { type: "array", items: { type: "number" }, minItems: 2, maxItems: 2 } },
  },
  mixedEnum: { enum: [1, "one", null, true, [1, 2], { a: 1 }] },
  enumOfType: { type: "string", enum: ["a", 5, "b"] as Json[] },
  undescribed: { type: "object", required: ["x"] },
  chinese: { type: "object", properties: { 城市: { type: "string" } }, required: ["城市"] },
};

describe("a schema's grammar", () => {
  for (const [name, raw] of Object.entries(schemas)) {
    it(`lets through only texts that fit the schema: ${name}`, () => {
      const schema = normaliseSchema(raw);
      const rules = parseGbnf(grammarOf(schema));
      const random = seeded(7);
      for (let i = 0; i < 300; i++) {
        const text = randomText(rules, random);
        const value = JSON.parse(text) as Json;
        expect(faults(value, schema), text).toEqual([]);
      }
    });
  }

  it("takes the values a caller would write", () => {
    const schema = normaliseSchema(schemas["nested"]);
    const rules = parseGbnf(grammarOf(schema));
    expect(accepts(rules, spacedJson({ at: { x: -1.5 }, tags: ['b "q"', "a"] }))).toBe(true);
    expect(accepts(rules, spacedJson({ at: { x: 2.26 }, tags: ["a"] }))).toBe(false);
    expect(accepts(rules, spacedJson({ at: { x: 1 }, tags: [] }))).toBe(false);
    expect(accepts(rules, spacedJson({ tags: ["a"], at: { x: 1 } }))).toBe(false);
  });

  it("stays linear in the number of optional properties", () => {
    const many = (n: number): JsonSchema => ({
      type: "object",
      properties: Object.fromEntries(Array.from({ length: n }, (_, i) => [`p${i}`, { type: "integer" }])),
    });
    const [few, more] = [grammarOf(normaliseSchema(many(20))).length, grammarOf(normaliseSchema(many(200))).length];
    expect(more / few).toBeLessThan(13);
  });

  it("is bounded for a wild model when asked", () => {
    const grammar = grammarOf(normaliseSchema({ type: "object", properties: { s: { type: "string" } } }), {
      maxString: 10,
    });
    expect(grammar).not.toContain("char*");
    expect(accepts(parseGbnf(grammar), '{"s": "0123456789"}')).toBe(true);
    expect(accepts(parseGbnf(grammar), '{"s": "0123456789x"}')).toBe(false);
  });
});

describe("number ranges", () => {
  const cases: [number | undefined, number | undefined][] = [
    [0, 0],
    [1, 9],
    [7, 123],
    [99, 1001],
    [-5, 5],
    [-1200, -37],
    [3, undefined],
    [undefined, 42],
    [undefined, -3],
    [-7, undefined],
    [1_000_000, 1_000_001],
  ];
  for (const [low, high] of cases) {
    it(`holds exactly the integers ${low ?? "-∞"}..${high ?? "∞"}`, () => {
      const rules = parseGbnf(`root ::= ${integerRange(low, high)}\n`);
      const near = [low, high]
        .filter((n) => n !== undefined)
        .flatMap((n) => Array.from({ length: 41 }, (_, i) => n - 20 + i));
      for (const n of [...near, 0, 5, -1, 10, 100, 12345]) {
        const inside = n >= (low ?? -Infinity) && n <= (high ?? Infinity);
        expect(accepts(rules, String(n)), String(n)).toBe(inside);
      }
    });
  }
  it.each([
    [0.1, 0.9],
    [0, undefined],
    [1e-9, undefined],
    [-0.5, 0.5],
    [0.25, 0.26],
    [-3.75, -1.2],
    [undefined, -0.5],
    [2.5, 2.5],
  ] as [number | undefined, number | undefined][])("never leaves %s..%s with decimals", (low, high) => {
    const body = numberRange(low, high);
    const rules = parseGbnf(`root ::= ${body}\n`);
    const random = seeded(3);
    for (let i = 0; i < 500; i++) {
      const value = Number(randomText(rules, random));
      expect(value).toBeGreaterThanOrEqual(low ?? -Infinity);
      expect(value).toBeLessThanOrEqual(high ?? Infinity);
    }
  });
  it("refuses an empty range", () => {
    expect(() => grammarOf({ type: "integer", minimum: 5, maximum: 4 })).toThrow(/no integer/);
  });
});

describe("hostile schemas", () => {
  it.each([
    ["a remote reference", { $ref: "https://evil.example/schema.json" }, /outside/],
    ["a file reference", { properties: { a: { $ref: "file:///etc/passwd" } } }, /outside/],
    [
      "a cycle",
      { $defs: { n: { type: "object", properties: { next: { $ref: "#/$defs/n" } } } }, $ref: "#/$defs/n" },
      /itself/,
    ],
    ["a cycle through the root", { type: "object", properties: { self: { $ref: "#" } } }, /itself/],
    ["a reference to nothing", { $ref: "#/$defs/none" }, /nothing/],
    ["a reference into a prototype", { $ref: "#/constructor" }, /nothing/],
    [
      "an argument called __proto__",
      JSON.parse('{"properties": {"__proto__": {"type": "string"}}}') as unknown,
      /__proto__/,
    ],
    ["an endless enum", { enum: Array.from({ length: schemaLimits.choices + 1 }, (_, i) => i) }, /enum/],
    ["no schema at all", false, /no schema/],
    ["contradiction", { allOf: [{ type: "string" }, { type: "integer" }] }, /exclude/],
  ])("refuses %s", (_, schema, why) => {
    expect(() => normaliseSchema(schema)).toThrow(why);
  });

  it("refuses depth, width and a reference bomb before they cost anything", () => {
    let deep: unknown = { type: "string" };
    for (let i = 0; i < 100; i++) deep = { type: "object", properties: { a: deep } };
    expect(() => normaliseSchema(deep)).toThrow(/nested/);
    expect(() => normaliseSchema({ description: "x".repeat(schemaLimits.bytes) })).toThrow(/bytes/);
    // Each level names the one below ten times: 10^12 parts if it were written out.
    const defs: Record<string, unknown> = { l0: { type: "string" } };
    for (let i = 1; i <= 12; i++) {
      defs[`l${i}`] = {
        type: "object",
        properties: Object.fromEntries(Array.from({ length: 10 }, (_, k) => [`p${k}`, { $ref: `#/$defs/l${i - 1}` }])),
      };
    }
    expect(() => normaliseSchema({ $defs: defs, $ref: "#/$defs/l12" })).toThrow(/parts|nested/);
  });

  it("never runs a pattern", () => {
    const schema = normaliseSchema({ type: "string", pattern: "^(a+)+$" });
    expect(faults(`${"a".repeat(40)}!`, schema)).toEqual([]);
    expect(JSON.stringify(schema)).not.toContain("pattern");
  });
});

const tools: ToolSpec[] = [
  { name: "weather", description: "", parameters: schemas["flat"] ?? {} },
  {
    name: "add",
    description: "",
    parameters: { type: "object", properties: { a: { type: "number" }, b: { type: "number" } }, required: ["a", "b"] },
  },
];

describe("a reply's grammar", () => {
  it.each(Object.values(callForms))("makes every call of a wild model valid: $id", (form) => {
    const rules = parseGbnf(replyGrammar(form, tools, true));
    const random = seeded(11);
    for (let i = 0; i < 200; i++) {
      const text = randomText(rules, random);
      const { calls, problem } = parseCalls(form, text);
      expect(problem, text).toBeUndefined();
      expect(calls).toHaveLength(1);
      const tool = tools.find(({ name }) => name === calls[0]?.name);
      expect(tool).toBeDefined();
      expect(faults(calls[0]?.arguments, argumentSchema(tool?.parameters))).toEqual([]);
    }
  });

  it("lets words through, `<` included, but no call outside its schema", () => {
    const rules = parseGbnf(replyGrammar(callForms.hermes, tools, false));
    const call = '<tool_call>\n{"name": "add", "arguments": {"a": 1, "b": 2}}\n</tool_call>';
    expect(accepts(rules, "Use Array<number> if a < b, <tool, or <<tool_cal.")).toBe(true);
    expect(accepts(rules, "")).toBe(true);
    expect(accepts(rules, call)).toBe(true);
    expect(accepts(rules, `I will add them.\n${call}`)).toBe(true);
    expect(accepts(rules, `<<tool_call${call}`)).toBe(true);
    expect(accepts(rules, "<tool_call>rm -rf</tool_call>")).toBe(false);
    expect(accepts(rules, call.replace("add", "sub"))).toBe(false);
    expect(accepts(rules, `${call} more`)).toBe(false);
    expect(accepts(rules, call.replace("2", '"2"'))).toBe(false);
  });

  it("has words alone without tools that could be called by mistake", () => {
    const rules = parseGbnf(replyGrammar(callForms.llama, tools, false));
    expect(accepts(rules, "Hello {there}")).toBe(true);
    expect(accepts(rules, '{"name": "rm", "parameters": {}}')).toBe(false);
    expect(accepts(rules, '{"name": "add", "parameters": {"a": 1, "b": 2}}')).toBe(true);
  });

  it("takes a call exactly as the prompts write it", () => {
    const rules = parseGbnf(replyGrammar(callForms.general, builtinTools, false));
    for (const { name, parameters } of builtinTools) {
      const given = Object.fromEntries(Object.keys(parameters.properties ?? {}).map((each) => [each, 'a "b"\n漢']));
      expect(accepts(rules, toolCallText({ name, arguments: given })), name).toBe(true);
    }
  });

  it("knows the form of a template", () => {
    expect(formOfTemplate("{% if tools %}<tools></tools><tool_call>{% endif %}").id).toBe("hermes");
    expect(formOfTemplate("{% if tools %}[AVAILABLE_TOOLS]{% endif %}[TOOL_CALLS]").id).toBe("mistral");
    expect(formOfTemplate('{% if tools %} "parameters": {% endif %} ipython').id).toBe("llama");
    expect(formOfTemplate("{{ messages }} <tool_call>").id).toBe("general");
    expect(formOfTemplate("").id).toBe("general");
  });
});

describe("reading calls", () => {
  const { hermes, llama, mistral } = callForms;
  it("reads several, with words between", () => {
    const text = 'A <tool_call>{"name":"x","arguments":{"n":1}}</tool_call> B <tool_call>{"name":"y"}</tool_call>';
    expect(parseCalls(hermes, text)).toEqual({
      text: "A  B",
      calls: [
        { name: "x", arguments: { n: 1 } },
        { name: "y", arguments: {} },
      ],
    });
  });
  it.each([
    ["no JSON", "<tool_call>{name: x}</tool_call>", /not valid JSON/],
    ["no name", '<tool_call>{"arguments": {}}</tool_call>', /must look like/],
    ["arguments that are a list", '<tool_call>{"name": "x", "arguments": [1]}</tool_call>', /must look like/],
    ["a cut", 'Well <tool_call>\n{"name": "write_file", "arguments": {"content": "aaa', /cut off/],
  ])("says what is wrong: %s", (_, text, why) => {
    expect(parseCalls(hermes, text).problem).toMatch(why);
    expect(parseCalls(hermes, text).calls).toEqual([]);
  });
  it("takes arguments written as a text of JSON, and a call whose end is missing but whole", () => {
    expect(parseCalls(hermes, '<tool_call>{"name": "x", "arguments": "{\\"a\\": 1}"}').calls).toEqual([
      { name: "x", arguments: { a: 1 } },
    ]);
  });
  it("lets a text hold the closing mark, and takes broken bytes as one character", () => {
    const text =
      '<tool_call>{"name": "x", "arguments": {"a": "</tool_call> \\" }", "b": "\ufffd\ufffd\ufffd"}}</tool_call> end';
    expect(parseCalls(hermes, text)).toEqual({
      text: "end",
      calls: [{ name: "x", arguments: { a: '</tool_call> " }', b: "\ufffd" } }],
    });
  });
  it("leaves a JSON answer an answer where calls have no mark", () => {
    expect(parseCalls(llama, '{"result": 5}')).toEqual({ text: '{"result": 5}', calls: [] });
    expect(parseCalls(mistral, 'ok [TOOL_CALLS][{"name": "x", "arguments": {}}]').calls).toHaveLength(1);
  });
  it("bounds the calls of one reply and reads megabytes of marks in no time", () => {
    const flood = '<tool_call>{"name": "x"}</tool_call>'.repeat(30_000);
    const read = parseCalls(hermes, flood);
    expect(read.calls).toHaveLength(8);
    expect(read.problem).toMatch(/first 8 of 30000/);
    expect(parseCalls(hermes, "<tool_call>".repeat(90_000)).problem).toBeDefined();
    expect(parseCalls(hermes, "<tool_call>{[</tool_call>".repeat(40_000)).problem).toBeDefined();
  });
});

describe("checking arguments", () => {
  const schema = argumentSchema(schemas["flat"]);
  it.each([
    [{}, "city is missing"],
    [{ city: 5 }, "city must be a string, not an integer"],
    [{ city: "Bern", days: 15 }, "days must be at most 14"],
    [{ city: "Bern", days: 1.5 }, "days must be an integer, not a number"],
    [{ city: "Bern", town: "x" }, '"town" is no argument of it; its arguments are city, days'],
  ] as [Json, string][])("says what is wrong with %j", (value, sentence) => {
    expect(faults(value, schema)).toEqual([sentence]);
  });
  it("refuses names that reach a prototype, at any depth", () => {
    const value = JSON.parse('{"a": {"__proto__": {"polluted": true}}}') as Json;
    expect(faults(value, { type: "object" })[0]).toMatch(/__proto__/);
    expect(({} as Record<string, unknown>)["polluted"]).toBeUndefined();
  });
  it("survives a value nested without end", () => {
    let deep: Json = 1;
    for (let i = 0; i < 5000; i++) deep = [deep];
    expect(faults(deep, {})[0]).toMatch(/nested too deep/);
  });
});
