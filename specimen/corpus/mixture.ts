import { sumSample, wordProblemSample } from "./arithmetic";
import { chineseSample } from "./chinese";
import type { Draw } from "./draw";
import { proseSample, questionSample, tellSample, twoHopSample } from "./facts";
import { forgeSample, forgeSpecSample } from "./forging";
import { memoryAnswerSample, memoryWriteSample, recallSample, reflectSample } from "./memory";
import { judgeSample, matchSample, planSample, worldSample } from "./planning";
import { refusalSample } from "./refusal";
import type { Sample } from "./sample";
import { styleSample } from "./style";
import { talkSample, unknownSample } from "./talk";
import {
  communitySample,
  notesSample,
  querySample,
  questionsSample,
  reportSample,
  summarySample,
  triplesSample,
} from "./texts";
import { callSample, episodeSample, fullSetSample, noToolSample, resultSample, toolChatSample } from "./tools";

/** How many rows of each kind stand in a thousand, and how one is made for training. */
export const mixture: [share: number, make: (draw: Draw) => Sample][] = [
  [135, (d) => questionSample(d, d.int(1, 6))],
  [60, (d) => proseSample(d, d.int(1, 5))],
  [25, (d) => tellSample(d)],
  [110, (d) => twoHopSample(d, true)],
  [50, (d) => twoHopSample(d, false)],
  [22, (d) => talkSample(d)],
  [10, (d) => unknownSample(d)],
  [56, (d) => refusalSample(d, true)],
  [64, (d) => refusalSample(d, false)],
  [42, (d) => callSample(d, d.pick([1, 1, 2, 2, 3, 4]))],
  [48, (d) => toolChatSample(d, d.int(2, 5), 3)],
  [18, (d) => resultSample(d)],
  [16, (d) => noToolSample(d)],
  [9, (d) => episodeSample(d)],
  [1, (d) => fullSetSample(d)],
  [42, (d) => sumSample(d, true)],
  [10, (d) => sumSample(d, false)],
  [50, (d) => wordProblemSample(d, true)],
  [6, (d) => wordProblemSample(d, false)],
  [50, (d) => memoryAnswerSample(d, false)],
  [20, (d) => memoryAnswerSample(d, true)],
  [30, (d) => recallSample(d)],
  [38, (d) => memoryWriteSample(d)],
  [7, (d) => reflectSample(d)],
  [40, (d) => triplesSample(d)],
  [8, (d) => notesSample(d)],
  [2, (d) => reportSample(d)],
  [2, (d) => questionsSample(d)],
  [3, (d) => querySample(d)],
  [3, (d) => summarySample(d)],
  [2, (d) => communitySample(d)],
  [42, (d) => planSample(d)],
  [24, (d) => judgeSample(d)],
  [8, (d) => matchSample(d)],
  [40, (d) => worldSample(d)],
  [36, (d) => forgeSample(d)],
  [7, (d) => forgeSpecSample(d)],
  [50, (d) => styleSample(d)],
  [64, (d) => chineseSample(d)],
  // Long rows: far tokens must be reached too.
  [1, (d) => notesSample(d, d.int(40, 70))],
  [1, (d) => triplesSample(d, d.int(12, 24))],
];

export function sampleFrom(draw: Draw): Sample {
  const total = mixture.reduce((sum, [share]) => sum + share, 0);
  let r = draw.next() * total;
  for (const [share, make] of mixture) {
    r -= share;
    if (r < 0) return make(draw);
  }
  return talkSample(draw);
}
