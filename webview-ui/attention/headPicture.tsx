import type { VNode } from "preact";
import { useEffect, useRef } from "preact/hooks";
import type { Grid } from "../kit/heatmap/grid";
import { GridPicture } from "../kit/heatmap/paint";
import { css, useTheme } from "../kit/theme";

const side = 84;

/** One head's pattern as a small picture to choose. */
export function HeadPicture(props: {
  grid: Grid;
  name: string;
  note: string;
  chosen: boolean;
  onChoose: () => void;
}): VNode {
  const { grid, name, note, chosen, onChoose } = props;
  const canvas = useRef<HTMLCanvasElement>(null);
  const theme = useTheme();
  useEffect(() => {
    const surface = canvas.current;
    const context = surface?.getContext("2d");
    if (!surface || !context) return;
    const scale = window.devicePixelRatio || 1;
    surface.width = surface.height = Math.round(side * scale);
    context.fillStyle = css(theme.background);
    context.fillRect(0, 0, surface.width, surface.height);
    context.imageSmoothingEnabled = grid.rows > surface.width;
    if (grid.rows > 0) context.drawImage(new GridPicture().update(grid, theme), 0, 0, surface.width, surface.height);
  }, [grid, theme]);
  return (
    <button
      type="button"
      class={`headPicture${chosen ? " chosen" : ""}`}
      aria-pressed={chosen}
      title={note ? `${name} · ${note}` : name}
      onClick={onChoose}
    >
      <canvas ref={canvas} aria-hidden="true" />
      <span class="small">{name}</span>
      {note && <span class="hidden">{note}</span>}
    </button>
  );
}
