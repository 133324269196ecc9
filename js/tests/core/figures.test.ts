import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { count, duration, exact, figure } from "../../src/core/figures.ts";
import { rangeOf, steady, usable } from "../../src/core/range.ts";

describe("figures", () => {
  // The same cases as the Python half, in tests/charts/test_figures.py.
  it.each([
    [0.974, "0.974"],
    [12.345, "12.3"],
    [147, "147"],
    [0.000012, "1.2e-5"],
    [1234567.8, "1.23e6"],
    [-0.5, "−0.500"],
    [0, "0"],
    [Number.NaN, "NaN"],
    [Number.POSITIVE_INFINITY, "∞"],
    [Number.NEGATIVE_INFINITY, "−∞"],
  ])("shows %d as %s", (value, text) => {
    expect(figure(value)).toBe(text);
  });

  it.each([
    [1_000_000, "1,000,000"],
    [0.5, "0.5"],
    [2 ** 53, "9.01e15"],
    [-1e300, "−1e300"],
    [Number.NaN, "NaN"],
  ])("counts %d as %s", (value, text) => {
    expect(count(value)).toBe(text);
  });

  it.each([
    [7.7, "7.7\u2009s"],
    [200, "3\u2009min 20\u2009s"],
    [7500, "2\u2009h 05\u2009min"],
    [273_600, "3\u2009d 4\u2009h"],
    [-1, "?"],
  ])("shows %d seconds as %s", (seconds, text) => {
    expect(duration(seconds)).toBe(text);
  });

  it("leaves no digit out where all are asked for", () => {
    expect(exact(0.1 + 0.2)).toBe("0.30000000000000004");
  });
});

describe("the vertical axis", () => {
  it("gives values some air, and does not go below zero in vain", () => {
    expect(rangeOf(10, 20, false)).toEqual([9.5, 20.5]);
    expect(rangeOf(0.1, 20, false)[0]).toBe(0);
    expect(rangeOf(-20, -0.1, false)[1]).toBe(0);
  });

  it("has a range for one value, for none, and for the largest there are", () => {
    expect(rangeOf(4, 4, false)).toEqual([2, 6]);
    expect(rangeOf(Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, false)).toEqual([0, 1]);
    expect(rangeOf(-1.7e308, 1.7e308, false).every(Number.isFinite)).toBe(true);
  });

  it("stays where it is while it still fits", () => {
    expect(steady([0, 10], [0.2, 9.8])).toEqual([0, 10]);
    expect(steady([0, 10], [0, 11])).toEqual([0, 11]);
    expect(steady([0, 10], [0, 2])).toEqual([0, 2]);
  });
});

describe("an axis of any numbers", () => {
  const number = fc.double({ noNaN: true, noDefaultInfinity: true });
  const pair = fc
    .tuple(number, number)
    .map(([a, b]) => (a < b ? [a, b] : [b, a]) as [number, number]);

  it("has a length that can be divided, whatever it has to hold", () => {
    fc.assert(
      fc.property(pair, ([low, high]) => {
        for (const [from, to] of [usable([low, high]), rangeOf(low, high, false)]) {
          expect(to - from).toBeGreaterThan(1e-300);
          expect(to - from).toBeLessThan(Number.POSITIVE_INFINITY);
        }
      }),
    );
  });

  it("is above zero where it is logarithmic", () => {
    fc.assert(
      fc.property(pair, ([low, high]) => {
        const [from, to] = rangeOf(low, high, true);
        expect(from).toBeGreaterThan(1e-300);
        expect(to).toBeGreaterThan(from);
        expect(to).toBeLessThan(Number.POSITIVE_INFINITY);
      }),
    );
  });
});
