import { fail } from "../../contract/errors";
import { isPublicAddress, publicUrl } from "../web/address";
import { isIP } from "node:net";

/** One line of a site list: a host, with its subdomains where it begins with `*.`, a scheme and a port where given. */
export interface SiteRule {
  scheme?: "http:" | "https:";
  host: string;
  subdomains: boolean;
  /** As in an address: empty is the scheme's own. */
  port: string;
}

/**
 * Reads a line of a person's site list: `example.com`, `*.example.com`, `https://example.com:8443`, `localhost:3000`.
 * Fails with `badArgument` for what is none (a path, a name and password, a star elsewhere).
 */
export function siteRule(line: string): SiteRule {
  const text = line.trim().toLowerCase();
  const match = /^(?:(https?:)\/\/)?(\*\.)?([^/@*\s]+)\/?$/.exec(text);
  const [, scheme, star, rest = ""] = match ?? [];
  const address = `${scheme ?? "https:"}//${rest}`;
  if (!match || !URL.canParse(address)) fail("badArgument", `${JSON.stringify(line.slice(0, 80))} is no site.`);
  // A port that is the default of https is kept as it was written: URL would drop it.
  const port = /:(\d+)$/.exec(rest)?.[1] ?? "";
  const host = plainHost(new URL(address).hostname);
  return { ...(scheme ? { scheme: scheme as "http:" | "https:" } : {}), host, subdomains: star !== undefined, port };
}

function plainHost(host: string): string {
  return host.toLowerCase().replace(/\.$/, "");
}

function portOf(url: URL): string {
  return url.port || (url.protocol === "https:" ? "443" : "80");
}

function matches(rule: SiteRule, url: URL): boolean {
  const host = plainHost(url.hostname);
  const named = host === rule.host || (rule.subdomains && host.endsWith(`.${rule.host}`));
  if (!named || (rule.scheme && rule.scheme !== url.protocol)) return false;
  return rule.port === "" ? url.port === "" : portOf(url) === rule.port;
}

/** Which sites may be opened: those of a person's list, and those a person allowed since. Every hop is judged anew. */
export class Sites {
  private readonly rules: SiteRule[];
  private readonly allowed = new Set<string>();

  constructor(list: readonly string[]) {
    this.rules = list.map(siteRule);
  }

  /** A person's own list names it. */
  listed(url: URL): boolean {
    return this.rules.some((rule) => matches(rule, url));
  }

  /** An address of this machine or its network is reached only where the list names it outright, never by a star. */
  private namesPrivate(url: URL): boolean {
    return this.rules.some((rule) => !rule.subdomains && matches(rule, url));
  }

  /** Allows a host with its port for this session, as approved. */
  allow(url: URL): void {
    this.allowed.add(`${url.protocol}//${plainHost(url.hostname)}:${portOf(url)}`);
  }

  /** The address when it may be looked at at all; fails with `notAllowed` (schemes, names and passwords, private addresses). */
  parse(address: string): URL {
    const text = address.trim();
    if (text.length > 4_000 || !URL.canParse(text)) return publicUrl(text);
    const url = new URL(text);
    const plain = /^https?:$/.test(url.protocol) && !url.username && !url.password;
    return plain && this.namesPrivate(url) ? url : publicUrl(text);
  }

  /** Why a page may not be opened now; undefined when it may. */
  refusal(address: string): string | undefined {
    if (address === "about:blank") return undefined;
    let url: URL;
    try {
      url = this.parse(address);
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
    const key = `${url.protocol}//${plainHost(url.hostname)}:${portOf(url)}`;
    if (this.listed(url) || this.allowed.has(key)) return undefined;
    return `${url.host} is not among the sites that may be opened`;
  }

  /** Whether a connection to a host and port may be made to this IP address. */
  reaches(host: string, port: string, address: string): boolean {
    if (isPublicAddress(address)) return true;
    const name = isIP(host) === 6 ? `[${host}]` : host;
    return ["http:", "https:"].some((scheme) => {
      const text = `${scheme}//${name}:${port}`;
      return URL.canParse(text) && this.namesPrivate(new URL(text));
    });
  }
}
