import type { VNode } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { TraceRow } from "../../src/contract/traceView";
import { Dropdown } from "../kit/controls";
import { IconButton } from "../kit/icon";
import { t } from "../kit/l10n";

const speeds = ["1", "4", "16"] as const;
/** Longest pause between two events of a replay, so that a night's wait is not waited through again. */
const longest = 1_500;
const shortest = 60;

/** Plays a run again from the chosen line on, event by event at its own pace, from what was written: nothing is done again. */
export function Replay(props: {
  rows: readonly TraceRow[];
  at: number | null;
  playing: boolean;
  onPlaying: (playing: boolean) => void;
  onMove: (line: number) => void;
}): VNode {
  const { rows, at, playing, onPlaying, onMove } = props;
  const [speed, setSpeed] = useState<(typeof speeds)[number]>("4");
  const index = Math.max(
    0,
    rows.findIndex(({ line }) => line === at),
  );
  useEffect(() => {
    const [now, next] = [rows[index], rows[index + 1]];
    if (!playing) return;
    if (!now || !next) return onPlaying(false);
    const gap = (Date.parse(next.at) - Date.parse(now.at)) / Number(speed);
    const timer = setTimeout(() => onMove(next.line), Math.max(shortest, Math.min(longest, gap || 0)));
    return () => clearTimeout(timer);
  }, [playing, index, speed, rows]);
  const go = (to: number): void => {
    const row = rows[Math.max(0, Math.min(rows.length - 1, to))];
    if (row) onMove(row.line);
  };
  return (
    <div class="row replay" role="group" aria-label={t("traceReplay")}>
      <IconButton icon="debug-step-back" label={t("traceBack")} onClick={() => go(index - 1)} />
      <IconButton
        icon={playing ? "debug-pause" : "play"}
        label={playing ? t("tracePause") : t("traceReplay")}
        text={playing ? t("tracePause") : t("traceReplay")}
        onClick={() => {
          // At the end it begins again.
          if (!playing && index >= rows.length - 1) go(0);
          else if (!playing && at === null) go(0);
          onPlaying(!playing);
        }}
      />
      <IconButton icon="debug-step-over" label={t("traceForward")} onClick={() => go(index + 1)} />
      <input
        type="range"
        class="scrub"
        min={0}
        max={Math.max(0, rows.length - 1)}
        value={index}
        aria-label={t("tracePlace")}
        onInput={(event) => go(Number(event.currentTarget.value))}
      />
      <Dropdown
        label={t("traceSpeed")}
        showLabel={false}
        value={speed}
        choices={speeds.map((value) => ({ value, label: `${value}×` }))}
        onChange={setSpeed}
      />
    </div>
  );
}
