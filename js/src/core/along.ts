/** A series over the values of another one, such as `epoch`, instead of over steps. */

import type { Line } from "./decimate.ts";
import type { Axis, Series } from "./series.ts";
import { byOrder } from "./series.ts";

/** What a series runs over where that is not its steps: a metric of the same run. */
export interface Along {
  key: string;
  series: Series;
}

interface Places {
  of: Series;
  versions: string;
  x: Float64Array;
  /** Which points have a place, in the order of their places; null where all do as they are. */
  order: Uint32Array | null;
  lines: Map<number | null, Line>;
}

const known = new WeakMap<Series, Places>();

/** Return whether an axis has a value where a series has points. */
export function serves(axis: Series, series: Series): boolean {
  return axis.n > 0 && (series.n === 0 || axis.step[0]! <= series.step[series.n - 1]!);
}

/** Return the points of a series over an axis; smoothed by a weight, if one is given. */
export function lineOf(
  series: Series,
  axis: Axis,
  along: Along | null,
  weight: number | null = null,
): Line {
  const line = () => (weight === null ? series.line(axis) : series.smoothLine(axis, weight));
  if (along === null || axis !== "step") return line();
  const places = placesOf(series, along.series);
  let found = places.lines.get(weight);
  if (found === undefined) {
    found = { ...line(), x: places.x };
    if (places.order !== null) found = byOrder(found, places.order);
    places.lines.set(weight, found);
  }
  return found;
}

function placesOf(series: Series, axis: Series): Places {
  const versions = `${series.version} ${axis.version}`;
  let found = known.get(series);
  if (found === undefined || found.of !== axis || found.versions !== versions) {
    const x = valuesAt(axis, series.step, series.n);
    found = { of: axis, versions, x, order: orderOf(x), lines: new Map() };
    known.set(series, found);
  }
  return found;
}

/** Return the value that a metric has at each of the steps, or had last before; NaN before its first. */
function valuesAt(axis: Series, steps: Float64Array, n: number): Float64Array {
  const x = new Float64Array(n);
  let at = 0;
  let value = Number.NaN;
  for (let place = 0; place < n; place++) {
    for (; at < axis.n && axis.step[at]! <= steps[place]!; at++) {
      if (Number.isFinite(axis.value[at]!)) value = axis.value[at]!;
    }
    x[place] = value;
  }
  return x;
}

function orderOf(x: Float64Array): Uint32Array | null {
  let rises = x.length === 0 || !Number.isNaN(x[0]!);
  for (let place = 1; rises && place < x.length; place++) rises = x[place]! >= x[place - 1]!;
  if (rises) return null;
  const placed: number[] = [];
  for (let place = 0; place < x.length; place++) if (!Number.isNaN(x[place]!)) placed.push(place);
  return Uint32Array.from(placed).sort((a, b) => x[a]! - x[b]! || a - b);
}
