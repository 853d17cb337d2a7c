import type { JsonSchema } from "../../contract/json";
import { fail } from "../../contract/errors";
import type { ToolOutput } from "../../contract/tool";
import { cleanText } from "../tools/output";
import { textArgument, type PreparedCall, type Tool, type ToolArguments } from "../tools/tool";
import type { BrowserAction, ElementInfo } from "./browser";
import { irreversible } from "./danger";
import { lookText } from "./observation";
import type { Operator } from "./operator";

const text = (description: string): JsonSchema => ({ type: "string", description });
const ref = text("reference in the page, such as e12");
const expect = text("what the page will show then");

/** The browser as tools of the agent. What a call does is bound to the very element that was approved. */
export function browserTools(operator: Operator): Tool[] {
  const tool = (
    name: string,
    description: string,
    properties: Record<string, JsonSchema>,
    required: string[],
    read: (args: ToolArguments) => BrowserAction,
  ): Tool => ({
    name,
    description,
    parameters: { type: "object", properties, required },
    source: "builtin",
    effects: ["network", "irreversible"],
    prepare: (args, { signal }) => prepare(operator, read(args), textArgument(args, "expect") || undefined, signal),
  });
  const at = (args: ToolArguments): string => textArgument(args, "ref");
  return [
    tool("browser_open", "Open a page in the browser.", { url: text("address"), expect }, ["url"], (args) => ({
      kind: "open",
      url: textArgument(args, "url"),
    })),
    tool("browser_look", "See the open page.", {}, [], () => ({ kind: "look" })),
    tool("browser_click", "Click an element of the page.", { ref, expect }, ["ref"], (args) => ({
      kind: "click",
      ref: at(args),
    })),
    tool(
      "browser_type",
      "Type into a field of the page.",
      { ref, text: text("what to type"), submit: { type: "boolean", description: "press Enter after it" }, expect },
      ["ref", "text"],
      (args) => ({ kind: "type", ref: at(args), text: textArgument(args, "text"), submit: args["submit"] === true }),
    ),
    tool(
      "browser_select",
      "Choose an option of a list in the page.",
      { ref, value: text("the option's text"), expect },
      ["ref", "value"],
      (args) => ({ kind: "select", ref: at(args), value: textArgument(args, "value") }),
    ),
    tool(
      "browser_scroll",
      "Scroll the page.",
      { direction: { type: "string", enum: ["up", "down"] }, ref },
      ["direction"],
      (args) => ({
        kind: "scroll",
        direction: textArgument(args, "direction") === "up" ? "up" : "down",
        ...(at(args) ? { ref: at(args) } : {}),
      }),
    ),
    tool("browser_back", "Go back to the page before.", { expect }, [], () => ({ kind: "back" })),
    tool(
      "browser_wait",
      "Wait until the page shows a text.",
      { text: text("text to wait for"), seconds: { type: "integer", minimum: 1, maximum: 30 } },
      [],
      (args) => ({
        kind: "wait",
        seconds: typeof args["seconds"] === "number" ? args["seconds"] : 5,
        ...(textArgument(args, "text") ? { text: textArgument(args, "text") } : {}),
      }),
    ),
    tool("browser_download", "Download what a link of the page leads to.", { ref }, ["ref"], (args) => ({
      kind: "download",
      ref: at(args),
    })),
    tool(
      "browser_dialog",
      "Answer a dialog of the page.",
      { accept: { type: "boolean" }, text: text("what to enter"), expect },
      ["accept"],
      (args) => ({
        kind: "dialog",
        accept: args["accept"] === true,
        ...(textArgument(args, "text") ? { text: textArgument(args, "text") } : {}),
      }),
    ),
    tool(
      "browser_tab",
      "Go to another tab, or close it.",
      { number: { type: "integer", minimum: 1, maximum: 20 }, close: { type: "boolean" } },
      ["number"],
      (args) => ({
        kind: "tab",
        number: typeof args["number"] === "number" ? args["number"] : 1,
        close: args["close"] === true,
      }),
    ),
  ];
}

/** Checks an action, reads from the page what it is done to, and says what a person would approve. */
async function prepare(
  operator: Operator,
  action: BrowserAction,
  expected: string | undefined,
  signal: AbortSignal,
): Promise<PreparedCall> {
  if (action.kind === "open") return opening(operator, action, expected, signal);
  const look = operator.lastLook();
  const element = "ref" in action && action.ref !== undefined ? await operator.describe(action.ref) : undefined;
  if (element?.frame !== undefined && action.kind !== "scroll") {
    const refused = operator.sites.refusal(element.frame);
    if (refused !== undefined) {
      fail("notAllowed", `This element is in a frame of another site: ${refused}.`, {
        remedy: `Open ${element.frame} itself.`,
      });
    }
  }
  if (action.kind === "type" && element && !element.editable) fail("badArgument", `${named(element)} takes no text.`);
  const words = wordsOf(action, element, look.dialog?.message);
  const danger = irreversible(action, element);
  const secret = action.kind === "type" && element?.password ? "It types into a field for passwords." : undefined;
  const saving = action.kind === "download" ? "It saves a file from the page on this machine." : undefined;
  const mustAsk = danger ?? secret ?? saving;
  const url = URL.canParse(look.url) ? new URL(look.url) : undefined;
  const only = action.kind === "look" || action.kind === "wait" || action.kind === "scroll";
  return {
    effects: danger ? ["network", "irreversible"] : saving ? ["network", "write"] : ["network"],
    target: mustAsk
      ? { kind: "text", text: `${look.url}\n${words}${element?.form ? `\n${element.form.action}` : ""}` }
      : { kind: "url", url: look.url, host: url?.host ?? "" },
    summary: `In the browser, on ${url?.host ?? "a page"}: ${words}`,
    ...(mustAsk === undefined ? {} : { mustAsk }),
    // The site was allowed when it was opened; looking and moving on it asks nothing more.
    ...(mustAsk === undefined && (only || (url !== undefined && operator.sites.listed(url))) ? { allowed: true } : {}),
    reversal: danger || saving ? "no" : "none",
    act: async () => {
      if (element && "ref" in action && action.ref !== undefined) {
        const now = await operator.describe(action.ref);
        if (JSON.stringify(now) !== JSON.stringify(element)) {
          fail("notAllowed", "The page changed between the question and the answer; nothing was done.", {
            remedy: "Look at the page again.",
          });
        }
      }
      return output(await operator.act(action, words, expected, signal));
    },
  };
}

function opening(
  operator: Operator,
  action: BrowserAction & { kind: "open" },
  expected: string | undefined,
  signal: AbortSignal,
): Promise<PreparedCall> {
  const url = operator.sites.parse(action.url);
  const words = `open ${url.href}`;
  return Promise.resolve({
    effects: ["network"],
    target: { kind: "url", url: url.href, host: url.host },
    summary: `In the browser: open ${url.href} (host ${url.host})`,
    ...(operator.sites.listed(url) ? { allowed: true } : {}),
    reversal: "none",
    act: async () => {
      operator.sites.allow(url);
      return output(await operator.act({ kind: "open", url: url.href }, words, expected, signal));
    },
  });
}

function output({ look, happened, surprise }: Awaited<ReturnType<Operator["act"]>>): ToolOutput {
  const parts = [
    ...(surprise === undefined ? happened.events : [`Unexpected: ${surprise}`]),
    ...(happened.saved ? [`Saved as ${happened.saved.path} (${happened.saved.bytes} bytes).`] : []),
    lookText(look),
  ];
  return {
    text: cleanText(parts.join("\n")),
    taint: "page",
    ...(happened.saved ? { written: [happened.saved.path] } : {}),
    ...(surprise === undefined ? {} : { surprise }),
  };
}

function named({ role, tag, name }: ElementInfo): string {
  return `${role || tag} ${JSON.stringify(cleanText(name).replace(/\s+/g, " ").slice(0, 80))}`;
}

function wordsOf(action: BrowserAction, element: ElementInfo | undefined, dialog: string | undefined): string {
  const what = element ? named(element) : "";
  switch (action.kind) {
    case "open":
      return `open ${action.url}`;
    case "look":
      return "look at the page";
    case "click":
      return `click ${what}${element?.href ? ` (to ${element.href})` : ""}`;
    case "type":
      return `type ${element?.password ? "a password" : JSON.stringify(action.text.slice(0, 200))} into ${what}${action.submit ? " and press Enter" : ""}`;
    case "select":
      return `choose ${JSON.stringify(action.value.slice(0, 80))} in ${what}`;
    case "scroll":
      return `scroll ${action.direction}`;
    case "back":
      return "go back";
    case "wait":
      return action.text ? `wait for ${JSON.stringify(action.text.slice(0, 80))}` : `wait ${action.seconds} s`;
    case "download":
      return `download ${what}`;
    case "dialog":
      return `answer ${action.accept ? "yes" : "no"} to ${JSON.stringify((dialog ?? "no dialog").slice(0, 200))}`;
    case "tab":
      return `${action.close ? "close" : "go to"} tab ${action.number}`;
  }
}
