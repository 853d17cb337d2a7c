import { expect, test } from "vitest";
import { runHostSuite } from "./hostSuite";

// Run while this file is collected, so that each test inside the extension host is a test here too.
const results = await runHostSuite();

test("the suite inside the extension host ran", () => {
  expect(results.length).toBeGreaterThan(0);
});

for (const { title, error } of results) {
  test(title, () => {
    if (error !== undefined) throw new Error(error);
  });
}
