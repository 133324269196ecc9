/** Labels of an axis, and where they stand. */

import { scaleLinear, scaleLog, scaleTime } from "d3-scale";
import type { Range } from "./range.ts";

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

export interface Tick {
  /** From 0 to 1 along the axis. */
  share: number;
  /** Empty for a line of the grid alone. */
  label: string;
}

/** Return the ticks of an axis of numbers. */
export function numberTicks([low, high]: Range, count = 5): Tick[] {
  const scale = scaleLinear().domain([low, high]);
  const found = scale.ticks(count);
  const most = Math.max(...found.map(Math.abs), 0);
  const kind = most >= 1e15 || (most > 0 && most < 1e-4) ? ".3~e" : most >= 1e5 ? "~s" : undefined;
  const words = scale.tickFormat(count, kind);
  return found.map((value) => ({ share: scale(value), label: value === 0 ? "0" : words(value) }));
}

/** Return the ticks of a logarithmic axis: powers of ten, and where there are few of them 2 and 5. */
export function logTicks([low, high]: Range): Tick[] {
  const scale = scaleLog().domain([low, high]);
  const decades = Math.log10(high / low);
  const apart = Math.max(1, Math.ceil(decades / 5));
  if (decades < 1) {
    return numberTicks([low, high], 4).map((tick) => ({
      share: scale(low + tick.share * (high - low)),
      label: tick.label,
    }));
  }
  const found: Tick[] = [];
  for (let power = Math.floor(Math.log10(low)); power <= Math.ceil(Math.log10(high)); power++) {
    for (const digit of decades < 6 ? [1, 2, 3, 4, 5, 6, 7, 8, 9] : [1]) {
      const value = digit * 10 ** power;
      if (value < low || value > high) continue;
      const told =
        (digit === 1 && power % apart === 0) || (decades < 2 && (digit === 2 || digit === 5));
      found.push({ share: scale(value), label: told ? short(value) : "" });
    }
  }
  return found;
}

/** Return the ticks of an axis of moments, in milliseconds since 1970. */
export function timeTicks([low, high]: Range, count = 5): Tick[] {
  const scale = scaleTime().domain([low, high]);
  const span = high - low;
  return scale.ticks(count).map((when) => ({ share: scale(when), label: clockOf(when, span) }));
}

/** Return a moment as finely as a span of so many milliseconds asks for. */
function clockOf(when: Date, span: number): string {
  if (span > 3 * DAY) {
    const year = span > 300 * DAY ? ({ year: "numeric" } as const) : {};
    return when.toLocaleDateString(undefined, { day: "numeric", month: "short", ...year });
  }
  const two = "2-digit" as const;
  const seconds = span < 5 * MINUTE ? { second: two } : {};
  const part = span < 5000 ? { fractionalSecondDigits: 1 as const } : {};
  return when.toLocaleTimeString(undefined, {
    hour: two,
    minute: two,
    hour12: false,
    ...seconds,
    ...part,
  }); // prettier-ignore
}

function short(value: number): string {
  if (value >= 0.001 && value < 1e5) return String(Number(value.toPrecision(3)));
  return value.toExponential().replace("e+", "e");
}
