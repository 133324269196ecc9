import { parse, View } from "vega";
import { expressionInterpreter } from "vega-interpreter";
import { describe, expect, it } from "vitest";
import { type Row, Rows } from "../../src/core/rows.ts";

function view(): View {
  const options = { expr: expressionInterpreter, renderer: "none" };
  // biome-ignore lint/suspicious/noExplicitAny: Vega's types do not know the tree
  const runtime = parse({ data: [{ name: "last" }] } as any, undefined, { ast: true } as any);
  // biome-ignore lint/suspicious/noExplicitAny: nor the interpreter
  return new View(runtime, options as any);
}

const row = (s: number, y: number, c = s): Row => ({ s, c, d: 0, y });

describe("rows of a data set", () => {
  it("change in place while they stand for the same series", () => {
    const [shown, rows] = [view(), new Rows("last")];
    rows.write(shown, [row(0, 1), row(1, 2)]);
    const [first] = shown.run().data("last");
    rows.write(shown, [row(0, 1), row(1, 3)]);
    const after = shown.run().data("last");
    expect(after).toMatchObject([{ y: 1 }, { y: 3 }]);
    expect(after[0]).toBe(first);
  });

  it("enter anew where a series comes, goes or has another colour", () => {
    const [shown, rows] = [view(), new Rows("last")];
    rows.write(shown, [row(0, 1), row(1, 2)]);
    const [first] = shown.run().data("last");
    rows.write(shown, [row(0, 1, 5)]);
    const after = shown.run().data("last");
    expect(after).toMatchObject([{ s: 0, c: 5 }]);
    expect(after[0]).not.toBe(first);
    rows.write(shown, []);
    expect(shown.run().data("last")).toEqual([]);
  });
});
