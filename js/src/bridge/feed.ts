/** The points of a card as they arrive: in whatever order, each is taken once. */

import { Series } from "../core/series.ts";
import type { Link } from "./link.ts";
import type { Down } from "./protocol.ts";

const ASK_AGAIN_MS = 1000;
/** After so many points, or so long, the page says what it has got. */
const SAY_POINTS = 100_000;
const SAY_MS = 3000;

interface Part {
  s: number;
  from: number;
  n: number;
}

export class Feed {
  readonly series = new Map<number, Series>();
  /** Called with the series that have new points. */
  onchange: (changed: Set<number>) => void = () => {};
  private asked = 0;
  private said = Number.NEGATIVE_INFINITY;
  private unsaid = 0;

  constructor(private readonly link: Link) {}

  get(id: number): Series {
    let series = this.series.get(id);
    if (series === undefined) {
      series = new Series();
      this.series.set(id, series);
    }
    return series;
  }

  /** Take in a message of points; return whether it was one. */
  take(message: Down, buffers: DataView[]): boolean {
    if (message.kind === "reset") {
      for (const id of message.series) this.get(id).clear();
      this.onchange(new Set(message.series));
      return true;
    }
    if (message.kind !== "points") return false;
    const columns = buffers.slice(0, 3).map(floats);
    if (columns.length === 3) this.takeParts(message.parts, columns as Columns);
    this.say(message.at, columns[0]?.length ?? 0);
    return true;
  }

  /**
   * Say now and then what is here. Each word costs the busy kernel turns of its interpreter, and
   * holds up the points that come next for some 40 ms: the system of a browser that has just sent
   * something delays its acknowledgements, for which the kernel's server waits (Nagle's algorithm).
   */
  private say(at: number, n: number): void {
    this.unsaid += n;
    const now = performance.now();
    if (this.unsaid < SAY_POINTS && now - this.said < SAY_MS) return;
    this.said = now;
    this.unsaid = 0;
    this.link.send({ kind: "got", at });
  }

  private takeParts(parts: Part[], [step, time, value]: Columns): void {
    const changed = new Set<number>();
    let missing = false;
    let at = 0;
    for (const { s, from, n } of parts) {
      const series = this.get(s);
      const known = series.taken - from;
      if (known < 0) missing = true;
      else if (known < n) {
        const [begin, end] = [at + known, at + n];
        series.append(
          step.subarray(begin, end),
          time.subarray(begin, end),
          value.subarray(begin, end),
        );
        changed.add(s);
      }
      at += n;
    }
    if (missing) this.askForMissing();
    if (changed.size > 0) this.onchange(changed);
  }

  /** Ask for everything behind what is here; not more often than answers can come. */
  askForMissing(): void {
    const now = performance.now();
    if (now - this.asked < ASK_AGAIN_MS) return;
    this.asked = now;
    const from: Record<string, number> = {};
    for (const [id, series] of this.series) from[id] = series.taken;
    this.link.send({ kind: "want", from });
  }
}

type Columns = [Float64Array, Float64Array, Float64Array];

function floats(view: DataView): Float64Array {
  const { buffer, byteOffset, byteLength } = view;
  // A buffer may begin anywhere in its message; numbers must lie at multiples of their size.
  if (byteOffset % 8 === 0)
    return new Float64Array(buffer as ArrayBuffer, byteOffset, byteLength >> 3);
  return new Float64Array(buffer.slice(byteOffset, byteOffset + byteLength));
}
