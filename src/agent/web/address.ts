import { BlockList, isIP } from "node:net";
import { fail } from "../../contract/errors";

/** Networks that are not the public one (IANA's special-purpose registries, RFC 6890 and its updates). */
const v4: [string, number][] = [
  ["0.0.0.0", 8],
  ["10.0.0.0", 8],
  ["100.64.0.0", 10],
  ["127.0.0.0", 8],
  ["169.254.0.0", 16],
  ["172.16.0.0", 12],
  ["192.0.0.0", 24],
  ["192.0.2.0", 24],
  ["192.88.99.0", 24],
  ["192.168.0.0", 16],
  ["198.18.0.0", 15],
  ["198.51.100.0", 24],
  ["203.0.113.0", 24],
  ["224.0.0.0", 4],
  ["240.0.0.0", 4],
];
const blocked = new BlockList();
for (const [network, bits] of v4) blocked.addSubnet(network, bits, "ipv4");
/** Of IPv6 only global unicast is public, less the parts of it that carry other addresses or documentation. */
const unicast = new BlockList();
unicast.addSubnet("2000::", 3, "ipv6");
const special = new BlockList();
special.addSubnet("2001::", 23, "ipv6");
special.addSubnet("2001:db8::", 32, "ipv6");
special.addSubnet("2002::", 16, "ipv6");
special.addSubnet("3fff::", 20, "ipv6");
const mapped = new BlockList();
mapped.addSubnet("::ffff:0:0", 96, "ipv6");
mapped.addSubnet("64:ff9b::", 96, "ipv6");

/** Whether an IP address is of the public network. */
export function isPublicAddress(address: string): boolean {
  const plain = address.replace(/^\[|\]$/g, "").replace(/%.*$/, "");
  const family = isIP(plain);
  if (family === 4) return !blocked.check(plain, "ipv4");
  if (family !== 6) return false;
  if (mapped.check(plain, "ipv6")) return isPublicAddress(lastV4(plain));
  return unicast.check(plain, "ipv6") && !special.check(plain, "ipv6");
}

/** The IPv4 address in the last 32 bits of an IPv6 one. */
function lastV4(address: string): string {
  const dotted = /(\d+\.\d+\.\d+\.\d+)$/.exec(address)?.[1];
  if (dotted) return dotted;
  const [high = "0", low = "0"] = address.split(":").slice(-2);
  const n = (parseInt(high || "0", 16) * 65_536 + parseInt(low || "0", 16)) >>> 0;
  return [n >>> 24, (n >>> 16) & 255, (n >>> 8) & 255, n & 255].join(".");
}

/**
 * An address that may be fetched: http or https, no name or password in it, not the name of this machine or of its
 * network. Fails with `notAllowed`. Names are looked up later, and every address they give is judged then.
 */
export function publicUrl(given: string): URL {
  const text = given.trim();
  if (text.length > 4_000 || !URL.canParse(text))
    fail("badArgument", `${JSON.stringify(text.slice(0, 120))} is no address.`, {
      remedy: "Give it as https://host/path.",
    });
  const url = new URL(text);
  if (url.protocol !== "http:" && url.protocol !== "https:")
    fail("notAllowed", `Only http and https are fetched, not ${url.protocol}`);
  if (url.username || url.password) fail("notAllowed", "An address with a name or password in it is not fetched.");
  // URL has brought numbers in any spelling (0x7f.1, 2130706433) to dotted form.
  const host = url.hostname.replace(/\.$/, "").toLowerCase();
  const literal = isIP(host.replace(/^\[|\]$/g, "")) !== 0;
  if (literal ? !isPublicAddress(host) : isPrivateName(host)) {
    fail("notAllowed", `${url.hostname} is an address of this machine or its network, which is not fetched.`);
  }
  return url;
}

function isPrivateName(host: string): boolean {
  return (
    !host.includes(".") ||
    /(^|\.)(localhost|local|internal|intranet|lan|home|corp|private|home\.arpa|onion)$/.test(host)
  );
}
