import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Feed } from "../../src/bridge/feed.ts";
import type { Link } from "../../src/bridge/link.ts";
import type { Down, Up } from "../../src/bridge/protocol.ts";

function feed(): { feed: Feed; said: Up[] } {
  const said: Up[] = [];
  const link = { send: (message: Up) => said.push(message) } as unknown as Link;
  return { feed: new Feed(link), said };
}

/** A message that holds points [from, from + n) of one series; point k has step k and value 2k. */
function points(series: number, from: number, n: number, shift = 0): [Down, DataView[]] {
  const steps = Float64Array.from({ length: n }, (_, place) => from + place);
  const columns = [steps, steps.map((step) => 1000 * step), steps.map((step) => 2 * step)];
  const buffers = columns.map((column) => {
    // As it comes over a socket: somewhere within a larger piece of memory.
    const bytes = new Uint8Array(shift + column.byteLength);
    bytes.set(new Uint8Array(column.buffer), shift);
    return new DataView(bytes.buffer, shift, column.byteLength);
  });
  return [{ kind: "points", at: 1, parts: [{ s: series, from, n }] }, buffers];
}

describe("points that arrive", () => {
  it("are each taken once, whatever comes twice, out of order or not at all", () => {
    const portion = fc.tuple(fc.integer({ min: 0, max: 40 }), fc.integer({ min: 1, max: 20 }));
    fc.assert(
      fc.property(fc.array(portion, { maxLength: 30 }), (portions) => {
        const { feed: one } = feed();
        for (const [from, n] of portions) one.take(...points(0, from, n));
        one.take(...points(0, 0, 60));
        const series = one.get(0);
        expect(series.n).toBe(60);
        expect(Array.from(series.value.subarray(0, 60))).toEqual(
          Array.from({ length: 60 }, (_, place) => 2 * place),
        );
      }),
    );
  });

  it("are asked for from the first missing one on", () => {
    const { feed: one, said } = feed();
    one.take(...points(3, 0, 10));
    one.take(...points(3, 15, 5));
    expect(said.filter((message) => message.kind === "want")).toEqual([]);
    // Just asked is not asked again; the first question may come at once.
    one.onchange = () => {};
    (one as unknown as { asked: number }).asked = Number.NEGATIVE_INFINITY;
    one.take(...points(3, 15, 5));
    expect(said.filter((message) => message.kind === "want")).toEqual([
      { kind: "want", from: { "3": 10 } },
    ]);
  });

  it("may lie anywhere in the memory of their message", () => {
    const { feed: one } = feed();
    one.take(...points(0, 0, 4, 3));
    expect(Array.from(one.get(0).step.subarray(0, 4))).toEqual([0, 1, 2, 3]);
  });

  it("are forgotten when the kernel says so", () => {
    const { feed: one } = feed();
    one.take(...points(0, 0, 4));
    one.take({ kind: "reset", series: [0] }, []);
    one.take(...points(0, 0, 2));
    expect(one.get(0).n).toBe(2);
  });

  it("are acknowledged now and then, so that the kernel sends no faster than the page takes in", () => {
    const { feed: one, said } = feed();
    one.take(...points(0, 0, 4));
    one.take(...points(0, 4, 4));
    expect(said).toEqual([{ kind: "got", at: 1 }]);
    one.take(...points(0, 8, 200_000));
    expect(said).toHaveLength(2);
  });
});
