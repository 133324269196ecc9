import fc from "fast-check";
import { expect, test } from "vitest";
import type { PageTold } from "../../src/bridge/media.ts";
import { differing } from "../../src/core/differs.ts";
import { pieces } from "../../src/core/found.ts";

function page(names: string[], rows: string[][], exact: string[][] = []): PageTold {
  return { first: 0, names, rows, exact, right: [], n: rows.length, columns: names.length };
}

test("a text is found in a line whether its letters are large or small", () => {
  expect(pieces("Loss is a loss", "loss")).toEqual(["", "Loss", " is a ", "loss", ""]);
  expect(pieces("nothing", "loss")).toEqual(["nothing"]);
  expect(pieces("anything", "")).toEqual(["anything"]);
});

test("pieces of a line are the line, and those at odd places are the text", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), fc.string({ minLength: 1 }), (line, text) => {
      const found = pieces(line, text);

      expect(found.join("")).toBe(line);
      for (let at = 1; at < found.length; at += 2) {
        expect(found[at]!.toLowerCase()).toBe(text.toLowerCase());
      }
    }),
  );
});

test("cells differ by what their column says, wherever that stands", () => {
  const first = page(
    ["a", "b"],
    [
      ["1", "x"],
      ["2", "y"],
    ],
  ); // prettier-ignore
  const second = page(["b", "a", "c"], [["x", "9", "z"]]);

  expect(differing(second, first)).toEqual([[false, true, true]]);
});

test("figures that look alike differ where their digits do, and rows that the other has not", () => {
  const first = page(["a"], [["0.333"]], [["0.3333"]]);
  const second = page(["a"], [["0.333"], ["1"]], [["0.3334"], [""]]);

  expect(differing(second, first)).toEqual([[true], [true]]);
});
