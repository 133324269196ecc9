/** Places in rising numbers. */

/** Return the first place in [from, to) whose number is at least `value`, or `to`. */
export function lowerBound(rising: Float64Array, value: number, from: number, to: number): number {
  let low = from;
  let high = to;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (rising[middle]! < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Return the first place in [from, to) whose number is above `value`, or `to`. */
export function upperBound(rising: Float64Array, value: number, from: number, to: number): number {
  let low = from;
  let high = to;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (rising[middle]! <= value) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Return the place whose number is nearest to `value`; -1 where there is none. */
export function nearest(rising: Float64Array, value: number, n: number): number {
  if (n === 0) return -1;
  const after = lowerBound(rising, value, 0, n);
  if (after === 0) return 0;
  if (after === n) return n - 1;
  return value - rising[after - 1]! <= rising[after]! - value ? after - 1 : after;
}

/** Like `lowerBound`, for a place that is likely to lie a little behind `from`. */
export function gallop(rising: Float64Array, value: number, from: number, to: number): number {
  let step = 1;
  let low = from;
  while (low + step < to && rising[low + step]! < value) {
    low += step;
    step *= 2;
  }
  return lowerBound(rising, value, low, Math.min(low + step + 1, to));
}
