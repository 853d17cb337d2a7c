import type { CommonViewMethods } from "../../src/contract/view";
import type { Host } from "./host";
import { asErrorData } from "./host";

/** Calls whose failure has nothing to show but is never lost: it goes to the log of the product. */
export function quietly(host: Host<CommonViewMethods, object>, work: Promise<unknown>): void {
  work.catch((thrown: unknown) => {
    const { code, message } = asErrorData(thrown);
    if (code === "cancelled") return;
    host.call("log", { level: "warn", message }).catch(() => console.warn(message));
  });
}
