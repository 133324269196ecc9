import { expect, test } from "vitest";
import { logTicks, numberTicks, timeTicks } from "../../src/core/ticks.ts";

const told = (ticks: { label: string }[]) => ticks.map(({ label }) => label).filter(Boolean);

test("an axis of numbers has about five round labels", () => {
  expect(told(numberTicks([0, 1]))).toEqual(["0", "0.2", "0.4", "0.6", "0.8", "1.0"]);
  expect(told(numberTicks([0, 1e6]))).toEqual(["0", "0.2M", "0.4M", "0.6M", "0.8M", "1M"]);
  expect(told(numberTicks([0, 4e-6], 4))[1]).toContain("e-6");
});

test("a logarithmic axis is labelled at powers of ten, and where there are few of them between", () => {
  expect(told(logTicks([0.01, 100]))).toEqual(["0.01", "0.1", "1", "10", "100"]);
  expect(told(logTicks([0.5, 5.5]))).toEqual(["0.5", "1", "2", "5"]);
  expect(told(logTicks([1e-12, 1e8])).length).toBeLessThan(8);
  expect(told(logTicks([2, 3])).length).toBeGreaterThan(2);
});

test("ticks stand where their numbers lie", () => {
  expect(numberTicks([10, 20]).map(({ share }) => share)).toEqual([0, 0.2, 0.4, 0.6, 0.8, 1]);
  expect(logTicks([1, 100]).find(({ label }) => label === "10")?.share).toBeCloseTo(0.5, 12);
});

test("moments are as fine as their axis asks for", () => {
  const at = new Date(2026, 10, 22, 21, 30).getTime();
  expect(told(timeTicks([at, at + 60_000]))[0]).toMatch(/^21:30:\d\d$/);
  expect(told(timeTicks([at, at + 3_600_000]))[0]).toBe("21:30");
  expect(told(timeTicks([at, at + 9 * 86_400_000]))[0]).toMatch(/Nov/);
});
