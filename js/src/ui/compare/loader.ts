/** Brings curves from the kernel: first each whole, then exactly the part that is looked at. */

import { type CurvesTold, floats, type PartTold } from "../../bridge/comparison.ts";
import type { Requests } from "../../bridge/requests.ts";
import { around, HeldCurves } from "../../core/held_curves.ts";
import type { Range } from "../../core/range.ts";
import type { State } from "./state.ts";

/** Runs of one answer: few at first, so that something is seen soon. */
const FIRST = 4;
const BATCH = 10;
/** A hand that moves on needs no answer for where it was. */
const STILL_MS = 90;
/** Where so many runs are drawn, raw lines behind smoothed ones only blur. */
export const RAW = 8;

/** What is asked for at once: metrics over the same axis, and a part of that. */
interface Part {
  keys: string[];
  range: Range | null;
  columns: number;
}

export class Loader {
  readonly held = new HeldCurves();
  /** Pixels that a panel has for its curves. */
  columns = 700;
  /** What could not be answered. */
  problem = "";
  /** Runs that have nothing of a metric. */
  private readonly gone = new Set<string>();
  private turn = 0;
  private timer = 0;
  private asked = "";

  constructor(
    private readonly requests: Requests,
    private readonly state: State,
    private readonly changed: () => void,
  ) {}

  /** Ask for what is not here, once the hand is still. */
  look(at = STILL_MS): void {
    clearTimeout(this.timer);
    this.timer = window.setTimeout(() => void this.load(), at);
  }

  dispose(): void {
    clearTimeout(this.timer);
    this.turn++;
  }

  /** Return whether everything that is looked at is here, exactly. */
  get complete(): boolean {
    return this.parts().every((part) => this.lacking(part).length === 0);
  }

  private async load(): Promise<void> {
    const turn = ++this.turn;
    const { state } = this;
    const now = JSON.stringify([state.x, state.smooth, this.raw]);
    if (now !== this.asked) {
      this.held.clear();
      this.gone.clear();
    }
    this.asked = now;
    for (const whole of [true, false]) {
      for (const part of this.parts().filter((one) => (one.range === null) === whole)) {
        if (!(await this.bring(part, turn))) return;
      }
    }
    this.changed();
  }

  private get raw(): boolean {
    return this.state.drawn.length <= RAW;
  }

  private parts(): Part[] {
    const { state, held } = this;
    if (state.groups || state.panels.length === 0) return [];
    const found: Part[] = [{ keys: state.panels, range: null, columns: this.columns }];
    for (const [axis, zoom] of state.zooms) {
      const keys = state.panels.filter((key) => state.axisOf(key) === axis);
      const full = held.span(keys, state.drawn);
      if (keys.length === 0 || full === null) continue;
      const range = around(zoom, full);
      const share = (range[1] - range[0]) / (zoom[1] - zoom[0]);
      found.push({ keys, range, columns: Math.round(this.columns * share) });
    }
    return found;
  }

  private lacking({ keys, range }: Part): number[] {
    const zoom =
      range === null ? null : (this.state.zooms.get(this.state.axisOf(keys[0]!)) ?? null);
    return this.state.drawn.filter((run) =>
      keys.some((key) => !this.held.has(key, run, zoom) && !this.gone.has(`${run} ${key}`)),
    );
  }

  private async bring(part: Part, turn: number): Promise<boolean> {
    for (let size = FIRST; ; size = BATCH) {
      const runs = this.lacking(part).slice(0, size);
      if (runs.length === 0) return true;
      const { x, smooth } = this.state;
      const { keys, range, columns } = part;
      const what = { runs, keys, x, range, columns, smooth, raw: this.raw };
      const answer = await this.requests.ask<CurvesTold>("curves", what).catch((error: Error) => {
        this.problem = error.message;
        return null;
      });
      if (turn !== this.turn || answer === null) {
        if (this.problem) this.changed();
        return false;
      }
      this.problem = "";
      this.take(...answer, part);
      if (answer[0].runs.length === 0) return false;
      this.changed();
    }
  }

  private take(told: CurvesTold, buffers: DataView[], { keys, range }: Part): void {
    for (const part of told.parts) {
      this.held.put(keys[part.k]!, part.r, range, curveOf(part, buffers));
    }
    told.axes.forEach((axis, at) => {
      this.state.axes.set(keys[at]!, axis);
    });
    const had = new Set(told.parts.map((part) => `${part.r} ${keys[part.k]}`));
    for (const run of told.runs) {
      for (const key of keys) if (!had.has(`${run} ${key}`)) this.gone.add(`${run} ${key}`);
    }
  }
}

function curveOf({ b, raw, smooth, w, n, of, odd }: PartTold, buffers: DataView[]) {
  const all = floats(buffers[b]);
  const cut = (from: number, length: number) => all.subarray(from, from + length);
  return {
    x: cut(0, raw),
    y: cut(raw, raw),
    smoothX: cut(2 * raw, smooth),
    smoothY: cut(2 * raw + smooth, smooth),
    weight: w,
    n,
    of,
    odd,
  };
}
