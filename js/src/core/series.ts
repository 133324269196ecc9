/** One metric of one run at full resolution, as it grows. */

import type { Line } from "./decimate.ts";
import { Extremes, NOWHERE } from "./extremes.ts";
import { lowerBound } from "./search.ts";
import { isNoisy, Mean, weightFor } from "./smooth.ts";

/** What a line runs over: steps, or milliseconds since 1970. */
export type Axis = "step" | "time";

const FIRST = 256;
/** So many times longer, a series is judged anew: a new weight means all of its means anew. */
const JUDGED_AGAIN = 1.2;

export class Series {
  /** Points that are kept: one per step, the one logged last. */
  n = 0;
  /** Points that were taken in. */
  taken = 0;
  /** NaN and infinite ones among the kept. */
  nonfinite = 0;
  /** Grows with every change. */
  version = 0;

  step: Float64Array = new Float64Array(FIRST);
  /** Milliseconds since 1970. */
  time: Float64Array = new Float64Array(FIRST);
  /** As logged; NaN and infinities included. */
  value: Float64Array = new Float64Array(FIRST);

  /** With gaps for what is not finite; until there is an infinite one, `value` itself. */
  private shown: Float64Array = this.value;
  private gaps: Uint32Array = new Uint32Array(16);
  private nGaps = 0;
  private readonly extremes = new Extremes();
  private timeRises = true;
  private smooth: Smooth | null = null;
  private judged: { n: number; weight: number | null } = { n: 0, weight: null };
  private other: { version: number; line: Line; smooth: Line | null } | null = null;

  /**
   * Add points in the order in which they were logged.
   *
   * A point whose step is there already takes its place; one that came late goes where it belongs.
   */
  append(step: Float64Array, time: Float64Array, value: Float64Array): void {
    const more = step.length;
    if (more === 0) return;
    this.taken += more;
    this.version++;
    const rises = rising(step) && (this.n === 0 || step[0]! > this.step[this.n - 1]!);
    const from = rises ? this.push(step, time, value) : this.merge(step, time, value);
    this.refresh(from);
  }

  /** Forget all points. */
  clear(): void {
    this.n = this.taken = this.nonfinite = this.nGaps = 0;
    this.timeRises = true;
    this.smooth = this.other = null;
    this.judged = { n: 0, weight: null };
    this.version++;
    this.extremes.update(this.shown, 0, 0);
  }

  /** Return the points over an axis, ready to be drawn. */
  line(axis: Axis): Line {
    if (axis === "step") return this.over(this.step);
    return this.timeRises ? this.over(this.time) : this.byTime().line;
  }

  /** Return the smoothed points over an axis. */
  smoothLine(axis: Axis, weight: number): Line {
    if (this.smooth === null || this.smooth.weight !== weight) {
      this.smooth = new Smooth(weight);
      this.smooth.update(this.shown, this.n, 0);
      this.other = null;
    }
    const { values, extremes } = this.smooth;
    const x = axis === "step" ? this.step : this.time;
    const line = { x, y: values, n: this.n, extremes, gaps: this.gaps, nGaps: this.nGaps };
    if (axis === "step" || this.timeRises) return line;
    const sorted = this.byTime();
    sorted.smooth ??= byOrder(line, order(this.time, this.n));
    return sorted.smooth;
  }

  /** Return how much of the past a mean keeps that shows the course; null if the points do. */
  autoWeight(): number | null {
    const { n } = this;
    if (n < this.judged.n || n >= this.judged.n * JUDGED_AGAIN) {
      const [low, high] = this.extremes.of(0, n);
      const noisy = low !== NOWHERE && isNoisy(this.shown, n, this.shown[low]!, this.shown[high]!);
      this.judged = { n, weight: noisy ? weightFor(n) : null };
    }
    return this.judged.weight;
  }

  private over(x: Float64Array): Line {
    const { shown, n, extremes, gaps, nGaps } = this;
    return { x, y: shown, n, extremes, gaps, nGaps };
  }

  private byTime(): { version: number; line: Line; smooth: Line | null } {
    if (this.other === null || this.other.version !== this.version) {
      const line = byOrder(this.over(this.time), order(this.time, this.n));
      this.other = { version: this.version, line, smooth: null };
    }
    return this.other;
  }

  private push(step: Float64Array, time: Float64Array, value: Float64Array): number {
    const from = this.n;
    this.reserve(from + step.length);
    this.step.set(step, from);
    this.time.set(time, from);
    this.value.set(value, from);
    this.n += step.length;
    return from;
  }

  private merge(step: Float64Array, time: Float64Array, value: Float64Array): number {
    const places = order(step, step.length);
    const from = lowerBound(this.step, step[places[0]!]!, 0, this.n);
    const old = [this.step, this.time, this.value].map((column) => column.slice(from, this.n));
    const [oldStep, oldTime, oldValue] = old as [Float64Array, Float64Array, Float64Array];
    this.reserve(this.n + step.length);
    let n = from;
    const put = (s: number, t: number, v: number) => {
      if (n > from && this.step[n - 1] === s) n--;
      this.step[n] = s;
      this.time[n] = t;
      this.value[n] = v;
      n++;
    };
    let kept = 0;
    for (const place of places) {
      const at = step[place]!;
      for (; kept < oldStep.length && oldStep[kept]! <= at; kept++) {
        put(oldStep[kept]!, oldTime[kept]!, oldValue[kept]!);
      }
      put(at, time[place]!, value[place]!);
    }
    for (; kept < oldStep.length; kept++) put(oldStep[kept]!, oldTime[kept]!, oldValue[kept]!);
    this.n = n;
    return from;
  }

  /** Bring up to date what is derived, from a place on. */
  private refresh(from: number): void {
    while (this.nGaps > 0 && this.gaps[this.nGaps - 1]! >= from) this.nGaps--;
    for (let place = from; place < this.n; place++) {
      const value = this.value[place]!;
      const finite = Number.isFinite(value);
      if (Math.abs(value) === Number.POSITIVE_INFINITY && this.shown === this.value)
        this.shown = this.value.slice();
      if (this.shown !== this.value) this.shown[place] = finite ? value : Number.NaN;
      if (!finite) this.noteGap(place);
      if (place > 0 && this.time[place]! < this.time[place - 1]!) this.timeRises = false;
    }
    this.nonfinite = this.nGaps;
    this.extremes.update(this.shown, this.n, from);
    this.smooth?.update(this.shown, this.n, from);
  }

  private noteGap(place: number): void {
    if (this.nGaps === this.gaps.length) {
      const larger = new Uint32Array(2 * this.nGaps);
      larger.set(this.gaps);
      this.gaps = larger;
    }
    this.gaps[this.nGaps++] = place;
  }

  private reserve(n: number): void {
    if (n <= this.step.length) return;
    const room = Math.max(n, 2 * this.step.length);
    this.step = grown(this.step, room);
    this.time = grown(this.time, room);
    const { value } = this;
    this.value = grown(value, room);
    this.shown = this.shown === value ? this.value : grown(this.shown, room);
  }
}

class Smooth {
  values: Float64Array = new Float64Array(FIRST);
  readonly extremes = new Extremes();
  private mean: Mean;
  private upTo = 0;

  constructor(readonly weight: number) {
    this.mean = new Mean(weight);
  }

  update(values: Float64Array, n: number, from: number): void {
    if (this.values.length < n) this.values = grown(this.values, values.length);
    // What was already taken in has changed: a mean cannot go back.
    const start = from < this.upTo ? 0 : this.upTo;
    if (start === 0) this.mean = new Mean(this.weight);
    this.mean.go(values, start, n, this.values);
    this.extremes.update(this.values, n, start);
    this.upTo = n;
  }
}

function rising(numbers: Float64Array): boolean {
  for (let place = 1; place < numbers.length; place++) {
    if (!(numbers[place]! > numbers[place - 1]!)) return false;
  }
  return true;
}

/** Return places in the order of their numbers; equal ones stay in theirs. */
function order(numbers: Float64Array, n: number): Uint32Array {
  const places = new Uint32Array(n);
  for (let place = 0; place < n; place++) places[place] = place;
  return places.sort((a, b) => numbers[a]! - numbers[b]! || a - b);
}

/** Return these points of a line, in this order. */
export function byOrder(line: Line, places: Uint32Array): Line {
  const n = places.length;
  const x = new Float64Array(n);
  const y = new Float64Array(n);
  const gaps: number[] = [];
  places.forEach((from, to) => {
    x[to] = line.x[from]!;
    y[to] = line.y[from]!;
    if (Number.isNaN(y[to])) gaps.push(to);
  });
  const extremes = new Extremes();
  extremes.update(y, n, 0);
  return { x, y, n, extremes, gaps: Uint32Array.from(gaps), nGaps: gaps.length };
}

function grown(old: Float64Array, room: number): Float64Array {
  const larger = new Float64Array(room);
  larger.set(old);
  return larger;
}
