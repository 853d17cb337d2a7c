import { createHash } from "node:crypto";
import type { ToolSpec } from "../../contract/chat";
import { emptyThought } from "./budget";
import { builtinTools } from "./builtinTools";
import { forgePrompt, forgeSpecPrompt, repairPrompt, type ForgeSpec } from "./forge";
import { judgePrompt, matchPrompt } from "./judge";
import { memoryWritePrompt, memoryWriteText } from "./memoryWrite";
import { notesPrompt, questionsPrompt, reportPrompt } from "./notes";
import { planPrompt, proposePrompt } from "./plan";
import { queryPrompt } from "./query";
import { reflectPrompt } from "./reflect";
import { communityPrompt, summaryPrompt } from "./summary";
import { systemPrompt } from "./system";
import { toolCallText, toolResponse } from "./tools";
import { triplesPrompt } from "./triples";
import { worldModelPrompt, worldModelText } from "./worldModel";

const tool: ToolSpec = {
  name: "measure",
  description: "Measure a thing.",
  parameters: { type: "object", properties: { thing: { type: "string" } }, required: ["thing"] },
};
const spec: ForgeSpec = {
  name: "twice",
  description: "Doubles n.",
  parameters: { n: "number" },
  examples: [{ arguments: { n: 2 }, result: 4 }],
};

/** What every builder makes of fixed inputs. A change of any wording changes it. */
export function promptOutputs(): Record<string, unknown> {
  const plan = { goal: "Rest.", state: "you: hall", done: ["go"], surprise: "It is dark." };
  return {
    agent: systemPrompt({ mode: "agent", memories: ["The sky is green."], tools: [tool, ...builtinTools] }),
    chat: systemPrompt({ mode: "chat", extra: "Be kind." }),
    call: toolCallText({ name: "measure", arguments: { thing: "door" } }),
    response: toolResponse("measure", "<tool_call>"),
    memoryWrite: memoryWritePrompt({ user: "I moved.", assistant: "Good.", known: ["The user lives in Rome."] }),
    memoryWriteText: memoryWriteText({ action: "replace", index: 0, text: "The user lives in Oslo." }),
    triples: triplesPrompt("A text."),
    reflect: [reflectPrompt(["One.", "Two."]), reflectPrompt(["One."], 3)],
    plan: [planPrompt(plan), proposePrompt(plan, 3)],
    judge: [
      judgePrompt({ goal: "Rest.", step: "sit", expected: "quiet", seen: "noise" }),
      matchPrompt("quiet", "noise"),
    ],
    worldModel: [
      worldModelPrompt({ state: "you: hall", action: "go" }),
      worldModelText({ seen: "dark", state: "you: cellar" }),
    ],
    forge: [forgeSpecPrompt("Double n."), forgePrompt(spec), repairPrompt(spec, "code", "failed")],
    notes: [notesPrompt("What?", "A page."), questionsPrompt("What?", ["This."], 3), reportPrompt("What?", ["This."])],
    query: queryPrompt("Find it.", "dark"),
    summary: [summaryPrompt([{ role: "user", content: "Hello" }]), communityPrompt(["A knows B"])],
    emptyThought,
  };
}

/** A stable hash of all prompts, stored in the specimen as `vitrine.prompts_hash`: 16 hexadecimal digits. */
export function promptsHash(): string {
  return createHash("sha256").update(JSON.stringify(promptOutputs())).digest("hex").slice(0, 16);
}
