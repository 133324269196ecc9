import { beforeEach, expect, test, vi } from "vitest";
import type { Requests } from "../../src/bridge/requests.ts";
import { Model } from "../../src/ui/media/model.ts";

interface Asked {
  verb: string;
  what: Record<string, unknown>;
  tell: (told: object, buffers?: DataView[]) => void;
}

function kernel() {
  const asked: Asked[] = [];
  const requests = {
    ask: (verb: string, what: Record<string, unknown>) =>
      new Promise((resolve) => {
        asked.push({ verb, what, tell: (told, buffers = []) => resolve([told, buffers]) });
      }),
    dispose: () => {},
  } as unknown as Requests;
  return { model: new Model(requests), asked };
}

const FACTS = { at: 1, n: 3, read: 3, runs: [], keys: { images: [["x", 3]] } };

function steps(...all: number[]): DataView {
  return new DataView(new Float64Array(all).buffer);
}

const settled = () => new Promise((done) => setTimeout(done));

async function opened() {
  const found = kernel();
  void found.model.ask();
  found.asked[0]!.tell(FACTS);
  await settled();
  found.asked[1]!.tell({}, [steps(0, 5, 9)]);
  await settled();
  found.model.see({ first: 0, end: 1, keys: [0] });
  return { ...found, asked: found.asked.slice(2), all: found.asked };
}

function cell(more: object = {}) {
  const told = { k: 0, c: 0, step: 9, n: 1, token: "t", ...more };
  return { at: 1, cells: [told], first: 0, runs: [], later: false, known: 1, read: 3 };
}

beforeEach(() => {
  vi.stubGlobal("URL", { createObjectURL: () => "blob:1", revokeObjectURL: () => {} });
});

test("while one question is open only the newest step is asked next", async () => {
  const { model, all } = await opened();
  for (const step of [0, 5, 0]) void model.set({ step });
  expect(all.filter((one) => one.verb === "cells")).toHaveLength(1);

  all.at(-1)!.tell(cell());
  await settled();

  const questions = all.filter((one) => one.verb === "cells");
  expect(questions.map((one) => one.what.step)).toEqual([null, 0]);
});

test("pictures that come later are asked for, those that are here are named", async () => {
  const { all } = await opened();
  const buffer = new DataView(new ArrayBuffer(4));
  all.at(-1)!.tell(cell({ buffer: 0, mime: "image/png", later: true }), [buffer]);
  await settled();

  expect(all.at(-1)!.what.held).toEqual(["t"]);
});

test("only checked kinds of pictures become something that a page loads", async () => {
  const { model, all } = await opened();
  const buffer = new DataView(new ArrayBuffer(4));
  all.at(-1)!.tell(cell({ buffer: 0, mime: "image/svg+xml" }), [buffer]);
  await settled();

  expect(model.pictures.get("t")!.url).toBe("");
});

test("a fault is said and ends the questions, until something else is wanted", async () => {
  const { model, all } = await opened();
  const n = all.length;
  model.requests.ask = () => Promise.reject(new Error("gone"));
  all.at(-1)!.tell(cell({ later: true }));
  await settled();

  expect([model.fault, all.length]).toEqual(["gone", n]);
});
