import fc from "fast-check";
import { expect, test } from "vitest";
import { Lines, revealed, sight, TALLEST } from "../../src/core/sight.ts";

test("what is in sight is asked for, with some around, and never more than there is", () => {
  expect(sight(250, 300, 100, 50)).toEqual([2, 6]);
  expect(sight(250, 300, 100, 50, 1)).toEqual([1, 7]);
  expect(sight(0, 300, 100, 2, 1)).toEqual([0, 2]);
  expect(sight(9000, 300, 100, 0)).toEqual([0, 0]);
});

test("a place comes into sight by as little scrolling as it takes", () => {
  expect(revealed(250, 300, 100, 4)).toBe(250);
  expect(revealed(250, 300, 100, 1)).toBe(100);
  expect(revealed(250, 300, 100, 9)).toBe(700);
});

test("lines that fit stand where their numbers say", () => {
  const lines = new Lines(1000, 18, 360);

  expect(lines.height).toBe(18_000);
  expect([lines.at(180), lines.at(1e9), lines.scrollTo(10)]).toEqual([10, 980, 180]);
});

test("of any number of lines each can be the first in sight, in an element a browser can have", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 2e9 }), fc.nat(), (n, some) => {
      const lines = new Lines(n, 18, 360);
      const line = Math.min(some % n, lines.last);

      expect(lines.height).toBeLessThanOrEqual(TALLEST);
      expect(Math.abs(lines.at(lines.scrollTo(line)) - line)).toBeLessThan(1e-3);
    }),
  );
});
