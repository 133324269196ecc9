import fc from "fast-check";
import { expect, test } from "vitest";
import { moved, resized, type Span, spanOf, within } from "../../src/core/brush.ts";

const places = new Map([
  ["lr", Float64Array.of(0, 0.5, 1, Number.NaN)],
  ["val/acc", Float64Array.of(0.1, 0.2, 0.3, 0.4)],
]);

test("a run is within the brush where it is within all ranges", () => {
  const one = new Map<string, Span>([["lr", [0.4, 1]]]);
  const both = new Map<string, Span>([...one, ["val/acc", [0.25, 1]]]);
  expect([...within(4, places, one)!]).toEqual([0, 1, 1, 0]);
  expect([...within(4, places, both)!]).toEqual([0, 0, 1, 0]);
});

test("without a range there is no brush, nor with one on an axis that is not shown", () => {
  expect(within(4, places, new Map())).toBeNull();
  expect(within(4, places, new Map<string, Span>([["gone", [0, 1]]]))).toBeNull();
});

test("a run without a place is in no range, not even in the widest", () => {
  expect([...within(4, places, new Map<string, Span>([["lr", [0, 1]]]))!]).toEqual([1, 1, 1, 0]);
});

test("a drag gives a range from the lower to the upper place, a click none", () => {
  expect(spanOf(0.8, 0.2)).toEqual([0.2, 0.8]);
  expect(spanOf(-1, 2)).toEqual([0, 1]);
  expect(spanOf(0.5, 0.501)).toBeNull();
});

test("a range that is moved keeps its width and stays on its axis", () => {
  fc.assert(
    fc.property(
      fc.float({ min: 0, max: 1, noNaN: true }),
      fc.float({ min: -3, max: 3, noNaN: true }),
      (low, by) => {
        const [from, to] = moved([low / 2, low / 2 + 0.25], by);
        expect(to - from).toBeCloseTo(0.25, 10);
        expect(from).toBeGreaterThanOrEqual(0);
        expect(to).toBeLessThanOrEqual(1);
      },
    ),
  ); // prettier-ignore
});

test("a range that is made smaller keeps something", () => {
  expect(resized([0.5, 0.6], -3)[1]).toBeGreaterThan(0.5);
  expect(resized([0.5, 0.6], 3)).toEqual([0.5, 1]);
});
