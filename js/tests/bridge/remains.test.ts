import { describe, expect, it } from "vitest";
import { onKernelGone, replaceOutput, saveInstead } from "../../src/bridge/remains.ts";

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
  return { model: { get: () => "m", widget_manager: manager(outputs) } as any, list };
}

const notebook = (outputs: unknown) => ({
  context: { model: { cells: { length: 1, get: () => ({ outputs }) } } },
});

describe("what a card leaves when its kernel is gone", () => {
  it("takes the place of its own output and of no other", () => {
    const { model, list } = modelIn(notebook);
    expect(replaceOutput(model, { "text/plain": "gone" })).toBe(true);
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
  ])("changes nothing in a front end that has %s", (_, manager) => {
    const { model, list } = modelIn(manager);
    expect(replaceOutput(model, { "text/plain": "gone" })).toBe(false);
    expect(() => saveInstead(model, () => ({}))()).not.toThrow();
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

describe("what is saved in the place of a live card", () => {
  /** A notebook that is saved with an output of text, one of our widget and one of another. */
  function saved() {
    const outputs = ["text", "m", "other"].map((id) => ({
      output_type: "display_data",
      data: id === "text" ? { "text/plain": "mine" } : { [VIEW]: { model_id: id } },
    }));
    const file = { cells: [{ source: "words" }, { outputs }] };
    const model = { toJSON: () => file };
    const { model: widget } = modelIn(() => ({ context: { model } }));
    const kinds = () =>
      (model.toJSON().cells[1] as { outputs: { data: object }[] }).outputs.map((one) =>
        Object.keys(one.data),
      );
    return { widget, kinds, file };
  }

  it("stands for that card only, while it lives, and changes nothing in the page", () => {
    const { widget, kinds, file } = saved();
    const before = JSON.stringify(file);
    const over = saveInstead(widget, () => ({ "image/png": "p" }));
    expect(kinds()).toEqual([["text/plain"], ["image/png"], [VIEW]]);
    expect(JSON.stringify(file)).toBe(before);
    over();
    expect(kinds()).toEqual([["text/plain"], [VIEW], [VIEW]]);
  });

  it("is the card itself where no picture can be made: saving never fails", () => {
    const { widget, kinds } = saved();
    saveInstead(widget, () => {
      throw new Error("no canvas");
    });
    expect(kinds()).toEqual([["text/plain"], [VIEW], [VIEW]]);
  });
});
