import { expect, test } from "vitest";
import { type Chosen, drawnOf, lookOf, stacked } from "../../src/core/looks.ts";

function chosen(
  hidden: number[] = [],
  pinned: number[] = [],
  inside: number[] | null = null,
): Chosen {
  const flags =
    inside === null
      ? null
      : Uint8Array.from({ length: 100 }, (_, run) => Number(inside.includes(run))); // prettier-ignore
  return { hidden: new Set(hidden), pinned: new Set(pinned), inside: flags };
}

test("sixteen runs have a colour, the others are grey", () => {
  expect(lookOf(15, chosen())).toEqual({ colour: 15, level: "plain" });
  expect(lookOf(16, chosen())).toEqual({ colour: -1, level: "grey" });
});

test("who is pinned or pointed at is coloured, grey or not", () => {
  expect(lookOf(20, chosen([], [20]))).toEqual({ colour: 4, level: "strong" });
  expect(lookOf(20, chosen(), 20)).toEqual({ colour: 4, level: "strong" });
});

test("what is brushed out is faint, unless it is pinned or pointed at", () => {
  expect(lookOf(1, chosen([], [], [2]))?.level).toBe("faint");
  expect(lookOf(2, chosen([], [], [2]))?.level).toBe("plain");
  expect(lookOf(1, chosen([], [1], [2]))?.level).toBe("strong");
  expect(lookOf(1, chosen([], [], [2]), 1)?.level).toBe("strong");
});

test("who is hidden is drawn only while it is pointed at", () => {
  expect(lookOf(1, chosen([1]))).toBeNull();
  expect(lookOf(1, chosen([1]), 1)?.level).toBe("strong");
});

test("what matters lies on top, and of equals the first of the table", () => {
  const order = stacked([0, 1, 2, 3, 20], chosen([3], [2], [1, 2, 20])).map(([run]) => run);
  expect(order).toEqual([0, 20, 1, 2]);
});

test("of many runs the pinned, the brushed and then the first are drawn", () => {
  expect(drawnOf(3, 60, chosen())).toEqual([0, 1, 2]);
  expect(drawnOf(100, 4, chosen())).toEqual([0, 1, 2, 3]);
  expect(drawnOf(100, 4, chosen([0], [99], [50, 51]))).toEqual([1, 50, 51, 99]);
});
