import { transform } from "sucrase";
import { fail } from "../contract/errors";

/** Characters of a tool file at most: it is made to be read by a person. */
export const longestSource = 64 * 1024;

/**
 * TypeScript without its types, lines kept in place (sucrase: small, no code of the file is run). Fails with `badArgument`
 * on text that does not parse, naming the place.
 */
export function stripTypes(source: string): string {
  if (source.length > longestSource)
    fail("tooLarge", `A tool file has at most ${longestSource} characters, this one ${source.length}.`);
  try {
    return transform(source, { transforms: ["typescript"], disableESTransforms: true, preserveDynamicImport: true })
      .code;
  } catch (error) {
    const message = error instanceof Error ? error.message.replace(/^Error transforming .*?: /, "") : String(error);
    fail("badArgument", `The code does not parse: ${message.slice(0, 300)}`, { cause: error });
  }
}
