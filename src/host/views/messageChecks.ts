import type { ChatMessage, ToolSpec } from "../../contract/chat";
import type { ChatViewMethods } from "../../contract/chatView";
import type { JsonSchema } from "../../contract/json";
import type { ParamsOf } from "../../contract/method";
import { allSites } from "../../contract/sites";
import type { Input } from "../../contract/verbs";
import type { Corpus } from "../../contract/actingView";
import type { InstrumentViewMethods } from "../../contract/instrumentView";
import type { CommonViewMethods, InstrumentRequest } from "../../contract/view";
import {
  array,
  boolean,
  either,
  floats,
  integer,
  integers,
  kinds,
  nothing,
  number,
  object,
  oneOf,
  optional,
  string,
  wrong,
  type Check,
} from "./checks";

/**
 * What a webview's message may hold, method by method. This is the one place where a message of a view becomes a value
 * of ours; whatever is not written here does not get through. Interventions are never taken from a view: the host adds
 * those that a person switched on.
 */
export type Checks<M> = { [K in keyof M]: Check<ParamsOf<M, K>> };

const tokenId = integer(0, 1 << 24);
const layer = integer(0, 4095);
const position = integer(-(1 << 24), 1 << 24);
const top = integer(0, 200);
const count = integer(1, 10_000);
const neuronId: Check<string> = (value, place) => {
  const id = string(40)(value, place);
  return /^\d{1,5}\.\d{1,7}(\.\d{1,7})?$/.test(id) ? id : wrong(place, "a neuron's id, as 3.120");
};

const message: Check<ChatMessage> = object({
  role: oneOf("system", "user", "assistant", "tool"),
  content: string(),
  thought: optional(string()),
  name: optional(string(200)),
});

const tool: Check<ToolSpec> = object({
  name: string(200),
  description: string(10_000),
  parameters: plainObject as Check<JsonSchema>,
});

function plainObject(value: unknown, place: string): object {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? value : wrong(place, "an object");
}

export const input: Check<Input> = kinds<Input>({
  prompt: object({ kind: oneOf("prompt"), text: string(4_000_000) }),
  chat: object({
    kind: oneOf("chat"),
    messages: array(message, 10_000),
    tools: optional(array(tool, 1000)),
    prefill: optional(string()),
  }),
  tokens: object({ kind: oneOf("tokens"), ids: array(tokenId, 1 << 20) }),
});

const site = oneOf(...allSites);

export const behaviour = object({
  startsWith: optional(array(string(1000), 100)),
  contains: optional(array(string(1000), 100)),
  firstToken: optional(array(string(1000), 100)),
});

const aboutFact = {
  prompt: string(100_000),
  subject: string(10_000),
  from: string(10_000),
  to: string(10_000),
  paraphrases: optional(array(string(100_000), 1000)),
  neighbours: optional(array(object({ prompt: string(100_000), answer: string(10_000) }), 1000)),
  chat: optional(boolean),
};
const fact = object(aboutFact);

/** The name of a file of ours, without a folder; the host says where it lies. */
const ownName = string(200);

export const requestCheck: Check<InstrumentRequest> = object({
  instrument: oneOf(
    "lens",
    "layers",
    "attribution",
    "neurons",
    "neuron",
    "attention",
    "embedding",
    "patching",
    "features",
    "edits",
  ),
  tokens: optional(array(tokenId, 1 << 20)),
  text: optional(string(4_000_000)),
  position: optional(position),
  target: optional(string(1000)),
  layer: optional(layer),
  head: optional(layer),
  id: optional(neuronId),
  name: optional(ownName),
  title: optional(string(200)),
});

export const commonChecks: Checks<CommonViewMethods> = {
  info: nothing,
  tokenize: object({ text: string(4_000_000), special: optional(boolean) }),
  render: object({ input, think: optional(oneOf("off", "auto")) }),
  unembed: object({
    vectors: floats(1 << 26),
    count: integer(0, 1 << 20),
    norm: boolean,
    raw: optional(boolean),
    top,
    bottom: optional(top),
    targets: optional(array(tokenId, 10_000)),
    reference: optional(integers(1 << 20)),
  }),
  lens: object({
    input,
    sites: array(site, 20),
    top,
    target: optional(string(1000)),
    tuned: optional(ownName),
  }),
  tunedLensFit: object({ texts: array(string(4_000_000), 10_000), ridge: number(0, 1000), out: ownName }),
  layers: object({ input, position, top }),
  attribution: object({ input, position, target: string(1000), foil: optional(string(1000)) }),
  neurons: object({ input, layer: optional(layer), position, target: optional(string(1000)), count }),
  neuronValue: object({ id: neuronId, top }),
  neuronExamples: object({
    layer,
    texts: array(object({ source: string(4000), text: string(4_000_000) }), 10_000),
    count: integer(1, 100),
    state: optional(ownName),
  }),
  neuronExperiment: object({
    id: neuronId,
    positive: array(input, 10_000),
    negative: array(input, 10_000),
    behaviour: optional(behaviour),
    neutral: optional(array(string(), 10_000)),
    doses: optional(array(number(), 200)),
  }),
  neuronCandidates: object({ positive: array(input, 10_000), negative: array(input, 10_000), count }),
  attention: object({ input, layer, head: optional(layer) }),
  embedding: object({ token: optional(string(1000)), expression: optional(string(4000)), count }),
  embeddingMap: object({ texts: array(string(1000), 10_000), table: oneOf("input", "output") }),
  surprisal: object({ text: string(4_000_000), top: optional(top), from: optional(integer(0)) }),
  promptSets: nothing,
  directionInfo: object({ file: ownName }),
  patch: object({
    clean: input,
    corrupt: input,
    target: string(1000),
    foil: string(1000),
    site,
    heads: optional(boolean),
    layers: optional(array(layer, 4096)),
    positions: optional(array(position, 100_000)),
  }),
  trace: object({
    input,
    subject: string(10_000),
    target: string(1000),
    site: optional(site),
    noise: optional(number(0, 1000)),
    samples: optional(integer(1, 1000)),
    window: optional(integer(1, 4096)),
    seed: optional(integer(0)),
  }),
  patchscope: object({
    input,
    position,
    layer: optional(layer),
    into: optional(input),
    at: optional(position),
    intoLayer: optional(layer),
    max: optional(integer(1, 10_000)),
  }),
  featuresInfo: object({ folder: ownName }),
  featuresList: object({
    folder: ownName,
    search: optional(string(1000)),
    from: optional(integer(0)),
    count: optional(count),
  }),
  featureShow: object({ folder: ownName, feature: integer(0) }),
  featureProposeLabel: object({ folder: ownName, feature: integer(0) }),
  featuresOfTokens: object({ folder: ownName, input, count }),
  editInfo: object({ file: ownName }),
  editLocate: fact,
  editPropose: fact,
  openInstrument: requestCheck,
  copy: object({ text: string(50_000_000) }),
  save: object({ name: string(200), data: string(200_000_000), base64: optional(boolean) }),
  openExternal: object({ url: string(4000) }),
  openDocs: object({ topic: string(200) }),
  log: object({ level: oneOf("info", "warn", "error"), message: string(10_000) }),
};

const corpus: Check<Corpus> = kinds<Corpus>({
  workspace: object({ kind: oneOf("workspace") }),
  folder: object({ kind: oneOf("folder"), id: string(64), title: string(400) }),
  text: object({ kind: oneOf("text"), text: string(4_000_000) }),
});
const feature = integer(0, 1 << 24);

export const instrumentChecks: Checks<InstrumentViewMethods> = {
  ...commonChecks,
  pickCorpus: nothing,
  featureFolders: nothing,
  importFeatures: nothing,
  trainFeatures: object({
    name: ownName,
    corpus,
    site,
    layer,
    kind: oneOf("l1", "topk", "jumprelu"),
    features: integer(1, 1 << 20),
    lambda: optional(number(0)),
    k: optional(integer(1, 1 << 20)),
    rows: optional(integer(1)),
    batch: optional(integer(1, 1 << 16)),
    learningRate: optional(number(0)),
    seed: optional(integer(0)),
    fresh: optional(boolean),
  }),
  evaluateFeatures: object({ folder: ownName, corpus }),
  browseFeatures: object({ folder: ownName, corpus, count: integer(1, 50) }),
  labelFeature: object({ folder: ownName, feature, label: string(1000) }),
  exportFeatures: object({ folder: ownName }),
  useFeature: object({
    folder: ownName,
    feature,
    mode: oneOf("steer", "clamp", "ablate"),
    value: optional(number(-1e6, 1e6)),
    where: optional(oneOf("all", "prompt", "generated", "lastPrompt")),
  }),
  editFiles: nothing,
  makeEdit: object({
    ...aboutFact,
    name: ownName,
    method: oneOf("neurons", "rank-one"),
    layer: optional(layer),
    donors: optional(array(string(1000), 1000)),
    seed: optional(integer(0)),
  }),
  testEdit: object({ name: ownName, facts: array(fact, 1000) }),
  switchEdit: object({ name: ownName, on: boolean }),
  deleteEdit: object({ name: ownName }),
};

const node = string(64);
const conversation = string(64);

export const chatChecks: Checks<ChatViewMethods> = {
  ...commonChecks,
  send: object({ text: string(4_000_000), attached: optional(array(string(64), 50)) }),
  suggest: object({ query: string(200) }),
  attach: object({
    item: object({
      kind: oneOf("file", "selection", "symbol"),
      label: string(1000),
      uri: string(10_000),
      line: optional(integer(0)),
      detail: optional(string(1000)),
    }),
  }),
  pickFile: nothing,
  stop: nothing,
  regenerate: object({ node }),
  edit: object({ node, text: string(4_000_000) }),
  branch: object({ node, token: integer(0), choice: tokenId }),
  select: object({ node }),
  approve: object({ request: string(64), verdict: oneOf("once", "run", "always", "deny"), reason: string(2_000) }),
  steer: object({ text: string(100_000) }),
  undoRun: object({ node }),
  resumeRun: object({ node }),
  openTrace: object({ node, step: optional(integer(0, 1 << 30)) }),
  runPlace: object({
    node,
    token: integer(0, 1 << 24),
    instrument: oneOf("lens", "layers", "attribution", "neurons", "neuron", "attention", "embedding"),
  }),
  rate: object({ node, rating: oneOf("up", "down", null) }),
  newConversation: nothing,
  openConversation: object({ id: conversation }),
  deleteConversation: object({ id: conversation }),
  renameConversation: object({ id: conversation, title: string(1000) }),
  chooseModel: nothing,
  restartEngine: nothing,
  setOptions: object({
    mode: optional(oneOf("chat", "agent", "plan")),
    confidence: optional(boolean),
    liveLens: optional(boolean),
    think: optional(either(oneOf("off", "auto"), integer(0, 1 << 20))),
    temperature: optional(number(0, 5)),
    system: optional(string(100_000)),
  }),
};
