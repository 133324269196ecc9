import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Series } from "../../src/core/series.ts";
import { weightFor } from "../../src/core/smooth.ts";

type Point = [step: number, value: number];

function append(series: Series, points: Point[], time = (place: number) => place): void {
  series.append(
    Float64Array.from(points, ([step]) => step),
    Float64Array.from(points, (_, place) => time(place)),
    Float64Array.from(points, ([, value]) => value),
  );
}

function kept(series: Series): Point[] {
  return Array.from({ length: series.n }, (_, place) => [
    series.step[place]!,
    series.value[place]!,
  ]);
}

function smoothed(values: number[], weight: number): number[] {
  let mean = 0;
  let missing = 1;
  return values.map((value) => {
    if (!Number.isFinite(value)) return Number.NaN;
    mean = weight * mean + (1 - weight) * value;
    missing *= weight;
    return mean / (1 - missing);
  });
}

describe("a series", () => {
  it("keeps the last value of each step, in order of step, however the points arrive", () => {
    const point = fc.tuple(fc.integer({ min: 0, max: 60 }), fc.double({ noNaN: true }));
    fc.assert(
      fc.property(fc.array(fc.array(point, { maxLength: 30 }), { maxLength: 12 }), (batches) => {
        const series = new Series();
        const expected = new Map<number, number>();
        for (const batch of batches) {
          append(series, batch as Point[]);
          for (const [step, value] of batch) expected.set(step, value);
        }
        expect(kept(series)).toEqual([...expected].sort(([a], [b]) => a - b));
        expect(series.taken).toBe(batches.flat().length);
        const { y, n } = series.line("step");
        const shown = kept(series).map(([, value]) =>
          Number.isFinite(value) ? value : Number.NaN,
        );
        expect(Array.from(y.subarray(0, n))).toEqual(shown);
      }),
    );
  });

  it("smooths the same whether the points come at once, one by one, or late", () => {
    const values = Array.from({ length: 200 }, (_, place) => Math.sin(place) + (place % 7));
    const atOnce = new Series();
    append(
      atOnce,
      values.map((value, step) => [step, value]),
    );
    const piecemeal = new Series();
    values.forEach((value, step) => {
      piecemeal.smoothLine("step", 0.9);
      if (step % 2 === 0) append(piecemeal, [[step, value]]);
    });
    append(
      piecemeal,
      values.map((value, step) => [step, value] as Point).filter(([step]) => step % 2 === 1),
    );
    const expected = smoothed(values, 0.9);
    for (const series of [atOnce, piecemeal]) {
      const { y, n } = series.smoothLine("step", 0.9);
      Array.from(y.subarray(0, n)).forEach((mean, place) => {
        expect(mean).toBeCloseTo(expected[place]!, 12);
      });
    }
  });

  it("carries the mean over a gap, which stays a gap", () => {
    const series = new Series();
    append(series, [
      [0, 1],
      [1, Number.NaN],
      [2, 3],
    ]);
    const { y, n } = series.smoothLine("step", 0.5);
    expect(Array.from(y.subarray(0, n))).toEqual(smoothed([1, Number.NaN, 3], 0.5));
    expect(series.nonfinite).toBe(1);
  });

  it("runs over time in the order of time, though steps were logged late", () => {
    const series = new Series();
    series.append(
      Float64Array.from([0, 2, 1]),
      Float64Array.from([10, 20, 30]),
      Float64Array.from([1, 2, 3]),
    );
    const { x, y, n } = series.line("time");
    expect(Array.from(x.subarray(0, n))).toEqual([10, 20, 30]);
    expect(Array.from(y.subarray(0, n))).toEqual([1, 2, 3]);
  });

  it("keeps the weight of its means until it is much longer", () => {
    const series = new Series();
    const add = (n: number) => {
      const from = series.n;
      const steps = Float64Array.from({ length: n }, (_, place) => from + place);
      series.append(
        steps,
        steps,
        steps.map((step) => Math.sin(step * step)),
      );
      return series.autoWeight();
    };
    expect(add(20_000)).toBe(weightFor(20_000));
    expect(add(3000)).toBe(weightFor(20_000));
    expect(add(2000)).toBe(weightFor(25_000));
  });

  it("weighs the past as the static card does", () => {
    expect([100, 600, 6000, 100_000].map(weightFor)).toEqual([0.9, 0.9, 0.99, 0.9994]);
  });
});
