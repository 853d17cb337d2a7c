import * as vscode from "vscode";
import { fail } from "../../contract/errors";
import { bytes, parameters } from "../models/format";
import { escapeHtml } from "../views/html";
import type { ReadAt } from "./header";
import { code, frame, row, table } from "./page";

/** The header of a safetensors file: eight bytes of length, then JSON (huggingface/safetensors, README, "Format"). */
export interface SafetensorsHeader {
  metadata: [key: string, value: string][];
  tensors: { name: string; type: string; shape: number[]; elements: number }[];
}

/** The format's own limit. */
const longest = 100_000_000;

/** @throws damagedFile with what is wrong; lengths are checked before anything of that length is read */
export async function readSafetensorsHeader(size: number, read: ReadAt): Promise<SafetensorsHeader> {
  if (size < 10) fail("damagedFile", "The file is too short to be a safetensors file.");
  const head = await read(0, 8);
  const length = new DataView(head.buffer, head.byteOffset, 8).getBigUint64(0, true);
  if (length > BigInt(Math.min(longest, size - 8)))
    fail("damagedFile", `The file says that its header has ${length} bytes, which it does not have.`);
  const text = new TextDecoder().decode(await read(8, Number(length)));
  const { __metadata__: metadata, ...rest } = parsed(text);
  return {
    metadata: Object.entries(isRecord(metadata) ? metadata : {}).map(([key, value]) => [key, String(value)]),
    tensors: Object.entries(rest).map(([name, value]) => tensor(name, value)),
  };
}

function parsed(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    if (isRecord(value)) return value;
  } catch {
    // Said below, as for any other text that is no object.
  }
  return fail("damagedFile", "The header is not the JSON object it should be.");
}

function tensor(name: string, value: unknown): SafetensorsHeader["tensors"][number] {
  const { dtype, shape } = isRecord(value) ? value : {};
  if (typeof dtype !== "string" || !Array.isArray(shape) || !shape.every((n) => Number.isSafeInteger(n) && n >= 0))
    return fail("damagedFile", `Tensor ${name} has no type or no shape.`);
  const lengths = shape as number[];
  return { name, type: dtype, shape: lengths, elements: lengths.reduce((product, n) => product * n, 1) };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Two tables. All text is the file's, and so is escaped. */
export function safetensorsPage(name: string, size: number, { metadata, tensors }: SafetensorsHeader): string {
  const total = tensors.reduce((sum, { elements }) => sum + elements, 0);
  const facts = [
    bytes(size),
    vscode.l10n.t("{0} parameters", parameters(total)),
    vscode.l10n.t("{0} tensors", tensors.length),
  ];
  const heads = [vscode.l10n.t("Name"), vscode.l10n.t("Shape"), vscode.l10n.t("Type"), vscode.l10n.t("Elements")];
  const rows = tensors.map((each) =>
    row([
      code(each.name),
      escapeHtml(each.shape.join(" × ")),
      escapeHtml(each.type),
      escapeHtml(parameters(each.elements)),
    ]),
  );
  const said = metadata.map(([key, value]) => row([code(key), code(value.slice(0, 2000))]));
  return frame(
    name,
    `<p>${escapeHtml(facts.join(" · "))}</p>
    ${said.length > 0 ? `<h2>${escapeHtml(vscode.l10n.t("Metadata"))}</h2>${table([vscode.l10n.t("Key"), vscode.l10n.t("Value")], said.join("\n"))}` : ""}
    <h2>${escapeHtml(vscode.l10n.t("Tensors"))}</h2>
    ${table(heads, rows.join("\n"))}`,
  );
}
