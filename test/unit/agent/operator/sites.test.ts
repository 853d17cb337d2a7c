import { describe, expect, it } from "vitest";
import type { ElementInfo } from "../../../../src/agent/operator/browser";
import { irreversible } from "../../../../src/agent/operator/danger";
import { surpriseOf } from "../../../../src/agent/operator/observation";
import { Sites } from "../../../../src/agent/operator/sites";

describe("sites", () => {
  const sites = new Sites(["example.com", "*.wiki.example", "https://shop.example:8443", "127.0.0.1:3000"]);
  it.each([
    "https://example.com/a",
    "http://EXAMPLE.com./",
    "https://en.wiki.example/",
    "https://shop.example:8443/x",
    "http://127.0.0.1:3000/",
    "http://2130706433:3000/",
  ])("%s may be opened", (url) => expect(sites.refusal(url)).toBeUndefined());
  it.each([
    "https://example.com:444/",
    "https://example.com@evil.example/",
    "https://user:pw@example.com/",
    "https://example.com.evil.example/",
    "https://evil.example/?example.com",
    "https://sub.example.com/",
    "https://evilwiki.example/",
    "http://shop.example:8443/",
    "http://127.0.0.1/",
    "http://127.0.0.1:3001/",
    "http://localhost:3000/",
    "http://[::1]:3000/",
    "http://169.254.169.254/",
    "file:///etc/passwd",
    "javascript:alert(1)",
    "data:text/html,x",
  ])("%s may not", (url) => expect(sites.refusal(url)).toBeDefined());
  it("reaches a private address only where the list names it outright", () => {
    expect(sites.reaches("127.0.0.1", "3000", "127.0.0.1")).toBe(true);
    expect(sites.reaches("127.0.0.1", "22", "127.0.0.1")).toBe(false);
    expect(sites.reaches("evil.example", "80", "10.0.0.1")).toBe(false);
    expect(sites.reaches("en.wiki.example", "443", "192.168.0.1")).toBe(false);
    expect(sites.reaches("evil.example", "80", "93.184.216.34")).toBe(true);
  });
  it.each(["", "a b", "user@host.example", "exa*mple.com", "https://x.example/path", "ftp://x.example"])(
    "%j is no site",
    (line) => expect(() => new Sites([line])).toThrow(),
  );
  it("allows what was approved with its scheme and port only", () => {
    const fresh = new Sites([]);
    fresh.allow(new URL("https://a.example/x"));
    expect(fresh.refusal("https://a.example/y")).toBeUndefined();
    expect(fresh.refusal("http://a.example/y")).toBeDefined();
    expect(fresh.refusal("https://a.example:444/y")).toBeDefined();
  });
});

const element = (more: Partial<ElementInfo>): ElementInfo => ({
  tag: "button",
  type: "",
  role: "",
  name: "",
  submits: false,
  password: false,
  editable: false,
  ...more,
});

describe("what cannot be taken back", () => {
  const post = { method: "post", action: "https://a.example/x", text: "OK" };
  it.each<[string, Partial<ElementInfo>]>([
    ["a form that is posted", { name: "OK", submits: true, form: post }],
    ["Buy now", { name: "Buy now" }],
    ["Delete my account", { tag: "a", name: "Delete my account", href: "https://a.example/d" }],
    ["发送", { name: "发送" }],
    ["Publish", { name: "Publish" }],
  ])("%s is asked for", (_, info) => expect(irreversible({ kind: "click", ref: "e1" }, element(info))).toBeDefined());
  it.each<[string, Partial<ElementInfo>]>([
    [
      "a search form",
      { name: "Search", submits: true, form: { method: "get", action: "https://a.example/s", text: "Search" } },
    ],
    ["a link", { tag: "a", name: "How orders are shipped", href: "https://a.example/s" }],
    ["a field of a form that is posted", { tag: "input", name: "Name", form: post }],
  ])("%s is not", (_, info) => {
    const kind = info.name?.startsWith("How") ? { ...info, name: "How it works" } : info;
    expect(irreversible({ kind: "click", ref: "e1" }, element(kind))).toBeUndefined();
  });
  it("Enter in a posted form, and yes to a dialog, are asked for", () => {
    expect(irreversible({ kind: "type", ref: "e1", text: "x", submit: true }, element({ form: post }))).toBeDefined();
    expect(
      irreversible({ kind: "type", ref: "e1", text: "x", submit: false }, element({ form: post })),
    ).toBeUndefined();
    expect(irreversible({ kind: "dialog", accept: true }, undefined)).toBeDefined();
    expect(irreversible({ kind: "dialog", accept: false }, undefined)).toBeUndefined();
  });
});

describe("surprise", () => {
  const look = (snapshot: string) => ({ url: "https://a.example/", title: "A", snapshot, tabs: [] });
  const nothing = { events: [] };
  it("is a dialog that the page draws, unless it was there or is what was expected", () => {
    const drawn = look(`- dialog "Subscribe to our letter" [ref=e9]`);
    expect(surpriseOf(look(""), drawn, nothing, undefined)).toContain("Subscribe");
    expect(surpriseOf(drawn, drawn, nothing, undefined)).toBeUndefined();
    expect(surpriseOf(look(""), drawn, nothing, "a letter to subscribe")).toBeUndefined();
  });
  it("is a page without what was expected", () => {
    expect(surpriseOf(look(""), look('- heading "Sold out"'), nothing, "the basket holds two lamps")).toBeDefined();
    expect(
      surpriseOf(look(""), look("- text: basket: two lamps"), nothing, "the basket holds two lamps"),
    ).toBeUndefined();
  });
});
