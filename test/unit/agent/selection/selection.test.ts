import { describe, expect, it } from "vitest";
import { findTools } from "../../../../src/agent/tools/builtin/findTools";
import { ToolRegistry } from "../../../../src/agent/tools/registry";
import { expanded } from "../../../../src/agent/tools/selection/expand";
import { HybridSelector } from "../../../../src/agent/tools/selection/hybridSelector";
import { queryWords, TextIndex } from "../../../../src/agent/tools/selection/textIndex";
import { ToolIndex } from "../../../../src/agent/tools/selection/toolIndex";
import { stem, words } from "../../../../src/agent/tools/selection/words";
import { pure, type Tool } from "../../../../src/agent/tools/tool";

const tool = (name: string, description: string, args: string[] = []): Tool => ({
  name,
  description,
  parameters: { type: "object", properties: Object.fromEntries(args.map((arg) => [arg, { type: "string" }])) },
  source: "mcp",
  origin: "s",
  effects: [],
  prepare: () => Promise.resolve(pure("", () => Promise.resolve({ text: "" }))),
});

describe("words", () => {
  it.each([
    ["getStockPrice", ["get", "stock", "pric"]],
    ["get_stock_price", ["get", "stock", "pric"]],
    ["HTTPServer2Log", ["http", "serv", "2", "log"]],
    ["搜索文件", ["搜索", "索文", "文件"]],
    ["查PDF文件", ["查", "pdf", "文件"]],
    ["the of a", []],
    ["ｆｕｌｌ", ["full"]],
  ])("%s", (text, wanted) => expect(words(text)).toEqual(wanted));
  it("join forms of a word and no more", () => {
    expect(new Set(["create", "creates", "created", "creating"].map(stem)).size).toBe(1);
    expect(stem("news")).not.toBe(stem("new"));
    expect(stem("is")).toBe("is");
  });
  it("of a megabyte are bounded", () => expect(words("word ".repeat(500_000)).length).toBeLessThanOrEqual(4_000));
});

describe("the index", () => {
  const index = new ToolIndex([
    {
      name: "get_weather",
      description: "Current weather of a city.",
      parameters: { type: "object", properties: { city: {} } },
    },
    { name: "read_file", description: "Reads a file.", parameters: {} },
    { name: "bing_search", description: "使用必应搜索指定的关键词", parameters: {} },
    { name: "plot", description: "Draws a chart of numbers.", parameters: {} },
    { name: "misc", description: "Something else.", parameters: {}, goals: ["tell me the tide in Brest"] },
  ]);
  const first = (query: string) => index.search(query, 3)[0]?.name;
  it("finds by name, description and argument", () => {
    expect(first("What is the weather?")).toBe("get_weather");
    expect(first("city")).toBe("get_weather");
    expect(first("reading files")).toBe("read_file");
  });
  it("finds by another word for the same, across languages", () => {
    expect(first("forecast")).toBe("get_weather");
    expect(first("make a graph")).toBe("plot");
    expect(first("look it up: search the web")).toBe("bing_search");
    expect(first("天气预报")).toBe("get_weather");
  });
  it("finds by the goals a tool served", () => expect(first("tide in Brest")).toBe("misc"));
  it("finds nothing for nothing", () => {
    expect(index.search("", 5)).toEqual([]);
    expect(index.search("xyzzy", 5)).toEqual([]);
    expect(new ToolIndex([]).search("x", 5)).toEqual([]);
  });
  it("joins vectors in when there are some", async () => {
    const vectors = new ToolIndex([
      { name: "alpha", description: "one", parameters: {} },
      { name: "beta", description: "two", parameters: {} },
    ]);
    await vectors.embed(
      {
        model: "m",
        embed: (texts) =>
          Promise.resolve(texts.map((text) => new Float32Array(text.startsWith("alpha") ? [1, 0] : [0, 1]))),
      },
      new Map(),
    );
    expect(vectors.search("nothing shared", 1, "", new Float32Array([0, 1]))[0]?.name).toBe("beta");
    expect(vectors.search("one", 1, "", new Float32Array([1, 0, 0]))[0]?.name).toBe("alpha");
  });
  it("gives a query's neighbours less weight than its own words", () => {
    const query = expanded(queryWords("delete file"), 0.4);
    expect(query.get("delet")).toBe(1);
    expect(query.get("remov")).toBeCloseTo(0.4);
  });
  it("ranks rare words above common ones", () => {
    const text = new TextIndex([
      ...Array.from({ length: 20 }, (_, i) => ({ id: `c${i}`, fields: [{ text: "common", weight: 1 }] })),
      { id: "rare", fields: [{ text: "common unusual", weight: 1 }] },
    ]);
    expect(text.search(queryWords("common unusual"), 1)[0]?.id).toBe("rare");
  });
});

describe("the tools of a step", () => {
  const many = (n: number): ToolRegistry => {
    const registry = new ToolRegistry();
    for (let i = 0; i < n; i++) registry.add(tool(`tool_${i}`, `Does the thing number ${i}.`));
    registry.add(tool("get_weather", "Weather of a city.", ["city"]));
    registry.add({
      ...findTools(registry, {
        pick: () => Promise.reject(new Error("no")),
        search: () => Promise.resolve([]),
        keep: () => undefined,
      }),
    });
    return registry;
  };
  const count = (text: string) => Promise.resolve(Math.ceil(text.length / 4));
  const pick = (selector: HybridSelector, more: { recent?: string[]; budget?: number; run?: string } = {}) =>
    selector.pick({
      run: more.run ?? "r",
      goal: "How is the weather in Bern?",
      recent: more.recent ?? [],
      budget: more.budget ?? 1_000,
      count,
    });

  it("are all while they fit", async () => {
    const picked = await pick(new HybridSelector(many(5)));
    expect(picked.tools).toHaveLength(7);
    expect(picked.because["tool_1"]).toBe("all tools fit");
  });
  it("are the best of thousands within the budget, those just used, and the door to the rest", async () => {
    const selector = new HybridSelector(many(3_000));
    const picked = await pick(selector, { recent: ["tool_7"], budget: 200 });
    const names = picked.tools.map(({ name }) => name);
    expect(names).toContain("get_weather");
    expect(names).toContain("find_tools");
    expect(names).toContain("tool_7");
    const sizes = await Promise.all(
      picked.tools.map((each) => count(JSON.stringify(each.parameters) + each.description)),
    );
    expect(sizes.reduce((sum, n) => sum + n, 0)).toBeLessThanOrEqual(200);
  });
  it("are never none, however small the budget", async () => {
    expect((await pick(new HybridSelector(many(100)), { budget: 0 })).tools.length).toBeGreaterThan(0);
  });
  it("keep what the model asked for, in its run alone", async () => {
    const selector = new HybridSelector(many(100));
    selector.keep("r", ["tool_99"]);
    expect((await pick(selector)).because["tool_99"]).toBe("asked for");
    expect((await pick(selector, { run: "other" })).because["tool_99"]).toBeUndefined();
  });
  it("keep their order from step to step", async () => {
    const selector = new HybridSelector(many(100));
    const before = (await pick(selector)).tools.map(({ name }) => name);
    const after = (await pick(selector, { recent: ["tool_50"] })).tools.map(({ name }) => name);
    const shared = before.filter((name) => after.includes(name));
    expect(after.slice(0, shared.length)).toEqual(shared);
  });
  it("change with the registry", async () => {
    const registry = many(100);
    const selector = new HybridSelector(registry);
    await pick(selector);
    registry.remove("get_weather");
    expect((await pick(selector)).tools.map(({ name }) => name)).not.toContain("get_weather");
  });
  it("are found by the model itself", async () => {
    const registry = many(100);
    const selector = new HybridSelector(registry);
    const call = await findTools(registry, selector).prepare(
      { query: "weather" },
      { run: "r", step: 1, signal: new AbortController().signal },
    );
    expect((await call.act()).text).toContain("get_weather(city): Weather of a city.");
    expect((await pick(selector)).because["get_weather"]).toBe("asked for");
  });
});
