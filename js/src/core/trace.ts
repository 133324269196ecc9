/**
 * A decimated line that Vega draws as one mark: to encode each of its points as an item of its own
 * takes most of the time of a draw.
 */

import type { Drawn } from "./decimate.ts";
import type { Range } from "./range.ts";

/** What spans a plot. */
export interface Axes {
  x: Range;
  y: Range;
  log: boolean;
}

/** What takes a path: a canvas, or what only measures. */
export interface Path {
  moveTo(x: number, y: number): void;
  lineTo(x: number, y: number): void;
}

/** The item of a mark, as wide and as high as its plot. */
interface Item {
  width: number;
  height: number;
}

/** A line in shares of its axes, which draws itself as a mark of type `shape` asks it to. */
export class Trace {
  private readonly n: number;
  private readonly x: Float64Array;
  private readonly y: Float64Array;

  constructor(drawn: Drawn, { x, y, log }: Axes) {
    this.n = drawn.n;
    this.x = shares(drawn.x.subarray(0, this.n), x);
    const values = drawn.y.subarray(0, this.n);
    this.y = log ? shares(values.map(logarithm), y.map(logarithm) as Range) : shares(values, y);
  }

  /** Return what puts the line into a path. */
  context(path: Path): (item: Item) => void {
    return ({ width, height }) => this.draw(path, width, height);
  }

  private draw(path: Path, width: number, height: number): void {
    let down = false;
    for (let place = 0; place < this.n; place++) {
      const [x, y] = [this.x[place]! * width, (1 - this.y[place]!) * height];
      if (Number.isNaN(y)) down = false;
      else if (Number.isFinite(x) && Number.isFinite(y)) {
        if (down) path.lineTo(x, y);
        else path.moveTo(x, y);
        down = true;
      }
    }
  }
}

/** Infinite for what a logarithmic axis has no place for: that is passed over, and is no gap. */
function logarithm(value: number): number {
  return value <= 0 ? Number.NEGATIVE_INFINITY : Math.log(value);
}

function shares(values: Float64Array, [low, high]: Range): Float64Array {
  return values.map((value) => (value - low) / (high - low));
}
