import { expect, test } from "vitest";
import { Held } from "../../src/core/held.ts";

function held(most: number, keeps?: (name: string) => boolean) {
  const dropped: number[] = [];
  return { held: new Held<number>(most, (value) => dropped.push(value), keeps), dropped };
}

test("what was wanted longest ago goes first when there is no more room", () => {
  const { held: all, dropped } = held(20);
  all.put("a", 1, 10);
  all.put("b", 2, 10);
  all.get("a");
  all.put("c", 3, 10);

  expect([all.get("a"), all.get("b"), all.get("c"), dropped]).toEqual([1, undefined, 3, [2]]);
});

test("what is in sight stays, and the newest however large it is", () => {
  const { held: all, dropped } = held(20, (name) => name === "a");
  all.put("a", 1, 15);
  all.put("b", 2, 15);
  all.put("c", 3, 99);

  expect([all.has("a"), all.has("c"), dropped]).toEqual([true, true, [2]]);
});

test("one that takes the place of another drops it, and all are dropped at the end", () => {
  const { held: all, dropped } = held(99);
  all.put("a", 1, 5);
  all.put("a", 2, 5);
  all.put("b", 3, 5);
  expect(all.names(1)).toEqual(["b"]);

  all.clear();

  expect([all.size, dropped]).toEqual([0, [1, 2, 3]]);
});
