import { expect, test } from "vitest";
import { mustBeTrusted } from "../../../../src/host/models/trust";

test.each([
  ["in the workspace", "/work/space/a.gguf", false],
  ["deep in the workspace", "/work/space/x/y/a.gguf", false],
  ["beside the workspace", "/work/space2/a.gguf", true],
  ["above the workspace", "/work/a.gguf", true],
  ["in a folder that begins with dots", "/work/space/..hidden/a.gguf", false],
  ["elsewhere", "/home/me/models/a.gguf", true],
])("without trust, a model %s", (_, file, allowed) => {
  const load = () => mustBeTrusted(file, ["/other", "/work/space"], false);
  if (allowed) expect(load).not.toThrow();
  else expect(load).toThrow(expect.objectContaining({ code: "notAllowed" }));
  expect(() => mustBeTrusted(file, ["/work/space"], true)).not.toThrow();
});
