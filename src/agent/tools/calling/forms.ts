/**
 * How a model writes a call. `before` + name + `between` + arguments + `after`, all literal. A model whose template has
 * no form of its own gets the general one in its system prompt, which is Hermes' too: models have read it most.
 */
export interface CallForm {
  id: "hermes" | "llama" | "mistral" | "general";
  /** What opens a call within text; what comes before it is for the user. */
  open: string;
  before: string;
  between: string;
  after: string;
  /** The template prints tools and results itself. */
  native: boolean;
  /** A call may follow words. */
  afterWords: boolean;
  /** The key of the arguments, and whether several calls stand in one list. */
  key: "arguments" | "parameters";
  list: boolean;
  /** What closes the call for a parser; empty where the reply's end does. */
  close: string;
}

const hermes: CallForm = {
  id: "hermes",
  open: "<tool_call>",
  before: '\n{"name": ',
  between: ', "arguments": ',
  after: "}\n</tool_call>",
  native: true,
  afterWords: true,
  key: "arguments",
  list: false,
  close: "</tool_call>",
};

export const callForms: Record<CallForm["id"], CallForm> = {
  hermes,
  general: { ...hermes, id: "general", native: false },
  llama: {
    id: "llama",
    open: "",
    before: '{"name": ',
    between: ', "parameters": ',
    after: "}",
    native: true,
    afterWords: false,
    key: "parameters",
    list: false,
    close: "",
  },
  mistral: {
    id: "mistral",
    open: "[TOOL_CALLS]",
    before: '[{"name": ',
    between: ', "arguments": ',
    after: "}]",
    native: true,
    afterWords: true,
    key: "arguments",
    list: true,
    close: "",
  },
};

/** The form that a chat template (Jinja source) teaches its model. */
export function formOfTemplate(template: string): CallForm {
  const takesTools = /\btools\b/.test(template);
  if (takesTools && template.includes("<tool_call>")) return callForms.hermes;
  if (takesTools && template.includes("[TOOL_CALLS]")) return callForms.mistral;
  if (takesTools && /"parameters": /.test(template) && /ipython|python_tag/.test(template)) return callForms.llama;
  return callForms.general;
}
