import * as vscode from "vscode";
import { promptInput } from "../../agent/brains/engineBrain";
import type { TraceFile } from "../../agent/node/traceFiles";
import { formOfTemplate } from "../../agent/tools/calling/forms";
import type { TraceToken } from "../../contract/agent";
import { fail } from "../../contract/errors";
import type { Json } from "../../contract/json";
import type { Think } from "../../contract/verbs";
import type { InstrumentRequest } from "../../contract/view";
import type { EngineService } from "../engine/service";

/**
 * The place of a token of a run's reply: the prompt is put together again from the messages and tools that the run's file
 * holds, rendered by the same engine, and followed by the reply's tokens before it. Fails with `wrongModel` where another
 * model wrote them, and with `damagedFile` where the file lacks a part of the prompt.
 */
export async function placeOfToken(
  engine: Pick<EngineService, "ensureModel" | "call">,
  file: TraceFile,
  line: number,
  token: number,
  instrument: InstrumentRequest["instrument"],
): Promise<InstrumentRequest> {
  const { head } = file;
  if (!head.local) fail("notAllowed", vscode.l10n.t("A server's model wrote this: its inside cannot be opened."));
  const model = await engine.ensureModel();
  const same = head.fingerprint === "" ? head.brain === model.name : head.fingerprint === model.fingerprint;
  if (!same) {
    fail("wrongModel", vscode.l10n.t("This was written by another model ({0}).", head.brain), {
      remedy: vscode.l10n.t("Load that model to look inside."),
    });
  }
  const { event, messages = [], tools = [], lacks } = await file.entry(line);
  if (lacks !== undefined)
    fail("damagedFile", vscode.l10n.t("The run's file does not hold the whole prompt of this reply."));
  const tokens = replyTokens(event.tokens);
  const chosen = tokens[token];
  if (!chosen) return fail("badArgument", vscode.l10n.t("The answer has no such token."));
  const think = await thinkOf(file);
  const prompt = await engine.call("render", {
    input: promptInput(formOfTemplate(model.chatTemplate), messages, tools),
    ...(think === undefined ? {} : { think: think === "off" || think === 0 ? "off" : "auto" }),
  });
  const ids = [...prompt.tokens, ...tokens.slice(0, token)].map(({ id }) => id);
  return {
    instrument,
    tokens: ids,
    position: ids.length - 1,
    ...(chosen.text === "" || chosen.text.includes("\ufffd") ? {} : { target: chosen.text }),
    title: vscode.l10n.t("step {0}: {1}", String(event.step), chosen.text.trim()).slice(0, 200),
  };
}

/** Tokens of a reply as a file holds them; none where one of them is no token. */
function replyTokens(value: Json | undefined): Pick<TraceToken, "id" | "text">[] {
  if (!Array.isArray(value)) return [];
  const tokens = value.flatMap((each) =>
    typeof each === "object" && each !== null && !Array.isArray(each) && Number.isInteger(each.id)
      ? [{ id: each.id as number, text: typeof each.text === "string" ? each.text : "" }]
      : [],
  );
  return tokens.length === value.length ? tokens : [];
}

/** How the run was told to think: it stands in its first line. */
async function thinkOf(file: TraceFile): Promise<Think | undefined> {
  const goal = file.rows.find(({ type }) => type === "goal");
  const { params } = goal ? (await file.entry(goal.line)).event : {};
  if (typeof params !== "object" || params === null || Array.isArray(params)) return undefined;
  const { think } = params;
  return think === "off" || think === "auto" || typeof think === "number" ? think : undefined;
}
