// Where the scripts keep what they bring: everything lies inside the clone, under the git-ignored .cache/.
import path from "node:path";
import { fileURLToPath } from "node:url";

export const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "..", "..");
export const cache = path.join(root, ".cache");
export const sampleWorkspace = path.join(root, "samples", "workspace");
export const testResults = path.join(root, "test-results");
