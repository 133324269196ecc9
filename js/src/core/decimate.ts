/**
 * Long lines for few pixels: of every pixel column the exact smallest and largest value is kept.
 */

import { type Extremes, NOWHERE } from "./extremes.ts";
import { gallop, lowerBound, upperBound } from "./search.ts";

/** A line in typed arrays, with what is known of its extremes. */
export interface Line {
  /** Rising. */
  x: Float64Array;
  /** NaN is a gap. */
  y: Float64Array;
  n: number;
  extremes: Extremes;
  /** Places of the gaps, rising. */
  gaps: Uint32Array;
  nGaps: number;
}

/** Points to draw, in order; what stands behind `n` is old. */
export class Drawn {
  x: Float64Array;
  y: Float64Array;
  n = 0;

  constructor(readonly columns: number) {
    const most = mostPoints(columns);
    this.x = new Float64Array(most);
    this.y = new Float64Array(most);
  }

  put(x: number, y: number): void {
    this.x[this.n] = x;
    this.y[this.n] = y;
    this.n++;
  }
}

/** Return how many points `decimate` may give for so many columns. */
export function mostPoints(columns: number): number {
  return 3 * columns + 4;
}

/**
 * Give the points of a line that show all of it between `from` and `to`.
 *
 * Every column of the range keeps its exact minimum and maximum and, where it has gaps, the first
 * one of them; so does the line's way out of the range on both sides: the neighbour there is kept.
 * A line of few points is given as it is.
 */
export function decimate(line: Line, from: number, to: number, into: Drawn): void {
  const { x, y, n } = line;
  into.n = 0;
  const first = lowerBound(x, from, 0, n);
  const last = upperBound(x, to, first, n);
  if (first > 0) into.put(x[first - 1]!, y[first - 1]!);
  if (last - first <= 2 * into.columns) {
    for (let place = first; place < last; place++) into.put(x[place]!, y[place]!);
  } else {
    columns(line, first, last, from, to, into);
  }
  if (last < n) into.put(x[last]!, y[last]!);
}

function columns(
  line: Line,
  first: number,
  last: number,
  from: number,
  to: number,
  into: Drawn,
): void {
  const { x, y } = line;
  const width = (to - from) / into.columns;
  let begin = first;
  let gap = line.nGaps > 0 ? firstGap(line, first) : 0;
  for (let column = 1; column <= into.columns && begin < last; column++) {
    const edge = from + width * column;
    const end = column === into.columns ? last : gallop(x, edge, begin, last);
    if (end === begin) continue;
    const [low, high] = line.extremes.of(begin, end);
    let hole = NOWHERE;
    if (gap < line.nGaps && line.gaps[gap]! < end) {
      hole = line.gaps[gap]!;
      while (gap < line.nGaps && line.gaps[gap]! < end) gap++;
    }
    put(into, x, y, low, high, hole);
    begin = end;
  }
}

/** Put up to three places in rising order, equal ones once. */
function put(
  into: Drawn,
  x: Float64Array,
  y: Float64Array,
  low: number,
  high: number,
  hole: number,
): void {
  let a = Math.min(low, high);
  let b = Math.max(low, high);
  let c = hole;
  // NOWHERE is larger than every place, and so comes last.
  if (c < a) [a, b, c] = [c, a, b];
  else if (c < b) [b, c] = [c, b];
  if (a !== NOWHERE) into.put(x[a]!, y[a]!);
  if (b !== NOWHERE && b !== a) into.put(x[b]!, y[b]!);
  if (c !== NOWHERE && c !== b && c !== a) into.put(x[c]!, y[c]!);
}

function firstGap(line: Line, place: number): number {
  let low = 0;
  let high = line.nGaps;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (line.gaps[middle]! < place) low = middle + 1;
    else high = middle;
  }
  return low;
}
