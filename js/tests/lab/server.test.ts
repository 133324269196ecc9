import { beforeEach, expect, test } from "vitest";
import { Server } from "../../src/lab/server.ts";

const asked: [string, string][] = [];
let answers: Record<string, unknown>;

const connection = {
  async makeRequest(url: string, init: RequestInit) {
    const what = url.replace("http://here/runfolio/api/", "");
    asked.push([what, String(init.body ?? "")]);
    const found = Object.entries(answers).find(([begin]) => what.startsWith(begin));
    if (found?.[1] instanceof Error) throw found[1];
    return new Response(JSON.stringify(found?.[1] ?? {}), { status: found ? 200 : 404 });
  },
};
const server = () => new Server(connection, { baseUrl: "http://here/" });

beforeEach(() => {
  asked.length = 0;
  answers = {
    "stores/b/runs/r1/entry": { run_id: "r1", source: "page" },
    "stores/b/runs/r1/edits": { taken: [] },
    "stores/a/runs?": { runs: [] },
    "stores/b/runs?": { runs: [{ id: "r1" }] },
    stores: { stores: [{ id: "a" }, { id: "b" }], can_write: true },
  };
});

test("a run is found in its store, once, and its entry is told", async () => {
  const one = server();

  expect(await one.entry("r1")).toEqual({ run_id: "r1", source: "page" });
  await one.entry("r1");
  expect(asked.filter(([what]) => what.includes("?"))).toHaveLength(2);
});

test("words go to the run's store", async () => {
  expect(await server().words("r1", "mine")).toBe(true);
  expect(asked.at(-1)).toEqual(["stores/b/runs/r1/edits", '{"verb":"words","text":"mine"}']);
});

test("a reader's words are not sent", async () => {
  answers.stores = { stores: [{ id: "b" }], can_write: false };

  expect(await server().words("r1", "mine")).toBe(false);
  expect(asked.some(([what]) => what.endsWith("edits"))).toBe(false);
});

test("a server without runfolio is asked once, one that does not answer is no error", async () => {
  answers = {};
  const one = server();
  await one.entry("r1");
  await one.entry("r2");
  expect(asked).toHaveLength(1);

  answers = { stores: new TypeError("network") };
  expect(await server().entry("r1")).toBeNull();
});

test("what is no id of a run is never part of a request", async () => {
  const ids = ["../x", "..", "a/b", "", "x".repeat(129), "a b", "<img>"];

  expect(await Promise.all(ids.map((id) => server().entry(id)))).toEqual(ids.map(() => null));
  expect(asked).toEqual([]);
});
