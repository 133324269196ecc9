/**
 * The debiased exponential mean, computed over all points before any is left out.
 *
 * `m[i] = w * m[i-1] + (1 - w) * y[i]`, divided by `1 - w ** (i + 1)`: the bias correction of
 * Kingma and Ba (2015). A gap carries the mean over and stays a gap.
 */

const WINDOW = 10;
const WINDOWS = 60;
const SMOOTH_FROM = 40;
const NOISE = 0.01;

/** A mean that goes on where it stopped. */
export class Mean {
  private mean = 0;
  private missing = 1;

  constructor(readonly weight: number) {}

  /** Write the means of `values[from..to)` to the same places of `into`. */
  go(values: Float64Array, from: number, to: number, into: Float64Array): void {
    const w = this.weight;
    for (let place = from; place < to; place++) {
      const value = values[place]!;
      if (Number.isNaN(value)) {
        into[place] = value;
        continue;
      }
      this.mean = w * this.mean + (1 - w) * value;
      this.missing *= w;
      into[place] = this.mean / (1 - this.missing);
    }
  }
}

/**
 * Return how much of the mean the past keeps in a series of `n` points: about ten points, or a
 * sixtieth of a long series, so that it is as calm to the eye at a million points as at a thousand.
 */
export function weightFor(n: number): number {
  const share = 1 / Math.max(WINDOW, n / WINDOWS);
  const digits = 1 - Math.floor(Math.log10(share));
  return 1 - Number(share.toFixed(Math.min(digits, 20)));
}

/**
 * Return whether a series jitters visibly: a mean would show its course better. Judged by how far
 * a point lies from the middle of its neighbours, in the median, against the range of all.
 */
export function isNoisy(values: Float64Array, n: number, low: number, high: number): boolean {
  const half = high / 2 - low / 2;
  if (n < SMOOTH_FROM || !(half > 0)) return false;
  const apart: number[] = [];
  const stride = n > 16_384 ? Math.floor((n - 256) / 31) : 256;
  for (let start = 0; start + 2 < n; start += stride) {
    for (let place = start + 1; place < Math.min(start + 255, n - 1); place++) {
      const away = values[place]! / 2 - (values[place - 1]! / 2 + values[place + 1]! / 2) / 2;
      if (Number.isFinite(away)) apart.push(Math.abs(away) / half);
    }
  }
  apart.sort((a, b) => a - b);
  return (apart[apart.length >> 1] ?? 0) > NOISE;
}
