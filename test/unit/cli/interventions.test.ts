import { describe, expect, it } from "vitest";
import { parseAblation, parseIntervention } from "../../../src/cli/interventions";
import { UsageError } from "../../../src/cli/command";

describe("--ablate", () => {
  it("zeroes a whole site, a head or a neuron", () => {
    expect(parseAblation("mlp_out.3")).toEqual({ site: "mlp_out", layer: 3, where: "all", operation: "zero" });
    expect(parseAblation("z.2.5")).toMatchObject({ site: "z", layer: 2, indices: [5], unit: "head" });
    const neuron = parseAblation("mlp_post.1.120");
    expect(neuron).toMatchObject({ site: "mlp_post", layer: 1, indices: [120] });
    expect(neuron.unit).toBeUndefined();
  });

  it("takes a site without layers as it is", () => {
    expect(parseAblation("embed")).toEqual({ site: "embed", where: "all", operation: "zero" });
  });

  it.each(["nowhere.1", "mlp_out", "mlp_out.x", "mlp_out.-1", "mlp_out.1.2.3", "mlp_post.1.x", ""])(
    "refuses '%s'",
    (text) => {
      expect(() => parseAblation(text)).toThrow(UsageError);
    },
  );
});

describe("--intervene", () => {
  it("reads values as 32-bit floats and acts everywhere unless told", () => {
    const read = parseIntervention(
      { site: "resid_post", layer: 2, operation: "add", values: [1, 2.5], strength: 3 },
      "entry 1",
    );
    expect(read).toMatchObject({ site: "resid_post", layer: 2, operation: "add", strength: 3, where: "all" });
    expect(read.values).toEqual(Float32Array.from([1, 2.5]));
  });

  it.each([
    [{ site: "attic", operation: "add" }, "noSuchSite"],
    [{ site: "embed", operation: "explode" }, "badArgument"],
    [{ site: "embed", operation: "add", values: [1, null] }, "notFinite"],
    [{ site: "embed", operation: "add", values: "1,2" }, "notFinite"],
    ["add", "damagedFile"],
  ])("refuses %j", (value, code) => {
    expect(() => parseIntervention(value, "entry 1")).toThrow(expect.objectContaining({ code }));
  });
});
