import type { Browser } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import type { AttachItem } from "../../src/contract/chatView";
import type { ThemeName } from "./themes";
import type { Handler, ViewOptions } from "./harness";
import { chatState, conversation, node } from "./fixtures";
import { HostError, openBrowser, View } from "./harness";
import { hostile } from "./traceFixtures";

let browser: Browser;
let view: View | undefined;
beforeAll(async () => {
  browser = await openBrowser();
});
afterAll(() => browser.close());
afterEach(async () => {
  await view?.close();
  view = undefined;
});

const files: AttachItem[] = [
  { kind: "file", label: "notes/hours.csv", uri: "file:///w/notes/hours.csv" },
  { kind: "symbol", label: "sumHours", uri: "file:///w/src/hours.ts", line: 3, detail: "function · src/hours.ts" },
];

async function open(options: ViewOptions = {}): Promise<View> {
  const suggest: Handler = ({ query }: { query: string }) => ({
    items: files.filter(({ label }) => label.toLowerCase().includes(query)),
  });
  const attach: Handler = ({ item }: { item: AttachItem }) => ({
    id: `id-${item.label}`,
    label: item.label,
    kind: item.kind,
    chars: 900,
    leftOut: item.kind === "file" ? 200 : 0,
  });
  view = await View.open(browser, "chat", {
    width: 340,
    events: { state: chatState() },
    ...options,
    handlers: { suggest, attach, send: () => null, pickFile: () => null, ...options.handlers },
  });
  return view;
}

it.each<ThemeName>(["dark", "light", "contrast"])(
  "what is typed after # is offered and becomes a chip (%s)",
  async (theme) => {
    const { page, faults } = await open({ theme });
    const box = page.locator(".composer textarea");
    await box.pressSequentially("Sum up #hou");
    await page.getByRole("option", { name: /notes\/hours\.csv/ }).waitFor();
    await view!.shot(`attach-list-${theme}`);
    await box.press("ArrowDown");
    await box.press("Enter");
    await page.getByRole("button", { name: "Take off sumHours" }).waitFor();
    expect(await box.inputValue()).toBe("Sum up ");
    await box.pressSequentially("#hours.csv");
    await page.getByRole("option", { name: /notes\/hours\.csv/ }).waitFor();
    await box.press("Tab");
    await page.getByText("200 characters cut").waitFor();
    await view!.shot(`attach-chips-${theme}`);
    await page.getByRole("button", { name: "Take off sumHours" }).click();
    await box.press("End");
    await box.pressSequentially("now");
    await box.press("Enter");
    await expect.poll(() => view!.of("send")).toEqual([{ text: "Sum up now", attached: ["id-notes/hours.csv"] }]);
    await expect.poll(() => page.locator(".attachChip").count()).toBe(0);
    expect(faults).toEqual([]);
  },
);

it("Escape closes the list and leaves the word; a # within a word opens none", async () => {
  const { page } = await open();
  const box = page.locator(".composer textarea");
  await box.pressSequentially("C#");
  await box.pressSequentially(" #hou");
  await page.getByRole("listbox", { name: "Attach" }).waitFor();
  expect(view!.of<{ query: string }>("suggest").every(({ query }) => "hou".startsWith(query))).toBe(true);
  await box.press("Escape");
  await page.getByRole("listbox", { name: "Attach" }).waitFor({ state: "detached" });
  expect(await box.inputValue()).toBe("C# #hou");
});

it("a file that is dropped is attached, and what cannot be is said", async () => {
  const attach: Handler = ({ item }: { item: AttachItem }) => {
    if (item.uri.includes("passwd"))
      throw new HostError({ code: "notAllowed", message: "Only files of the workspace are attached by name." });
    return { id: "x", label: "notes/hours.csv", kind: "file", chars: 3, leftOut: 0 };
  };
  const { page } = await open({ handlers: { attach } });
  const drop = (uri: string) =>
    page.evaluate((address) => {
      const dataTransfer = new DataTransfer();
      dataTransfer.setData("application/vnd.code.uri-list", address);
      const box = document.querySelector(".composerBox")!;
      for (const name of ["dragover", "drop"])
        box.dispatchEvent(new DragEvent(name, { dataTransfer, bubbles: true, cancelable: true }));
    }, uri);
  await drop("file:///w/notes/hours.csv");
  await page.locator(".attachChip").waitFor();
  await drop("file:///etc/passwd");
  await page.getByText("Only files of the workspace").waitFor();
  expect(await page.locator(".attachChip").count()).toBe(1);
});

it("what went with a message can be read there, as text", async () => {
  const asked = node("q1", null, "user", "Sum up", {
    attachments: [{ label: "notes/hours.csv", text: hostile, leftOut: 40 }],
  });
  const { page, strayRequests } = await open({
    events: { state: chatState({ conversation: conversation([asked], "q1") }) },
  });
  await page.locator(".keptAttachment summary").click();
  await page.getByText("onerror").waitFor();
  await page.getByText("40 characters cut").waitFor();
  await view!.shot("attach-kept");
  expect(await page.evaluate(() => (window as unknown as { hit?: number }).hit)).toBeUndefined();
  expect(strayRequests).toEqual([]);
});
