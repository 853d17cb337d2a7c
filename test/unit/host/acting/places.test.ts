import { expect, test } from "vitest";
import { plainName } from "../../../../src/host/acting/places";

test("a name keeps letters of every script, digits and its ending", () => {
  expect(plainName("France-Rome 2.gguf")).toBe("France-Rome 2.gguf");
  expect(plainName("法国-罗马")).toBe("法国-罗马");
});

test.each(["../../etc/passwd", "a/../b", "/root/x", "..\\..\\x", "...", ".ssh"])(
  "%s climbs nowhere and hides nothing",
  (name) => {
    const plain = plainName(name);
    expect(plain).not.toMatch(/[/\\]|\.\.|^\./);
  },
);

test.each(["", " ", "."])("'%s' is no name", (name) => {
  expect(() => plainName(name)).toThrow(/needs a name/);
});
