/** Cells of a table in words and shades. */

import type { Traits } from "../bridge/table.ts";
import { figure } from "./figures.ts";

/** Return a number with the decimals of its column; one that would lose its digits by itself. */
export function aligned(value: number, decimals: number | null | undefined): string {
  if (decimals === null || decimals === undefined || !Number.isFinite(value)) return figure(value);
  if (value !== 0 && Math.abs(value) < 10 ** (1 - decimals)) return figure(value);
  return value.toFixed(decimals).replace("-", "−");
}

/** Return how much a cell is shaded, from 0 (worst) to 1 (best); null where nobody can say. */
export function shade(value: number, traits: Traits | undefined): number | null {
  const { low, high, goal } = traits ?? {};
  if (goal == null || low == null || high == null || low === high || !Number.isFinite(value)) {
    return null;
  }
  // Halved: the whole way from -1e308 to 1e308 is infinite.
  const share = (value / 2 - low / 2) / (high / 2 - low / 2);
  return goal === "maximize" ? share : 1 - share;
}

/** Return whether a value is the best of its column. */
export function isBest(value: number, traits: Traits | undefined): boolean {
  const { low, high, goal } = traits ?? {};
  if (goal == null || low === high) return false;
  return value === (goal === "maximize" ? high : low);
}

const MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(" ");

/** Return a moment on the reader's clock: `14:02` today, else `23 Nov 14:02` or `23 Nov 2025`. */
export function clock(ms: number, now: number): string {
  const [then, today] = [new Date(ms), new Date(now)];
  if (Number.isNaN(then.getTime())) return "?";
  const time = [then.getHours(), then.getMinutes()]
    .map((n) => String(n).padStart(2, "0"))
    .join(":");
  const day = `${then.getDate()} ${MONTHS[then.getMonth()]}`;
  if (then.toDateString() === today.toDateString()) return time;
  return then.getFullYear() === today.getFullYear()
    ? `${day} ${time}`
    : `${day} ${then.getFullYear()}`;
}

/** Return how two numbers differ, with its sign and which way is better: `▲ +0.012`. */
export function better(value: number, than: number, goal: Traits["goal"]): string {
  const delta = value - than;
  if (goal == null || delta === 0 || !Number.isFinite(delta)) return "";
  const sign = delta > 0 ? "+" : "";
  return `${delta > 0 === (goal === "maximize") ? "▲" : "▼"} ${sign}${figure(delta)}`;
}

/** Return the path of a curve in a box; gaps stay gaps. */
export function curvePath(values: Float32Array, width: number, height: number): string {
  let [low, high] = [Infinity, -Infinity];
  for (const value of values) {
    if (value < low) low = value;
    if (value > high) high = value;
  }
  if (low > high) return "";
  const [step, scale] = [
    width / Math.max(values.length - 1, 1),
    high > low ? height / (high - low) : 0,
  ];
  let [path, pen] = ["", false];
  values.forEach((value, place) => {
    if (!Number.isFinite(value)) {
      pen = false;
      return;
    }
    const y = scale === 0 ? height / 2 : height - (value - low) * scale;
    path += `${pen ? "L" : "M"}${(place * step).toFixed(1)} ${y.toFixed(1)}`;
    pen = true;
  });
  return path;
}
