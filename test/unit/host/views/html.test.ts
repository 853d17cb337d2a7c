import { expect, test } from "vitest";
import { escapeHtml, viewPage } from "../../../../src/host/views/html";
import { Uri } from "../fakeVscode";

const webview = {
  cspSource: "https://ours",
  asWebviewUri: (uri: Uri) => `https://ours${uri.path}`,
} as never;

function page(title = "Chat"): string {
  return viewPage(webview, Uri.file("/ext") as never, "chat", title);
}

test("nothing is allowed but our own bundle: no inline script, no remote image, no request", () => {
  const policy = /Content-Security-Policy" content="([^"]*)"/.exec(page())?.[1] ?? "";
  const rules = new Map(policy.split("; ").map((rule) => [rule.split(" ")[0], rule.split(" ").slice(1)]));
  expect(rules.get("default-src")).toEqual(["'none'"]);
  expect(rules.get("script-src")).toEqual([expect.stringMatching(/^'nonce-[\w+/]{20,}=*'$/)]);
  expect(rules.get("img-src")).toEqual(["https://ours", "data:", "blob:"]);
  expect(rules.has("connect-src")).toBe(false);
  expect(policy).not.toMatch(/unsafe|https:(?!\/\/ours)|\*/);
});

test("the one script carries the page's nonce, which is another each time", () => {
  const nonces = [page(), page()].map((html) => {
    const scripts = [...html.matchAll(/<script([^>]*)>/g)].map((match) => match[1] ?? "");
    expect(scripts).toHaveLength(1);
    const nonce = /nonce="([^"]+)"/.exec(scripts[0] ?? "")?.[1] ?? "";
    expect(html).toContain(`'nonce-${nonce}'`);
    return nonce;
  });
  expect(nonces[0]).not.toBe(nonces[1]);
});

test("a title is text", () => {
  expect(page('</title><script>alert("x")</script>')).not.toContain("<script>alert");
  expect(escapeHtml(`<a href="x" id='y'>&`)).toBe("&#60;a href=&#34;x&#34; id=&#39;y&#39;&#62;&#38;");
});
