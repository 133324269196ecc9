/** The parts of curves that a page holds: each whole, and the part that is looked at closely. */

import type { Range } from "./range.ts";
import { lowerBound, upperBound } from "./search.ts";

/** A thinned curve of one run: every pixel column's extremes, exactly. */
export interface Curve {
  x: Float64Array;
  /** NaN is a gap. */
  y: Float64Array;
  smoothX: Float64Array;
  smoothY: Float64Array;
  weight: number;
  /** Points that it stands for, of those the run has, and how many of them are not finite. */
  n: number;
  of: number;
  odd: number;
}

interface Near {
  range: Range;
  curve: Curve;
}

/** A part that is looked at is exact while the page has asked for at most so much more. */
const WIDER = 2.6;

export class HeldCurves {
  private readonly whole = new Map<string, Map<number, Curve>>();
  private readonly near = new Map<string, Map<number, Near>>();

  put(key: string, run: number, range: Range | null, curve: Curve): void {
    if (range === null) mapOf(this.whole, key).set(run, curve);
    else mapOf(this.near, key).set(run, { range, curve });
  }

  clear(): void {
    this.whole.clear();
    this.near.clear();
  }

  /** Return the best there is of a curve for a part of the axis; the whole one without a part. */
  best(key: string, run: number, part: Range | null): Curve | null {
    const near = this.near.get(key)?.get(run);
    if (part !== null && near !== undefined && fits(near.range, part)) return near.curve;
    return this.whole.get(key)?.get(run) ?? null;
  }

  /** Return whether what is held of a curve is exact in a part of the axis. */
  has(key: string, run: number, part: Range | null): boolean {
    if (part === null) return this.whole.get(key)?.has(run) === true;
    const near = this.near.get(key)?.get(run);
    if (near !== undefined && fits(near.range, part)) return true;
    const curve = this.whole.get(key)?.get(run);
    // A curve that was told point by point has nothing left to tell.
    return curve !== undefined && curve.x.length >= curve.of;
  }

  /** Return where the curves of a metric begin and end. */
  span(keys: string[], runs: number[]): Range | null {
    let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    for (const key of keys) {
      for (const run of runs) {
        const curve = this.whole.get(key)?.get(run);
        if (curve === undefined) continue;
        const { x } = lineOf(curve);
        if (x.length === 0) continue;
        low = Math.min(low, x[0]!);
        high = Math.max(high, x[x.length - 1]!);
      }
    }
    return low <= high ? [low, high] : null;
  }
}

/** Return the line of a curve that stands for it: the smoothed one where there is one. */
export function lineOf(curve: Curve): { x: Float64Array; y: Float64Array } {
  return curve.smoothX.length > 0
    ? { x: curve.smoothX, y: curve.smoothY }
    : { x: curve.x, y: curve.y };
}

/** Return the smallest and the largest value of a line between two places; null where there is none. */
export function extent(
  x: Float64Array,
  y: Float64Array,
  [from, to]: Range,
  log: boolean,
): Range | null {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  const end = upperBound(x, to, 0, x.length);
  for (let place = lowerBound(x, from, 0, x.length); place < end; place++) {
    const value = y[place]!;
    if (log && value <= 0) continue;
    if (value < low) low = value;
    if (value > high) high = value;
  }
  // The line goes on to its neighbours outside, which must not be cut off at the edges.
  for (const value of [valueAt(x, y, from), valueAt(x, y, to)]) {
    if (!Number.isFinite(value) || (log && value <= 0)) continue;
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  return low <= high ? [low, high] : null;
}

/** Return what a line is worth at a place, between its points; NaN beyond its ends and in gaps. */
export function valueAt(x: Float64Array, y: Float64Array, at: number): number {
  const next = lowerBound(x, at, 0, x.length);
  if (next >= x.length || (next === 0 && x[0] !== at)) return Number.NaN;
  if (x[next] === at || next === 0) return y[next]!;
  const [x0, x1, y0, y1] = [x[next - 1]!, x[next]!, y[next - 1]!, y[next]!];
  return x1 === x0 ? y1 : y0 + ((y1 - y0) * (at - x0)) / (x1 - x0);
}

/** Return the part to ask for where this one is looked at: wider, so that it can be moved at once. */
export function around([from, to]: Range, full: Range): Range {
  const half = (to - from) / 2;
  return [Math.max(from - half, full[0]), Math.min(to + half, full[1])];
}

function fits(range: Range, part: Range): boolean {
  const covers = range[0] <= part[0] && range[1] >= part[1];
  return covers && range[1] - range[0] <= WIDER * (part[1] - part[0]);
}

function mapOf<T>(all: Map<string, Map<number, T>>, key: string): Map<number, T> {
  let found = all.get(key);
  if (found === undefined) {
    found = new Map();
    all.set(key, found);
  }
  return found;
}
