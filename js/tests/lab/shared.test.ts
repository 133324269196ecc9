import { expect, test, vi } from "vitest";
import { compared, module, type Scope } from "../../src/lab/shared.ts";

const offer = (name: string, loaded?: unknown) => ({
  get: async () => () => ({ name }),
  ...(loaded === undefined ? {} : { loaded }),
});

test("of several versions the one that is in use is taken, else the newest", async () => {
  const scope: Scope = {
    used: { "4.10.0": offer("newer"), "4.9.1": offer("in use", 1) },
    unused: { "4.9.1": offer("old"), "4.10.0-beta.1": offer("newest"), "4.2.0+x": offer("older") },
  };

  expect(await module(scope, "used")).toEqual({ name: "in use" });
  expect(await module(scope, "unused")).toEqual({ name: "newest" });
});

test("what a front end lacks, or cannot load, is empty", async () => {
  const said = vi.spyOn(console, "warn").mockImplementation(() => {});
  const scope: Scope = { broken: { "1.0.0": { get: () => Promise.reject(new Error("gone")) } } };

  expect(await module(scope, "constructor")).toEqual({});
  expect(await module(scope, "broken")).toEqual({});
  expect(said).toHaveBeenCalledOnce();
});

test("versions are compared by their numbers", () => {
  expect(["4.10.0", "4.9.9", "5.0.0-alpha", "x", "4.9"].sort(compared)).toEqual([
    "x",
    "4.9",
    "4.9.9",
    "4.10.0",
    "5.0.0-alpha",
  ]);
});
