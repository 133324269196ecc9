import { expect, test } from "vitest";
import { around, type Curve, extent, HeldCurves, valueAt } from "../../src/core/held_curves.ts";

function curve(x: number[], y: number[], of = 1000): Curve {
  const none = new Float64Array(0);
  return {
    x: Float64Array.from(x),
    y: Float64Array.from(y),
    smoothX: none,
    smoothY: none,
    weight: 0,
    n: x.length,
    of,
    odd: 0,
  }; // prettier-ignore
}

test("a part is drawn from the whole until the exact part is there", () => {
  const held = new HeldCurves();
  const [whole, near] = [curve([0, 50, 100], [1, 2, 3]), curve([10, 11, 12], [1, 2, 3])];
  held.put("loss", 0, null, whole);
  expect(held.best("loss", 0, [10, 12])).toBe(whole);
  expect(held.has("loss", 0, [10, 12])).toBe(false);
  held.put("loss", 0, [9.5, 12.5], near);
  expect(held.best("loss", 0, [10, 12])).toBe(near);
  expect(held.has("loss", 0, [10, 12])).toBe(true);
});

test("a part that is much wider than what is looked at is not exact", () => {
  const held = new HeldCurves();
  held.put("loss", 0, null, curve([0, 100], [1, 2]));
  held.put("loss", 0, [0, 50], curve([0, 50], [1, 2]));
  expect(held.has("loss", 0, [10, 11])).toBe(false);
  expect(held.has("loss", 0, [40, 60])).toBe(false);
  expect(held.has("loss", 0, [5, 45])).toBe(true);
});

test("a curve that was told point by point is exact wherever one looks", () => {
  const held = new HeldCurves();
  held.put("loss", 0, null, curve([0, 1, 2], [1, 2, 3], 3));
  expect(held.has("loss", 0, [0.5, 0.6])).toBe(true);
  expect(held.has("acc", 0, null)).toBe(false);
});

test("curves of several runs span from the first to the last of their points", () => {
  const held = new HeldCurves();
  held.put("loss", 0, null, curve([5, 10], [1, 2]));
  held.put("acc", 3, null, curve([2, 7], [1, 2]));
  expect(held.span(["loss", "acc"], [0, 3])).toEqual([2, 10]);
  expect(held.span(["loss"], [3])).toBeNull();
});

test("the vertical axis holds a line up to the edges of what is looked at", () => {
  const [x, y] = [Float64Array.of(0, 10, 20), Float64Array.of(0, 1, 11)];
  expect(extent(x, y, [5, 15], false)).toEqual([0.5, 6]);
  expect(extent(x, y, [12, 13], false)).toEqual([3, 4]);
  expect(extent(x, y, [30, 40], false)).toBeNull();
  expect(extent(x, Float64Array.of(-1, 0, 2), [0, 20], true)).toEqual([2, 2]);
});

test("between points a line is straight, in gaps and beyond its ends it is nowhere", () => {
  const [x, y] = [Float64Array.of(0, 10, 20, 30), Float64Array.of(0, 1, Number.NaN, 3)];
  expect([0, 5, 10, 30].map((at) => valueAt(x, y, at))).toEqual([0, 0.5, 1, 3]);
  expect([-1, 15, 31].map((at) => valueAt(x, y, at))).toEqual([Number.NaN, Number.NaN, Number.NaN]);
});

test("a part is asked for with half as much on each side, as far as there is something", () => {
  expect(around([40, 60], [0, 100])).toEqual([30, 70]);
  expect(around([0, 20], [0, 100])).toEqual([0, 30]);
});
