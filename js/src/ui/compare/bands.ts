/** Means of groups with their spread, as the kernel tells them. */

import { floats, type GroupsTold } from "../../bridge/comparison.ts";

export interface Band {
  label: string;
  n: number;
  x: Float64Array;
  mean: Float64Array;
  low: Float64Array;
  high: Float64Array;
}

/** Return the bands of each metric; where one run is left there is no spread. */
export function bandsOf(told: GroupsTold, buffers: DataView[]): Map<string, Band[]> {
  return new Map(
    told.panels.map(({ key, bands }) => [
      key,
      bands.map(({ label, n, x, mean, deviation }) => {
        const [middle, apart] = [floats(buffers[mean]), floats(buffers[deviation])];
        const around = (sign: number) =>
          middle.map((value, at) => value + sign * (Number.isNaN(apart[at]!) ? 0 : apart[at]!));
        return { label, n, x: floats(buffers[x]), mean: middle, low: around(-1), high: around(1) };
      }),
    ]),
  );
}
