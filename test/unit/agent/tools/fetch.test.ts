import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { gzipSync } from "node:zlib";
import { afterEach, describe, expect, it } from "vitest";
import { nodeFetch, type FetchOptions } from "../../../../src/agent/node/nodeFetch";
import { isPublicAddress, publicUrl } from "../../../../src/agent/web/address";
import { fetchTool } from "../../../../src/agent/tools/builtin/web";
import { failureOf } from "./workspace";

const signal = new AbortController().signal;

describe("addresses", () => {
  it.each([
    "127.0.0.1",
    "10.1.2.3",
    "172.16.0.1",
    "192.168.1.1",
    "169.254.169.254",
    "100.64.0.1",
    "0.0.0.0",
    "255.255.255.255",
    "224.0.0.1",
    "::1",
    "::",
    "fe80::1",
    "fd00::1",
    "ff02::1",
    "::ffff:127.0.0.1",
    "::ffff:7f00:1",
    "64:ff9b::10.0.0.1",
    "2001:db8::1",
    "2002:7f00:1::",
    "not an ip",
  ])("%s is not public", (address) => expect(isPublicAddress(address)).toBe(false));
  it.each(["1.1.1.1", "93.184.216.34", "2606:4700::1111", "::ffff:8.8.8.8"])("%s is public", (address) =>
    expect(isPublicAddress(address)).toBe(true),
  );

  it.each([
    "http://localhost/",
    "http://127.0.0.1/",
    "http://2130706433/",
    "http://0x7f.1/",
    "http://017700000001/",
    "http://[::1]/",
    "http://[::ffff:10.0.0.1]/",
    "http://router/",
    "http://x.local/",
    "http://a.internal/",
    "http://metadata.google.internal/",
    "http://user:pw@example.com/",
    "ftp://example.com/",
    "file:///etc/passwd",
    "javascript:alert(1)",
    "http://localhost./",
  ])("%s is refused before anything is looked up", (url) => expect(() => publicUrl(url)).toThrow());
});

let server: Server | undefined;
afterEach(() => {
  server?.closeAllConnections();
  server?.close();
  server = undefined;
});

/** Pages on the loopback interface under invented public names. */
async function site(handle: RequestListener, options: FetchOptions = {}) {
  const made = createServer(handle);
  server = made;
  await new Promise<void>((resolve) => made.listen(0, "127.0.0.1", resolve));
  const { port } = made.address() as AddressInfo;
  let lookups = 0;
  const fetcher = nodeFetch({
    lookup: (host) => {
      lookups++;
      return Promise.resolve([{ address: host === "evil.example" ? "10.0.0.1" : "127.0.0.1", family: 4 }]);
    },
    isAllowed: (address) => address === "127.0.0.1",
    ...options,
  });
  return { fetcher, at: (host: string, path = "/") => `http://${host}:${port}${path}`, lookups: () => lookups };
}

describe("fetching", () => {
  it("gives the text of a page", async () => {
    const { fetcher, at, lookups } = await site((_, response) =>
      response.setHeader("content-type", "text/html").end("<p>Hi <b>there</b></p>"),
    );
    const call = await fetchTool(fetcher).prepare({ url: at("good.example") }, { run: "r", step: 1, signal });
    expect(call.effects).toEqual(["network"]);
    expect((await call.act()).text).toBe("Hi there");
    expect(lookups()).toBe(1);
  });
  it("refuses a name that leads to a private address", async () => {
    const { fetcher, at } = await site((_, response) => response.end("secret"));
    expect((await failureOf(fetcher.fetch(at("evil.example"), { signal }))).code).toBe("notAllowed");
  });
  it("refuses a name with one private address among public ones", async () => {
    const { fetcher, at } = await site((_, response) => response.end("x"), {
      lookup: () =>
        Promise.resolve([
          { address: "127.0.0.1", family: 4 },
          { address: "192.168.0.1", family: 4 },
        ]),
    });
    expect((await failureOf(fetcher.fetch(at("good.example"), { signal }))).code).toBe("notAllowed");
  });
  it.each([
    "http://169.254.169.254/latest/meta-data",
    "http://10.0.0.1/",
    "http://localhost/",
    "file:///etc/passwd",
    "http://a:b@good.example/",
  ])("does not follow a redirect to %s", async (to) => {
    const { fetcher, at } = await site((_, response) => response.writeHead(302, { location: to }).end());
    expect((await failureOf(fetcher.fetch(at("good.example"), { signal }))).code).toBe("notAllowed");
  });
  it("stays on the host that was approved, its port included", async () => {
    const { fetcher, at } = await site((request, response) => {
      if (request.url === "/") response.writeHead(302, { location: at("other.example", "/x") }).end();
      else response.end("other");
    });
    const host = new URL(at("good.example")).host;
    expect((await failureOf(fetcher.fetch(at("good.example"), { signal, hosts: [host] }))).message).toMatch(
      /another host/,
    );
    expect((await fetcher.fetch(at("good.example"), { signal })).text).toBe("other");
  });
  it("gives up endless redirects", async () => {
    const { fetcher, at } = await site((_, response) => response.writeHead(302, { location: "/again" }).end());
    expect((await failureOf(fetcher.fetch(at("good.example"), { signal }))).message).toMatch(/more than 5 times/);
  });
  it("cuts a flood and a bomb of zeros", async () => {
    const bomb = gzipSync(Buffer.alloc(30_000_000));
    const { fetcher, at } = await site(
      (request, response) => {
        if (request.url === "/bomb") return void response.setHeader("content-encoding", "gzip").end(bomb);
        const more = () => void (response.destroyed || response.write("x".repeat(65_536), more));
        more();
      },
      { limit: 100_000 },
    );
    for (const path of ["/flood", "/bomb"]) {
      const page = await fetcher.fetch(at("good.example", path), { signal });
      expect(page.text).toHaveLength(100_000);
      expect(page.cut).toBe(true);
    }
  });
  it("gives up a page that never comes, and one that breaks off", async () => {
    const { fetcher, at } = await site(
      (request, response) => {
        if (request.url === "/broken") {
          response.writeHead(200, { "content-length": "100" }).write("half");
          setTimeout(() => response.destroy(), 10);
        }
      },
      { timeoutMs: 150 },
    );
    expect((await failureOf(fetcher.fetch(at("good.example"), { signal }))).code).toBe("timeout");
    expect((await failureOf(fetcher.fetch(at("good.example", "/broken"), { signal }))).code).toBe("network");
  });
  it("says what is no text, and what the server refused", async () => {
    const { fetcher, at } = await site((request, response) => {
      if (request.url === "/image") response.setHeader("content-type", "image/png").end("x");
      else response.writeHead(404).end();
    });
    const context = { run: "r", step: 1, signal };
    expect(
      (await failureOf((await fetchTool(fetcher).prepare({ url: at("good.example", "/image") }, context)).act()))
        .message,
    ).toMatch(/no text/);
    expect(await (await fetchTool(fetcher).prepare({ url: at("good.example") }, context)).act()).toMatchObject({
      failed: true,
    });
  });
});
