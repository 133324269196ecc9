import { expect, test } from "vitest";
import { aligned, better, clock, curvePath, isBest, shade } from "../../src/core/shown.ts";

const up = { right: true, low: 0.5, high: 0.9, goal: "maximize" as const };
const down = { ...up, goal: "minimize" as const };

test("figures of a column have its decimals, but where they would lose their digits", () => {
  expect([0.5, 0.973, 1].map((value) => aligned(value, 3))).toEqual(["0.500", "0.973", "1.000"]);
  expect(aligned(0.00012, 3)).toBe("0.000120");
  expect(aligned(-0.25, 2)).toBe("−0.25");
});

test("the shade tells better from worse by the goal", () => {
  expect(shade(0.9, up)).toBeCloseTo(1);
  expect(shade(0.9, down)).toBeCloseTo(0);
  expect(shade(0.9, { ...up, goal: null })).toBeNull();
  expect(shade(Number.NaN, up)).toBeNull();
  expect(shade(1e308, { ...up, low: -1e308, high: 1e308 })).toBeCloseTo(1);
});

test("the best value of a column is known by its goal", () => {
  expect([isBest(0.9, up), isBest(0.9, down), isBest(0.5, down)]).toEqual([true, false, true]);
});

test("times are as near as a reader thinks of them", () => {
  const now = new Date(2026, 10, 26, 15, 0).getTime();
  expect(clock(new Date(2026, 10, 26, 9, 5).getTime(), now)).toBe("09:05");
  expect(clock(new Date(2026, 10, 3, 9, 5).getTime(), now)).toBe("3 Nov 09:05");
  expect(clock(new Date(2025, 1, 3).getTime(), now)).toBe("3 Feb 2025");
});

test("a difference carries a sign and says which way is better", () => {
  expect(better(0.8, 0.7, "maximize")).toBe("▲ +0.100");
  expect(better(0.8, 0.7, "minimize")).toBe("▼ +0.100");
  expect(better(0.8, 0.7, null)).toBe("");
});

test("a curve leaves gaps where nothing is", () => {
  expect(curvePath(new Float32Array([0, Number.NaN, 1]), 10, 10)).toBe("M0.0 10.0M10.0 0.0");
  expect(curvePath(new Float32Array([]), 10, 10)).toBe("");
});
