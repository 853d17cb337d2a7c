import { createHash } from "node:crypto";

/** SHA-256 as hexadecimal digits: what approvals of code and servers are bound to. */
export function sha256(data: string | Uint8Array): string {
  return createHash("sha256").update(data).digest("hex");
}
