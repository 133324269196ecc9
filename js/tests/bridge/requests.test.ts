import { expect, test } from "vitest";
import type { Link } from "../../src/bridge/link.ts";
import type { Down, Told, Up } from "../../src/bridge/protocol.ts";
import { type Refused, Requests } from "../../src/bridge/requests.ts";

type Ask = Extract<Up, { kind: "ask" }>;

function kernel() {
  const asked: Ask[] = [];
  let hear: (message: Down, buffers: DataView[]) => void = () => {};
  const link = {
    listen: (handler: typeof hear) => {
      hear = handler;
      return () => {};
    },
    listenRenewed: () => () => {},
    send: (message: Up) => asked.push(message as Ask),
  } as unknown as Link;
  const tell = (ask: Ask, more: Partial<Told> & Record<string, unknown> = {}) =>
    hear({ kind: "told", id: ask.id, verb: ask.verb, page: ask.page, ...more }, []);
  return { requests: new Requests(link), asked, tell };
}

test("an answer belongs to its question, in whatever order they come", async () => {
  const { requests, asked, tell } = kernel();
  const [ids, tags] = [
    requests.ask<{ a: number }>("ids", {}),
    requests.ask<{ a: number }>("tags", {}),
  ];
  tell(asked[1]!, { a: 2 });
  tell(asked[0]!, { a: 1 });

  expect([(await ids)?.[0].a, (await tags)?.[0].a]).toEqual([1, 2]);
});

test("rows that nobody waits for any more are given up", async () => {
  const { requests, asked, tell } = kernel();
  const [older, newer] = [requests.ask("rows", { first: 0 }), requests.ask("rows", { first: 64 })];
  tell(asked[1]!);
  tell(asked[0]!);

  expect(await older).toBeNull();
  expect(await newer).not.toBeNull();
});

test("a refusal knows the character that is wrong", async () => {
  const { requests, asked, tell } = kernel();
  const answer = requests.ask("facts", {}).catch((error: Refused) => error);
  tell(asked[0]!, { error: { message: "No run has that.", position: 4 } });

  const error = (await answer) as Refused;
  expect([error.message, error.position]).toEqual(["No run has that.", 4]);
});

test("answers to other pages are passed over", () => {
  const { requests, asked, tell } = kernel();
  void requests.ask("rows", {});
  tell({ ...asked[0]!, page: "another" });

  expect(requests.since).not.toBeNull();
});
