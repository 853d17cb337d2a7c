import { fail } from "../../contract/errors";
import type {
  EmbeddingMapParams,
  EmbeddingMapResult,
  EmbeddingParams,
  EmbeddingResult,
} from "../../contract/instruments";
import type { CallContext } from "../../contract/method";
import type { Token } from "../../contract/token";
import { unembeddingName } from "./architecture";
import { parseExpression, wordToken, type Term } from "./expression";
import type { Lab } from "./lab";
import { pca } from "./maths/pca";
import { greatest } from "./maths/statistics";
import { dot, norm } from "./maths/vectors";
import { checkpoint, requireCount } from "./probe";

const inputTable = "token_embd.weight";
/** Rows of a table dequantised at once. */
const rowsAtOnce = 1024;

type Neighbour = EmbeddingResult["input"][number];

/**
 * Nearest tokens by cosine in the input table (embedding) and the output table (unembedding), of one token or of a sum such
 * as king - man + woman (Mikolov et al. 2013), whose own terms are left out. The terms of a sum are unit vectors.
 */
export async function embedding(
  lab: Lab,
  params: EmbeddingParams,
  context: CallContext<never>,
): Promise<EmbeddingResult> {
  requireCount(params.count, "The number of neighbours", 1, 1000);
  if ((params.token === undefined) === (params.expression === undefined))
    fail("badArgument", "Give either a token or an expression.");
  const terms: Term[] =
    params.token === undefined ? parseExpression(params.expression!) : [{ sign: 1, text: params.token }];
  const tokens = terms.map(({ text }) => wordToken(lab, text));
  const output = unembeddingName(lab.weights);
  const near = (table: string) => neighbours(lab, table, terms, tokens, params.count, context.signal);
  const input = await near(inputTable);
  const tied = output === inputTable;
  return { tokens, input, output: tied ? input : await near(output), tied };
}

async function neighbours(
  lab: Lab,
  table: string,
  terms: Term[],
  tokens: Token[],
  count: number,
  signal: AbortSignal,
): Promise<Neighbour[]> {
  const width = lab.info.embedding;
  const query = new Float64Array(width);
  tokens.forEach(({ id }, k) => {
    const row = lab.weights.rows(table, id, 1);
    const by = terms[k]!.sign / (norm(row) || 1);
    for (let i = 0; i < width; i++) query[i]! += by * row[i]!;
  });
  const size = norm(query);
  if (size === 0) fail("badArgument", "The expression sums to nothing.");
  const cosines = new Float64Array(lab.info.vocabulary);
  for (let from = 0; from < cosines.length; from += rowsAtOnce) {
    const rows = Math.min(rowsAtOnce, cosines.length - from);
    const data = lab.weights.rows(table, from, rows);
    for (let r = 0; r < rows; r++) {
      const row = data.subarray(r * width, (r + 1) * width);
      const length = norm(row);
      cosines[from + r] = length === 0 ? 0 : dot(row, query) / (length * size);
    }
    // A large vocabulary takes a while: let a cancel through.
    if (from % (16 * rowsAtOnce) === 0) await new Promise((resolve) => setImmediate(resolve));
    checkpoint(signal);
  }
  const own = new Set(tokens.map(({ id }) => id));
  return greatest(cosines.length, count, (id) => (own.has(id) ? NaN : cosines[id]!)).map((id) => ({
    text: lab.token(id).text,
    id,
    cosine: cosines[id]!,
  }));
}

/** A map of texts: the mean of each one's token vectors on the two first principal components. */
export async function embeddingMap(lab: Lab, params: EmbeddingMapParams): Promise<EmbeddingMapResult> {
  const { texts, table } = params;
  if (texts.length < 3 || texts.length > 500)
    fail("badArgument", `A map needs 3 to 500 texts; there are ${texts.length}.`);
  const name = table === "output" ? unembeddingName(lab.weights) : inputTable;
  const tokens = texts.map((text) => {
    const found = lab.tokenize(text, true);
    if (found.length === 0) fail("unknownToken", "A text of the map is empty.");
    return found;
  });
  const rows = tokens.map((ids) => {
    const sum = new Float64Array(lab.info.embedding);
    for (const { id } of ids) lab.weights.rows(name, id, 1).forEach((value, i) => (sum[i]! += value / ids.length));
    return sum;
  });
  const { coordinates, explained } = pca(rows, 2);
  return {
    points: texts.map((text, i) => ({ text, tokens: tokens[i]!, x: coordinates[i]![0]!, y: coordinates[i]![1]! })),
    explained: [explained[0]!, explained[1]!],
  };
}
