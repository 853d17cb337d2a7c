import { expect, test } from "vitest";
import { gemmaScopePlace } from "../../../src/engine/microscope/files/saelens";

test.each([
  ["/data/gemma-scope-2b-pt-res/layer_20/width_16k/average_l0_71", 20, false],
  ["/data/gemma-scope-2b-pt-mlp/layer_5/width_16k/average_l0_71", 5, true],
  ["/space/.vitrine/features/mlp-layer_7-width_16k", 7, true],
  ["/home/mlp/work/layer_3/old/gemma-scope-2b-pt-res/layer_12/width_16k", 12, false],
])("%s is of layer %i", (folder, layer, mlp) => {
  expect(gemmaScopePlace(folder)).toEqual({ layer, mlp });
});

test("a folder without a layer's name tells none", () => {
  expect(gemmaScopePlace("/home/mlp/sae").layer).toBeUndefined();
});
