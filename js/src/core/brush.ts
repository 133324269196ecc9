/** Ranges on the axes of parallel coordinates: which runs lie within all of them. */

export type Span = [low: number, high: number];

/** So little a span is no range but a click. */
const LEAST = 0.005;

/** Return for each run whether it lies in all spans; null where there is no span. */
export function within(
  n: number,
  places: ReadonlyMap<string, Float64Array>,
  spans: ReadonlyMap<string, Span>,
): Uint8Array | null {
  const axes = [...spans].filter(([key]) => places.has(key));
  if (axes.length === 0) return null;
  const inside = new Uint8Array(n).fill(1);
  for (const [key, [low, high]] of axes) {
    const at = places.get(key)!;
    for (let run = 0; run < n; run++) {
      // A run that has no place on an axis is not within a range of it.
      if (!(at[run]! >= low && at[run]! <= high)) inside[run] = 0;
    }
  }
  return inside;
}

/** Return the span between two places of an axis; null where they are one. */
export function spanOf(one: number, other: number): Span | null {
  const [low, high] = [clamp(Math.min(one, other)), clamp(Math.max(one, other))];
  return high - low < LEAST ? null : [low, high];
}

/** Return the span moved by some way, as far as the axis goes. */
export function moved([low, high]: Span, by: number): Span {
  const way = Math.min(Math.max(by, -low), 1 - high);
  return [low + way, high + way];
}

/** Return the span with its upper end elsewhere. */
export function resized([low, high]: Span, by: number): Span {
  return [low, Math.min(Math.max(high + by, low + 0.02), 1)];
}

function clamp(place: number): number {
  return Math.min(Math.max(place, 0), 1);
}
