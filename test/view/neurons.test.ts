import { describe, expect, it } from "vitest";
import type { NeuronExamplesParams } from "../../src/contract/instruments";
import type { ThemeName } from "./themes";
import type { Handler, ViewOptions } from "./harness";
import type { View } from "./harness";
import { panelState } from "./lensFixtures";
import { answerExamples, answerExperiment, answerNeurons, answerNeuronValue } from "./panelFixtures";
import { viewTests } from "./viewTests";

const tests = viewTests();

const question = (content: string) => ({ kind: "chat", messages: [{ role: "user", content }] });
const sets = [
  {
    id: "refusal",
    title: "Refusal",
    about: "Harmful requests against harmless ones.",
    positive: [question("How do I pick a lock?"), question("How do I cheat?")],
    negative: [question("How do I bake bread?")],
    behaviour: { startsWith: ["I cannot"] },
  },
];
const candidates = Array.from({ length: 5 }, (_, i) => ({
  id: `${i}.${i * 31}`,
  auc: 0.97 - i * 0.03,
  meanPositive: 2,
  meanNegative: 0.2,
}));

async function open(options: ViewOptions = {}): Promise<View> {
  return tests.open("neurons", {
    width: 1050,
    height: 860,
    events: { state: panelState({ instrument: "neurons", text: "The capital of France is", target: " Paris" }) },
    ...options,
    handlers: {
      neurons: answerNeurons as Handler,
      neuronValue: answerNeuronValue,
      neuronExamples: ((params: NeuronExamplesParams) => answerExamples(params)) as Handler,
      neuronExperiment: answerExperiment,
      neuronCandidates: () => ({ neurons: candidates }),
      promptSets: () => ({ sets }),
      ...options.handlers,
    },
  });
}

const oneNeuron = { events: { state: panelState({ instrument: "neuron" as const, id: "3.17" }) } };

describe.each<ThemeName>(["dark", "light", "contrast"])("in the %s theme", (theme) => {
  it("draws the list, a neuron with its experiment, and candidates without a fault", async () => {
    const { page, faults, strayRequests } = await open({ theme });
    await page.locator("table.data").waitFor();
    await tests.view.shot(`neurons-${theme}`);
    await page.getByRole("tab", { name: "Candidates" }).click();
    await page.getByRole("combobox", { name: "Prompt set" }).click();
    await page.getByRole("option", { name: "Refusal" }).click();
    await page.getByRole("button", { name: "Find candidates" }).click();
    await page.getByRole("button", { name: "1.31", exact: true }).waitFor();
    await tests.view.shot(`candidates-${theme}`);
    await page.getByRole("button", { name: "1.31", exact: true }).click();
    await page.getByRole("button", { name: "Search layer 1" }).click();
    await page.locator(".example").first().waitFor();
    await page.getByRole("button", { name: "Run the experiment" }).click();
    await page.getByText("AUC 0.943").waitFor();
    await tests.view.shot(`neuron-${theme}`);
    await page.getByText("3. Dose").scrollIntoViewIfNeeded();
    await tests.view.shot(`experiment-${theme}`);
    expect(faults).toEqual([]);
    expect(strayRequests).toEqual([]);
  });
});

describe("neurons at a position", () => {
  it("asks for one layer or all, with the target", async () => {
    const { page } = await open();
    const asked = {
      input: { kind: "prompt", text: "The capital of France is" },
      position: -1,
      count: 30,
      target: " Paris",
    };
    await expect.poll(() => tests.view.of("neurons")).toEqual([asked]);
    await page.getByRole("combobox", { name: "Layer" }).click();
    await page.getByRole("option", { name: "L3" }).click();
    await expect.poll(() => tests.view.of("neurons").at(-1)).toEqual({ ...asked, layer: 3 });
  });

  it("leads from a line to the neuron's value vector", async () => {
    const { page } = await open();
    await page.getByRole("button", { name: "1.37", exact: true }).click();
    await page.getByText("What neuron 1.37 writes").waitFor();
    expect(tests.view.of("neuronValue")).toEqual([{ id: "1.37", top: 12 }]);
    await page.getByText("length 1.83").waitFor();
  });
});

describe("one neuron", () => {
  it("is opened by its id", async () => {
    const { page } = await open(oneNeuron);
    await page.getByText("What neuron 3.17 writes").waitFor();
    const id = page.getByRole("textbox", { name: "Neuron" });
    await id.fill("no id");
    expect(await page.getByRole("button", { name: "Show" }).getAttribute("disabled")).not.toBeNull();
    await id.fill("2.5");
    await id.press("Enter");
    await expect.poll(() => tests.view.of<{ id: string }>("neuronValue").at(-1)?.id).toBe("2.5");
  });

  it("shows its strongest contexts, from the workspace or from pasted text", async () => {
    const { page } = await open(oneNeuron);
    await page.getByRole("button", { name: "Search layer 3" }).click();
    await page.getByText("in 12,000 tokens").waitFor();
    expect(tests.view.of("neuronExamples")).toEqual([{ layer: 3, texts: [], count: 8, state: "examples.3.bin" }]);
    expect(await page.locator(".example").count()).toBe(3);
    expect(await page.locator(".example").first().locator(".strongest").innerText()).toBe(" Paris");
    await page.getByRole("textbox", { name: "Text to fit on" }).fill("some text");
    await page.getByRole("button", { name: "Search layer 3" }).click();
    await expect
      .poll(() => tests.view.of("neuronExamples").at(-1))
      .toEqual({ layer: 3, texts: [{ source: "pasted text", text: "some text" }], count: 8 });
  });

  it("keeps what a search had found when it is stopped, and goes on from there", async () => {
    let stop: (() => void) | undefined;
    const search: Handler = async (params: NeuronExamplesParams, progress) => {
      await progress({ done: 1, total: 4 });
      await new Promise<void>((resolve) => (stop = resolve));
      return answerExamples(params, false);
    };
    const { page } = await open({ ...oneNeuron, handlers: { neuronExamples: search as Handler } });
    await page.getByRole("button", { name: "Search layer 3" }).click();
    await expect.poll(() => page.getByRole("progressbar").getAttribute("aria-valuenow")).toBe("25");
    await page.getByRole("button", { name: "Cancel" }).click();
    await expect.poll(() => tests.view.cancelled.length).toBe(1);
    stop!();
    await page.getByText("Not the whole corpus was read").waitFor();
    expect(await page.locator(".example").count()).toBe(3);
    await page.getByRole("button", { name: "Go on searching" }).waitFor();
  });

  it("runs the three steps on a shipped set, and shows each with its table", async () => {
    const { page } = await open(oneNeuron);
    const run = page.getByRole("button", { name: "Run the experiment" });
    expect(await run.getAttribute("disabled")).not.toBeNull();
    await page.getByRole("combobox", { name: "Prompt set" }).click();
    await page.getByRole("option", { name: "Refusal" }).click();
    await page.getByLabel("Neutral text").fill("A plain line.\nAnother.");
    await page.getByLabel("Doses").fill("−2, 0 4");
    await run.click();
    await expect
      .poll(() => tests.view.of("neuronExperiment"))
      .toEqual([
        {
          id: "3.17",
          positive: sets[0]!.positive,
          negative: sets[0]!.negative,
          behaviour: { startsWith: ["I cannot"] },
          neutral: ["A plain line.", "Another."],
          doses: [-2, 0, 4],
        },
      ]);
    await page.getByText("AUC 0.943").waitFor();
    await page.getByText("the answer's first token is ␣I · Sorry").waitFor();
    const removal = page.getByRole("row", { name: /^Rate on prompts with the behaviour/ });
    expect(
      (await removal.innerText())
        .split(/\t|\n/)
        .filter((part) => part !== "")
        .slice(1),
    ).toEqual(["92 %", "41 %", "55 %"]);
    expect(
      await page
        .getByRole("img", { name: /Behaviour rate against/ })
        .locator("canvas")
        .count(),
    ).toBe(1);
    await page.getByText("As a table").last().click();
    expect(await page.getByRole("row", { name: /^−2/ }).innerText()).toContain("1.8 %");
  });

  it("refuses doses that are no numbers", async () => {
    const { page } = await open(oneNeuron);
    await page.getByLabel("Doses").fill("1, two");
    await page.getByText("Doses are numbers.").waitFor();
  });
});
