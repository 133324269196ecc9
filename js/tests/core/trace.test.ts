import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Drawn } from "../../src/core/decimate.ts";
import { type Axes, Trace } from "../../src/core/trace.ts";

const AXES: Axes = { x: [0, 10], y: [0, 1], log: false };

/** Return the strokes of a line on a plot of 100 by 50 pixels. */
function strokes(points: [number, number][], axes: Axes): [number, number][][] {
  const drawn = new Drawn(points.length);
  for (const [x, y] of points) drawn.put(x, y);
  const found: [number, number][][] = [];
  const path = {
    moveTo: (x: number, y: number) => void found.push([[x, y]]),
    lineTo: (x: number, y: number) => void found[found.length - 1]!.push([x, y]),
  };
  new Trace(drawn, axes).context(path)({ width: 100, height: 50 });
  return found;
}

describe("a traced line", () => {
  it("has every point where the axes have it", () => {
    const number = fc.double({ min: -1e6, max: 1e6, noNaN: true });
    fc.assert(
      fc.property(fc.array(fc.tuple(number, number), { minLength: 1 }), (points) => {
        const [stroke] = strokes(points, { x: [-1e6, 1e6], y: [-1e6, 1e6], log: false });
        expect(stroke).toHaveLength(points.length);
        stroke!.forEach(([across, down], place) => {
          const [x, y] = points[place]!;
          expect(across).toBeCloseTo(50 + x / 2e4, 6);
          expect(down).toBeCloseTo(25 - y / 4e4, 6);
        });
      }),
    );
  });

  it("ends at a gap and begins anew behind it", () => {
    const points: [number, number][] = [
      [0, 0],
      [2, 1],
      [4, Number.NaN],
      [6, 0.5],
    ];
    expect(strokes(points, AXES)).toEqual([
      [
        [0, 50],
        [20, 0],
      ],
      [[60, 25]],
    ]);
  });

  it("passes over what a logarithmic axis has no place for", () => {
    const points: [number, number][] = [
      [0, 1],
      [5, 0],
      [7, -3],
      [10, 100],
    ];
    const [stroke, ...others] = strokes(points, { x: [0, 10], y: [1, 100], log: true });
    expect(stroke).toEqual([
      [0, 50],
      [100, 0],
    ]);
    expect(others).toEqual([]);
  });
});
