import type { CommonViewMethods } from "../../src/contract/view";
import type { Host } from "./host";

type ViewHost = Host<CommonViewMethods, object>;

/** Rows as CSV (RFC 4180). Numbers as they are; texts quoted. */
export function csv(rows: readonly (readonly (string | number | null)[])[]): string {
  const field = (value: string | number | null): string => {
    if (value === null) return "";
    return typeof value === "number" ? String(value) : `"${value.replaceAll('"', '""')}"`;
  };
  return `${rows.map((row) => row.map(field).join(",")).join("\r\n")}\r\n`;
}

/** A token in a table file: as a JSON string, so that blanks are exact and no spreadsheet takes it for a formula. */
export function quoted(text: string): string {
  return JSON.stringify(text);
}

export function saveText(host: ViewHost, name: string, data: string): Promise<{ saved: boolean }> {
  return host.call("save", { name, data });
}

/** Saves a canvas as PNG. */
export async function savePng(host: ViewHost, name: string, canvas: HTMLCanvasElement): Promise<{ saved: boolean }> {
  const url = canvas.toDataURL("image/png");
  return await host.call("save", { name, data: url.slice(url.indexOf(",") + 1), base64: true });
}
