import { expect, test } from "vitest";
import type { RowsTold } from "../../src/bridge/table.ts";
import { BLOCK, Windows } from "../../src/core/windows.ts";

const head = (n: number): [string, string, string, string, string] => [
  `id${n}`,
  `run ${n}`,
  `${n}`,
  "finished",
  "✓",
];
const view = (array: ArrayBufferView<ArrayBuffer>) =>
  new DataView(array.buffer, array.byteOffset, array.byteLength);

function told(
  first: number,
  items: number[],
  id: string,
  values: (number | null)[],
): [RowsTold, DataView[]] {
  const runs = items.filter((item) => item >= 0).map(head);
  const groups = items
    .filter((item) => item < 0)
    .map((item) => ({ label: `g${-1 - item}`, n: 2, best: null, mean: 0.5 }));
  const column = { id, right: true, buffer: 1, low: 0, high: 1, goal: null, decimals: 2 };
  const message = {
    at: 1,
    n: 1000,
    first,
    runs,
    columns: [column],
    groups,
    metric: null,
    mean: null,
  };
  return [
    message,
    [
      view(new Int32Array(items)),
      view(new Float64Array(values.map((value) => value ?? 0))),
      view(new Uint8Array(values.map((value) => Number(value !== null)))),
    ],
  ];
}

test("what is not here is asked for in whole blocks, and only the columns that lack", () => {
  const windows = new Windows();
  const items = Array.from({ length: BLOCK }, (_, n) => n);
  windows.put(...told(0, items, "a", items));

  expect(windows.missing(3, 20, ["a"])).toBeNull();
  expect(windows.missing(3, 20, ["a", "b"])).toEqual({ first: 0, end: BLOCK, columns: ["b"] });
  expect(windows.missing(60, 70, ["a"])).toEqual({ first: BLOCK, end: 2 * BLOCK, columns: ["a"] });
});

test("groups stand between runs, and cells belong to their runs", () => {
  const windows = new Windows();
  windows.put(...told(0, [-1, 4, 5, -2, 6], "a", [0.25, null, 0.75]));

  expect(windows.group(0)?.label).toBe("g0");
  expect(windows.head(0)).toBeUndefined();
  expect([1, 2, 4].map((row) => windows.head(row)?.[0])).toEqual(["id4", "id5", "id6"]);
  expect([1, 2, 4].map((row) => windows.cell(row, "a"))).toEqual([0.25, null, 0.75]);
  expect(windows.cell(3, "a")).toBeUndefined();
});

test("a logged NaN is a value, a missing one is not", () => {
  const windows = new Windows();
  windows.put(...told(0, [0, 1], "a", [Number.NaN, null]));

  expect(windows.cell(0, "a")).toBeNaN();
  expect(windows.cell(1, "a")).toBeNull();
});

test("a second column comes beside the first one", () => {
  const windows = new Windows();
  windows.put(...told(0, [7, 8], "a", [1, 2]));
  windows.put(...told(0, [7, 8], "b", [3, 4]));

  expect([windows.cell(1, "a"), windows.cell(1, "b")]).toEqual([2, 4]);
});

test("blocks seen longest ago are forgotten", () => {
  const windows = new Windows();
  const items = Array.from({ length: BLOCK }, (_, n) => n);
  for (let n = 0; n < 200; n++) windows.put(...told(n * BLOCK, items, "a", items));

  expect(windows.cell(0, "a")).toBeUndefined();
  expect(windows.cell(199 * BLOCK, "a")).toBe(0);
});

test("a run that is otherwise now is so wherever it stands; its columns out of sight are forgotten", () => {
  const windows = new Windows();
  windows.put(...told(0, [0, 1], "a", [1, 2]));
  windows.put(...told(0, [0, 1], "b", [3, 4]));
  const [news, buffers] = told(0, [1], "a", [7]);

  windows.renew([["id1", "renamed", "1", "failed", "!"]], news.columns, buffers);

  expect(windows.head(1)?.[1]).toBe("renamed");
  expect([windows.cell(0, "a"), windows.cell(1, "a")]).toEqual([1, 7]);
  expect(windows.cell(1, "b")).toBeUndefined();
  expect(windows.missing(0, 2, ["a", "b"])?.columns).toEqual(["b"]);
});

test("a text has all its digits beside it, where the table shows fewer", () => {
  const windows = new Windows();
  const [message, [items]] = told(0, [0, -1, 1], "a", []);
  const column = (texts: string[], exact: string[] | null = null) => ({
    id: "lr",
    right: true,
    texts,
    ...(exact && { exact }),
  });
  const parts = [column(["1.23e-4", "0.3"], ["1.23456e-4", "0.3"])];
  windows.put({ ...message, columns: parts }, [items!]);

  expect([windows.cell(0, "lr"), windows.exact(0, "lr")]).toEqual(["1.23e-4", "1.23456e-4"]);
  expect([windows.cell(1, "lr"), windows.exact(1, "lr")]).toEqual([undefined, ""]);
  expect(windows.exact(2, "lr")).toBe("0.3");
  expect(windows.exact(2, "gone")).toBe("");

  windows.renew([head(1)], [column(["0.5"])], []);
  expect([windows.cell(2, "lr"), windows.exact(2, "lr")]).toEqual(["0.5", "0.5"]);
  windows.renew([head(0)], [column(["2.00e-4"], ["2.00001e-4"])], []);
  expect(windows.exact(0, "lr")).toBe("2.00001e-4");
});
