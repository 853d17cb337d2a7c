import type { Attachment } from "../../contract/agent";
import { cleanText, cutText, withoutMarks } from "../tools/output";

/** What a person attached, as the model is given it: text of a named origin, whose marks of templates have no force. */
export interface FittedAttachment extends Attachment {
  /** Characters that did not fit. */
  leftOut: number;
}

/** A label on one line, without anything that could pass for markup of a prompt. */
export function attachmentLabel(label: string): string {
  return withoutMarks(cleanText(label)).replace(/\s+/g, " ").trim().slice(0, 200);
}

/**
 * Attachments in at most `limit` characters together. Small ones stay whole; what is left is shared among the others, and
 * each that is cut says how much of it is missing.
 */
export function fitAttachments(attachments: readonly Attachment[], limit: number): FittedAttachment[] {
  const clean = attachments.map(({ label, text }) => ({
    label: attachmentLabel(label),
    text: withoutMarks(cleanText(text)),
  }));
  let room = limit;
  let left = clean.length;
  const shares = new Map<number, number>();
  // From the smallest on, so that what a small one does not need is the larger ones'.
  const order = clean.map(({ text }, i) => [text.length, i] as const).sort((a, b) => a[0] - b[0]);
  for (const [length, i] of order) {
    const share = Math.min(length, Math.max(120, Math.floor(room / left)));
    shares.set(i, share);
    room -= share;
    left -= 1;
  }
  return clean.map(({ label, text }, i) => ({ label, ...cutText(text, shares.get(i) ?? 0) }));
}
