import { locale } from "./locale";

/** A probability for people: "87 %", "0.3 %", "< 0.01 %". */
export function percent(p: number): string {
  if (!Number.isFinite(p)) return "–";
  const value = p * 100;
  if (value === 0) return "0 %";
  if (value < 0.01) return "< 0.01 %";
  if (value < 1) return `${value.toFixed(2)} %`;
  if (value < 10) return `${value.toFixed(1)} %`;
  // Nothing that is less than certain is shown as 100 %.
  if (value > 99.9 && value < 100) return "> 99.9 %";
  if (value === 100) return "100 %";
  if (value >= 99) return `${value.toFixed(1)} %`;
  return `${Math.round(value)} %`;
}

/** Three figures that matter, with a true minus sign. */
export function figure(value: number, digits = 3): string {
  if (!Number.isFinite(value)) return "–";
  const size = Math.abs(value);
  const text = size !== 0 && (size < 1e-3 || size >= 1e5) ? value.toExponential(digits - 1) : value.toPrecision(digits);
  const plain = text.includes("e") || !text.includes(".") ? String(Number(text)) : text.replace(/\.?0+$/, "");
  return plain.replace("-", "−");
}

/** The same with its sign always. */
export function signed(value: number, digits = 3): string {
  const text = figure(value, digits);
  return value > 0 ? `+${text}` : text;
}

/** "640 ms", "3.2 s", "1 min 5 s". */
export function duration(milliseconds: number): string {
  if (milliseconds < 1000) return `${Math.round(milliseconds)} ms`;
  const seconds = milliseconds / 1000;
  if (seconds < 60) return `${seconds.toFixed(1)} s`;
  return `${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s`;
}

/** "today 14:05" shapes are left to the platform: time today, date otherwise. */
export function when(iso: string): string {
  const date = new Date(iso);
  if (Number.isNaN(date.getTime())) return "";
  const today = new Date().toDateString() === date.toDateString();
  return today
    ? date.toLocaleTimeString(locale, { hour: "2-digit", minute: "2-digit" })
    : date.toLocaleDateString(locale, { day: "numeric", month: "short" });
}

/** 1234 as "1,234" in the editor's language. */
export function count(value: number): string {
  return value.toLocaleString(locale);
}

/** 5_720_000 as "5.7 M". */
export function short(value: number): string {
  for (const [size, unit] of [
    [1e9, "B"],
    [1e6, "M"],
    [1e3, "k"],
  ] as const) {
    if (value >= size) return `${Number((value / size).toPrecision(2))} ${unit}`;
  }
  return String(value);
}
