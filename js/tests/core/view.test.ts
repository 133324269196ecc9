import { expect, test } from "vitest";
import { isClosed, PLAIN, toggled, viewOf } from "../../src/core/view.ts";

test("nonsense in a saved view is as if nobody chose", () => {
  expect(viewOf(null)).toEqual(PLAIN);
  expect(
    viewOf({ columns: 3, sort: [["a"], ["b", true], [1, 2]], colour: "red", group: "" }),
  ).toEqual({
    ...PLAIN,
    sort: [["b", true]],
  });
  expect(viewOf({ widths: { a: 1e9, b: "x" } }).widths).toEqual({ a: 800 });
});

test("a view is the same after it was written and read", () => {
  const view = { ...PLAIN, columns: ["run", "config.lr"], group: "group", sort: [["a", false]] };

  expect(viewOf(JSON.parse(JSON.stringify(view)))).toEqual(view);
});

test("groups are closed one by one, or all but some", () => {
  const one = toggled(PLAIN.folding, "a");
  const all = toggled({ all: true, but: [] }, "a");

  expect([isClosed(one, "a"), isClosed(one, "b")]).toEqual([true, false]);
  expect([isClosed(all, "a"), isClosed(all, "b")]).toEqual([false, true]);
  expect(toggled(one, "a")).toEqual(PLAIN.folding);
});
