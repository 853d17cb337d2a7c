import { lookup as systemLookup, type LookupAddress } from "node:dns";
import { request as httpRequest, type IncomingMessage, type RequestOptions } from "node:http";
import { request as httpsRequest } from "node:https";
import { isIP } from "node:net";
import { promisify } from "node:util";
import { createBrotliDecompress, createGunzip, createInflate } from "node:zlib";
import type { Readable } from "node:stream";
import { errorData, fail, VitrineError } from "../../contract/errors";
import type { FetchPort, Page } from "../../contract/tool";
import { isPublicAddress, publicUrl } from "../web/address";

export interface FetchOptions {
  /** Bytes of a page after decompression; what is beyond is left out. */
  limit?: number;
  timeoutMs?: number;
  redirects?: number;
  /** Looks a name up. */
  lookup?: (host: string) => Promise<LookupAddress[]>;
  /** Judges an address; for tests that serve pages on the loopback interface. */
  isAllowed?: (address: string) => boolean;
  /** A host with its port that a person named outright (a search engine of their own): it may be of this machine. */
  own?: string;
}

const resolveAll = promisify(systemLookup);

/**
 * Fetches pages of the public network. A name is looked up once, every address it has must be public, and the connection
 * is made to exactly that address (no second look-up that could give another). Redirects go through the same door, and
 * stay on the hosts that were approved.
 */
export function nodeFetch(options: FetchOptions = {}): FetchPort {
  const { limit = 2_000_000, timeoutMs = 20_000, redirects = 5 } = options;
  return {
    fetch: async (address, { signal, hosts, bytes }) => {
      const timeout = AbortSignal.timeout(timeoutMs);
      const both = AbortSignal.any([signal, timeout]);
      let url = check(address, options);
      for (let hop = 0; ; hop++) {
        if (hosts && !hosts.some((host) => sameHost(host, url.host))) {
          fail("notAllowed", `The page redirects to ${url.href}, another host.`, {
            remedy: `Fetch ${url.href} itself.`,
          });
        }
        if (hop > redirects) fail("network", `The page redirects more than ${redirects} times.`);
        try {
          const response = await open(url, await pinned(url, options), both);
          const next = response.headers.location;
          if (
            response.statusCode !== undefined &&
            response.statusCode >= 300 &&
            response.statusCode < 400 &&
            next !== undefined
          ) {
            response.destroy();
            url = check(new URL(next, url).href, options);
            continue;
          }
          return await page(url, response, limit, both, bytes === true);
        } catch (error) {
          throw translated(error, url, signal, timeout);
        }
      }
    },
  };
}

function check(address: string, { isAllowed, own }: FetchOptions): URL {
  if (!isAllowed && own === undefined) return publicUrl(address);
  const url = new URL(address);
  if (isOwn(url, own)) return url;
  if (!isAllowed) return publicUrl(address);
  return isIP(url.hostname) !== 0 && isAllowed(url.hostname) ? url : publicUrl(address);
}

function isOwn(url: URL, own: string | undefined): boolean {
  return own !== undefined && url.host === own && /^https?:$/.test(url.protocol) && !url.username && !url.password;
}

/** `www.` apart, hosts and ports are the same. */
function sameHost(a: string, b: string): boolean {
  const plain = (host: string) => host.toLowerCase().replace(/^www\./, "");
  return plain(a) === plain(b);
}

async function pinned(url: URL, { lookup, isAllowed = isPublicAddress, own }: FetchOptions): Promise<LookupAddress> {
  const host = url.hostname.replace(/^\[|\]$/g, "");
  const family = isIP(host);
  const found =
    family !== 0 ? [{ address: host, family }] : await (lookup ?? ((name) => resolveAll(name, { all: true })))(host);
  const first = found[0];
  if (first === undefined) fail("network", `${host} has no address.`);
  // One private address among public ones is how a name is rebound.
  if (!isOwn(url, own) && !found.every(({ address }) => isAllowed(address))) {
    fail("notAllowed", `${host} leads to an address of this machine or its network, which is not fetched.`);
  }
  return first;
}

function open(url: URL, to: LookupAddress, signal: AbortSignal): Promise<IncomingMessage> {
  const options: RequestOptions = {
    method: "GET",
    signal,
    agent: false,
    headers: {
      "user-agent": "Vitrine",
      accept: "text/html, text/plain, application/json;q=0.9, */*;q=0.5",
      "accept-encoding": "gzip, deflate, br",
    },
    lookup: (_host, { all }, callback) => {
      if (all) callback(null, [to]);
      else callback(null, to.address, to.family);
    },
  };
  return new Promise((resolve, reject) => {
    const request = (url.protocol === "https:" ? httpsRequest : httpRequest)(url, options, resolve);
    request.once("error", reject);
    request.end();
  });
}

async function page(
  url: URL,
  response: IncomingMessage,
  limit: number,
  signal: AbortSignal,
  raw: boolean,
): Promise<Page> {
  const parts: Buffer[] = [];
  let length = 0;
  let cut = false;
  const body = unpacked(response);
  try {
    for await (const part of body as AsyncIterable<Buffer>) {
      if (signal.aborted) throw signal.reason;
      const room = limit - length;
      parts.push(part.length > room ? part.subarray(0, room) : part);
      length += Math.min(room, part.length);
      if (part.length > room) {
        cut = true;
        break;
      }
    }
  } finally {
    response.destroy();
  }
  const type = response.headers["content-type"] ?? "";
  const bytes = Buffer.concat(parts);
  return {
    url: url.href,
    status: response.statusCode ?? 0,
    type,
    // A PDF has no charset: what is asked for as bytes is decoded only where it may be text.
    text: raw && /pdf|octet-stream|zip|image|audio|video/i.test(type) ? "" : decode(bytes, type),
    cut,
    ...(raw ? { bytes: new Uint8Array(bytes) } : {}),
  };
}

function unpacked(response: IncomingMessage): Readable {
  const encoding = response.headers["content-encoding"]?.toLowerCase();
  const unpack =
    encoding === "gzip"
      ? createGunzip()
      : encoding === "br"
        ? createBrotliDecompress()
        : encoding === "deflate"
          ? createInflate()
          : undefined;
  if (!unpack) return response;
  response.once("error", (error) => unpack.destroy(error));
  return response.pipe(unpack);
}

function decode(bytes: Buffer, type: string): string {
  const name =
    /charset\s*=\s*"?([\w-]{1,40})/i.exec(type)?.[1] ??
    /<meta[^>]{0,200}charset\s*=\s*["']?([\w-]{1,40})/i.exec(bytes.subarray(0, 2_048).toString("latin1"))?.[1];
  try {
    return new TextDecoder(name ?? "utf-8").decode(bytes);
  } catch (error) {
    if (error instanceof RangeError) return new TextDecoder("utf-8").decode(bytes);
    throw error;
  }
}

function translated(error: unknown, url: URL, signal: AbortSignal, timeout: AbortSignal): unknown {
  if (signal.aborted) return new VitrineError({ code: "cancelled", message: "Cancelled." }, error);
  if (error instanceof VitrineError) return error;
  if (timeout.aborted)
    return new VitrineError({ code: "timeout", message: `${url.host} did not answer in time.` }, error);
  return new VitrineError(
    { code: "network", message: `${url.host} could not be read: ${errorData(error).message}` },
    error,
  );
}
