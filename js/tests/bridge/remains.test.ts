import { describe, expect, it } from "vitest";
import { onKernelGone, replaceOutput } from "../../src/bridge/remains.ts";

const VIEW = "application/vnd.jupyter.widget-view+json";

/** A model in a notebook of two outputs, the second of which shows it. */
function modelIn(manager: (outputs: unknown) => unknown) {
  const list = [{ data: { "text/plain": "mine" } }, { data: { [VIEW]: { model_id: "m" } } }];
  const outputs = {
    length: list.length,
    get: (place: number) => list[place],
    set: (place: number, output: { data: object }) => {
      list[place] = output as (typeof list)[number];
    },
  };
  // biome-ignore lint/suspicious/noExplicitAny: a stand-in for what front ends give
  return { model: { get: () => "ours", widget_manager: manager(outputs) } as any, list };
}

const notebook = (outputs: unknown) => ({
  get_model: async (id: string) => ({ get: () => (id === "m" ? "ours" : "another") }),
  context: { model: { cells: { length: 1, get: () => ({ outputs }) } } },
});

describe("what a card leaves when its kernel is gone", () => {
  it("takes the place of its own output and of no other", async () => {
    const { model, list } = modelIn(notebook);
    expect(await replaceOutput(model, { "text/plain": "gone" })).toBe(true);
    expect(list.map((one) => one.data)).toEqual([
      { "text/plain": "mine" },
      { "text/plain": "gone" },
    ]);
  });

  it.each([
    ["nothing", () => undefined],
    ["other things", () => ({ context: { model: { cells: 3 } } })],
    [
      "what throws",
      () => ({
        get context() {
          throw new Error("no");
        },
      }),
    ],
  ])("changes nothing in a front end that has %s", async (_, manager) => {
    const { model, list } = modelIn(manager);
    expect(await replaceOutput(model, { "text/plain": "gone" })).toBe(false);
    expect(list[1]!.data).toHaveProperty([VIEW]);
    expect(() => onKernelGone(model, () => {})()).not.toThrow();
  });

  it("hears that a kernel restarts or dies, and not that it is busy", () => {
    let slot: (sender: unknown, status: string) => void = () => {};
    const statusChanged = { connect: (one: typeof slot) => (slot = one), disconnect: () => {} };
    const { model } = modelIn(() => ({ kernel: { statusChanged } }));
    let heard = 0;
    onKernelGone(model, () => heard++);
    for (const status of ["busy", "idle", "autorestarting", "dead"]) slot(null, status);
    expect(heard).toBe(2);
  });
});
