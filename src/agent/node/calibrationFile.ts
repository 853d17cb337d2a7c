import { appendFile, mkdir, readFile } from "node:fs/promises";
import path from "node:path";
import type { CalibrationPort, CalibrationSample } from "../../contract/plan";
import { parseJson } from "../prompts/spacedJson";

/** Samples kept in mind of a file that may have grown for years. */
const most = 2_000;

/** Predictions as JSON Lines, the newest last. A line that is no sample is left out. */
export function fileCalibration(file: string): CalibrationPort {
  return {
    load: async (brain) => {
      const text = await readFile(file, "utf8").catch((error: unknown) =>
        (error as NodeJS.ErrnoException).code === "ENOENT" ? "" : Promise.reject(error as Error),
      );
      return text
        .split("\n")
        .flatMap((line) => {
          const value: unknown = line === "" ? undefined : parseJson(line);
          return isSample(value) && value.brain === brain ? [value] : [];
        })
        .slice(-most);
    },
    add: async (sample) => {
      await mkdir(path.dirname(file), { recursive: true });
      await appendFile(file, `${JSON.stringify(sample)}\n`);
    },
  };
}

function isSample(value: unknown): value is CalibrationSample {
  if (typeof value !== "object" || value === null) return false;
  const { confidence, hit, brain } = value as Record<string, unknown>;
  const probability = typeof confidence === "number" && confidence >= 0 && confidence <= 1;
  return probability && typeof hit === "boolean" && typeof brain === "string";
}
