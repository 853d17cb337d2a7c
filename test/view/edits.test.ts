import type { Browser } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { ThemeName } from "./themes";
import type { Handler, ViewOptions } from "./harness";
import type { EditFile } from "../../src/contract/actingView";
import { answerTest, editInfo, located, made } from "./actingFixtures";
import { faultsOf } from "./axe";
import { HostError, openBrowser, View } from "./harness";
import { panelState } from "./lensFixtures";

let browser: Browser;
let view: View | undefined;
let files: EditFile[];

beforeAll(async () => {
  browser = await openBrowser();
});
afterAll(() => browser.close());
afterEach(async () => {
  await view?.close();
  view = undefined;
});

async function open(options: ViewOptions = {}): Promise<View> {
  files = [];
  view = await View.open(browser, "edits", {
    width: 1050,
    height: 1100,
    events: { state: panelState() },
    ...options,
    handlers: {
      editFiles: () => ({ edits: files }),
      editLocate: () => located,
      editPropose: () => ({
        paraphrases: ["Name the capital of France."],
        neighbours: [
          { prompt: "What is the capital of Italy?", answer: "Rome." },
          { prompt: "What is the capital of Spain?", answer: "Madrid." },
        ],
      }),
      makeEdit: () => {
        files = [{ name: made.name, on: false, info: editInfo }];
        return made;
      },
      testEdit: answerTest as Handler,
      switchEdit: ({ on }: { on: boolean }) => {
        files = files.map((file) => ({ ...file, on }));
        return null;
      },
      deleteEdit: () => ({ deleted: false }),
      ...options.handlers,
    },
  });
  await view.page
    .getByRole("heading", { name: "Edit a fact" })
    .or(view.page.getByRole("heading", { name: "编辑一个事实" }))
    .waitFor();
  return view;
}

async function filled(options: ViewOptions = {}): Promise<View> {
  const opened = await open(options);
  const { page } = opened;
  await page.getByLabel("Prompt", { exact: true }).fill("What is the capital of France?");
  await page.getByLabel("Subject").fill("France");
  await page.getByLabel("Old answer").fill("Paris");
  await page.getByLabel("New answer").fill("Rome");
  return opened;
}

describe.each<ThemeName>(["dark", "light"])("in the %s theme", (theme) => {
  it("locates, makes, tests and switches on without a fault", async () => {
    const { page, faults } = await filled({ theme });
    await page.getByRole("button", { name: "Propose tests" }).click();
    await page.getByLabel("Neighbour 2: answer").waitFor();
    await page.getByRole("button", { name: "Locate" }).click();
    await page.getByRole("button", { name: "5.120" }).waitFor();
    await page.getByRole("button", { name: "Make the edit" }).click();
    await page.getByRole("heading", { name: "The new answer comes" }).waitFor();
    await page.getByText("The edit broke neighbouring facts.").waitFor();
    await page.getByRole("button", { name: "Switch on" }).click();
    await page.getByText("On: the next answer shows it.").waitFor();
    await view!.shot(`edits-${theme}`);
    expect(view!.of("makeEdit")).toEqual([
      {
        prompt: "What is the capital of France?",
        subject: "France",
        from: "Paris",
        to: "Rome",
        paraphrases: ["Name the capital of France."],
        neighbours: [
          { prompt: "What is the capital of Italy?", answer: "Rome." },
          { prompt: "What is the capital of Spain?", answer: "Madrid." },
        ],
        chat: true,
        name: "France-Rome-rank-one",
        method: "rank-one",
      },
    ]);
    expect(view!.of("switchEdit")).toEqual([{ name: made.name, on: true }]);
    expect(faults).toEqual([]);
    expect(await faultsOf(page)).toEqual([]);
  });
});

describe("edits", () => {
  it("says what is missing, and makes nothing of a subject that is not in the prompt", async () => {
    const { page } = await filled();
    await page.getByLabel("Subject").fill("Italy");
    await page.getByText("The subject must occur in the prompt.").waitFor();
    await page.getByRole("button", { name: "Make the edit" }).click({ force: true });
    await page.getByLabel("Subject").fill("France");
    await page.getByLabel("New answer").fill("Paris");
    await page.getByText("The old and the new answer are the same.").waitFor();
    expect(view!.of("makeEdit")).toEqual([]);
  });

  it("leaves a switch off where an edit of another model is refused", async () => {
    const { page } = await filled({
      handlers: {
        switchEdit: () => {
          throw new HostError({
            code: "wrongModel",
            message: "It was made for another model.",
            remedy: "Make the edit again on this model.",
          });
        },
      },
    });
    await page.getByRole("button", { name: "Make the edit" }).click();
    await page.getByRole("button", { name: "Switch on" }).click();
    await page.getByRole("alert").getByText("Make the edit again on this model.").waitFor();
    await page.getByText("Off: the model answers as it is.").waitFor();
  });

  it("shows a file that cannot be read with its reason, and no switch to turn", async () => {
    const { page } = await open({
      width: 420,
      handlers: {
        editFiles: () => ({
          edits: [{ name: "bad.gguf", on: false, error: { code: "notGguf", message: "It is cut short." } }],
        }),
      },
    });
    await page.getByText("It is cut short.").waitFor();
    expect(await page.getByRole("checkbox", { name: "Switch bad.gguf" }).getAttribute("aria-disabled")).toBe("true");
    await view!.shot("edits-narrow");
  });
});
