import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { lineOf, serves } from "../../src/core/along.ts";
import { Series } from "../../src/core/series.ts";

function series(points: [step: number, value: number][]): Series {
  const made = new Series();
  const steps = Float64Array.from(points, ([step]) => step);
  made.append(
    steps,
    steps.map((step) => 1000 * step),
    Float64Array.from(points, ([, value]) => value),
  );
  return made;
}

const drawn = (one: Series, axis: Series, weight: number | null = null) => {
  const { x, y, n } = lineOf(one, "step", { key: "epoch", series: axis }, weight);
  return Array.from({ length: n }, (_, place) => [x[place], y[place]]);
};

/** Steps that rise, each with a value. */
const logged = fc
  .uniqueArray(fc.integer({ min: 0, max: 60 }), { minLength: 1, maxLength: 30 })
  .chain((steps) =>
    fc
      .array(fc.oneof(fc.integer({ min: -9, max: 9 }), fc.constant(Number.NaN)), {
        minLength: steps.length,
        maxLength: steps.length,
      })
      .map((values) =>
        steps.sort((a, b) => a - b).map((step, place): [number, number] => [step, values[place]!]),
      ),
  );

describe("a series over another one", () => {
  it("lies where that one is at its step, or was last before; without a place it is left out", () => {
    fc.assert(
      fc.property(logged, logged, (points, axis) => {
        const wanted = points
          .flatMap(([step, value]) => {
            const before = axis.filter(([at, x]) => at <= step && Number.isFinite(x));
            return before.length === 0 ? [] : [[before[before.length - 1]![1], value]];
          })
          .sort(([a], [b]) => a! - b!); // stable, as the axis wants it
        expect(drawn(series(points), series(axis))).toEqual(wanted);
      }),
    );
  });

  it("moves when its axis goes on, and is smoothed in the order of its steps", () => {
    const loss = series([[0, 8], [10, 4], [20, 2]]); // biome-ignore format: one line reads better
    const epoch = series([[0, 0], [10, 1]]); // biome-ignore format: one line reads better
    expect(drawn(loss, epoch)).toEqual([[0, 8], [1, 4], [1, 2]]); // biome-ignore format: as above
    epoch.append(Float64Array.of(20), Float64Array.of(20_000), Float64Array.of(2));
    expect(drawn(loss, epoch)).toEqual([[0, 8], [1, 4], [2, 2]]); // biome-ignore format: as above
    const smooth = drawn(loss, epoch, 0.5).map(([, y]) => y);
    expect(smooth[0]).toBe(8);
    expect(smooth[2]).toBeGreaterThan(2);
  });

  it("runs over steps or time where that is chosen", () => {
    const loss = series([[5, 1]]);
    const along = { key: "epoch", series: series([[5, 3]]) };
    expect(lineOf(loss, "time", along).x[0]).toBe(5000);
    expect(lineOf(loss, "step", null).x[0]).toBe(5);
  });

  it("has no axis in one that begins only later", () => {
    expect(serves(series([[7, 1]]), series([[5, 1]]))).toBe(false);
    expect(serves(series([[5, 1]]), series([[5, 1]]))).toBe(true);
  });
});
