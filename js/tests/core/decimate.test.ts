import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Drawn, decimate } from "../../src/core/decimate.ts";
import { Series } from "../../src/core/series.ts";

function seriesOf(values: number[], steps = values.map((_, place) => place)): Series {
  const series = new Series();
  series.append(
    Float64Array.from(steps),
    Float64Array.from(steps, (step) => 1000 * step),
    Float64Array.from(values),
  );
  return series;
}

function drawn(series: Series, from: number, to: number, columns: number): [number, number][] {
  const into = new Drawn(columns);
  decimate(series.line("step"), from, to, into);
  return Array.from({ length: into.n }, (_, place) => [into.x[place]!, into.y[place]!]);
}

/** Look at every point: what each column must show. */
function bruteForce(series: Series, from: number, to: number, columns: number) {
  const found = new Map<number, { low: number; high: number; gap: boolean }>();
  for (let place = 0; place < series.n; place++) {
    const x = series.step[place]!;
    if (x < from || x > to) continue;
    let column = 0;
    while (column < columns - 1 && x >= from + ((to - from) / columns) * (column + 1)) column++;
    const one = found.get(column) ?? { low: Number.NaN, high: Number.NaN, gap: false };
    const y = series.value[place]!;
    if (!Number.isFinite(y)) one.gap = true;
    else {
      one.low = Number.isNaN(one.low) ? y : Math.min(one.low, y);
      one.high = Number.isNaN(one.high) ? y : Math.max(one.high, y);
    }
    found.set(column, one);
  }
  return found;
}

const value = fc.oneof(
  { weight: 20, arbitrary: fc.double({ min: -1e6, max: 1e6, noNaN: true }) },
  { weight: 1, arbitrary: fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY) },
  { weight: 3, arbitrary: fc.constantFrom(0, 1, -1) },
);

describe("decimation", () => {
  it("keeps the exact extremes and the gaps of every pixel column", () => {
    fc.assert(
      fc.property(
        fc.array(value, { minLength: 1, maxLength: 3000 }),
        fc.integer({ min: 1, max: 40 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (values, columns, a, b) => {
          const series = seriesOf(values);
          const from = Math.min(a, b) * (values.length - 1);
          const to = Math.max(a, b) * (values.length - 1);
          fc.pre(to > from);
          const points = seriesOf(
            drawn(series, from, to, columns).map(([, y]) => y),
            drawn(series, from, to, columns).map(([x]) => x),
          );
          expect(bruteForce(points, from, to, columns)).toEqual(
            bruteForce(series, from, to, columns),
          );
        },
      ),
      { numRuns: 300 },
    );
  });

  it("shows a spike of one point among a million", () => {
    const values = Array.from({ length: 1_000_000 }, () => 0.5);
    values[654_321] = 99;
    const points = drawn(seriesOf(values), 0, 999_999, 800);
    expect(points.length).toBeLessThan(2500);
    expect(points).toContainEqual([654_321, 99]);
  });

  it("goes on to the neighbours outside of the visible range", () => {
    const points = drawn(seriesOf([1, 2, 3, 4, 5, 6]), 2.5, 3.5, 10);
    expect(points).toEqual([
      [2, 3],
      [3, 4],
      [4, 5],
    ]);
  });

  it("gives nothing for a series without points", () => {
    expect(drawn(new Series(), 0, 1, 10)).toEqual([]);
  });
});
