import { expect, test, vi } from "vitest";
import { Channel } from "../../src/bridge/channel.ts";
import { Link } from "../../src/bridge/link.ts";
import { Requests } from "../../src/bridge/requests.ts";
import { ServerApi } from "../../src/bridge/server_api.ts";
import { written } from "../../src/core/wire.ts";

const QUICK = { first: 1, most: 5 };

/** A server of which a test says when it is there, and what its streams hold. */
class Server {
  views = 0;
  isThere = true;
  said: [string, string, unknown][] = [];
  streams: ReadableStreamDefaultController<Uint8Array>[] = [];

  async fetch(path: string, init: RequestInit): Promise<Response> {
    if (!this.isThere) throw new TypeError("Failed to fetch");
    if (path.startsWith("stream")) return this.stream(init.signal!);
    const body = init.body ? JSON.parse(String(init.body)) : null;
    this.said.push([init.method ?? "GET", path, body]);
    const made = { view: `v${++this.views}`, state: { query: "", n: this.views } };
    return Response.json(path === "views" ? made : {});
  }

  tell(told: object): void {
    this.streams.at(-1)!.enqueue(written(told));
  }

  stop(): void {
    this.isThere = false;
    for (const stream of this.streams.splice(0)) stream.error(new TypeError("network error"));
  }

  get asks(): unknown[] {
    return this.said.filter(([, path, body]) => path.startsWith("views/") && body !== null);
  }

  private stream(signal: AbortSignal): Response {
    const body = new ReadableStream<Uint8Array>({ start: (one) => void this.streams.push(one) });
    signal.addEventListener("abort", () => this.streams.splice(0));
    queueMicrotask(() => this.tell({ views: [] }));
    return new Response(body);
  }
}

function connected(): [Server, Channel] {
  const server = new Server();
  return [server, new Channel(new ServerApi((path, init) => server.fetch(path, init)), QUICK)];
}

const wanted = { kind: "runs", store: "0".repeat(16) } as const;

test("all views of a page share one stream, which ends some time after the last of them", async () => {
  const [server, channel] = connected();

  const models = await Promise.all([channel.open(wanted), channel.open(wanted)]);
  await vi.waitFor(() => expect(channel.isConnected).toBe(true));

  expect(server.streams).toHaveLength(1);
  for (const model of models) channel.close(model);
  await vi.waitFor(() => expect(server.streams).toHaveLength(0), 4000);
});

test("what is said to a view before the page knows its id reaches it", async () => {
  const [server, channel] = connected();
  channel.listen(() => {});
  await vi.waitFor(() => expect(channel.isConnected).toBe(true));
  server.tell({ view: "v1", data: { method: "update", state: { n: 7 } } });
  await new Promise((done) => setTimeout(done, 5));

  const model = await channel.open(wanted);

  expect(model.get("n")).toBe(7);
});

test("after a restart of the server views are made anew, and what was asked is asked again", async () => {
  const [server, channel] = connected();
  const model = await channel.open(wanted);
  await vi.waitFor(() => expect(channel.isConnected).toBe(true));
  const requests = new Requests(new Link(model));
  const answer = requests.ask<{ id: number }>("rows", { first: 0 });
  await vi.waitFor(() => expect(server.asks).toHaveLength(1));

  server.stop();
  await vi.waitFor(() => expect(channel.isConnected).toBe(false));
  server.isThere = true;
  await vi.waitFor(() => expect(server.asks).toHaveLength(2));

  const { content } = (server.asks[1] as [string, string, { data: { content: object } }])[2].data;
  expect(server.asks[1]).toEqual(["POST", `views/${model.id}`, expect.anything()]);
  server.tell({
    view: model.id,
    data: { method: "custom", content: { ...content, kind: "told" } },
  });
  expect((await answer)?.[0].id).toBe(1);
});

test("a view that cannot be made says why, and is tried again when the server is back", async () => {
  const [server, channel] = connected();
  server.isThere = false;

  const model = await channel.open(wanted);
  expect(model.fault).toContain("does not answer");

  server.isThere = true;
  await vi.waitFor(() => expect(model.fault).toBe(null));
});

test("what a page chose goes to the new half of its view", async () => {
  const [server, channel] = connected();
  const model = await channel.open(wanted);
  await vi.waitFor(() => expect(channel.isConnected).toBe(true));
  model.set("query", "tag:mine");

  server.tell({ lost: true });
  await vi.waitFor(() => expect(server.asks.length).toBeGreaterThan(0));

  expect(model.get("query")).toBe("tag:mine");
  const data = { method: "update", state: { query: "tag:mine" } };
  expect(server.asks.at(-1)).toEqual([
    "POST",
    `views/${model.id}`,
    expect.objectContaining({ data }),
  ]);
});

test("what was to be done while the server is away is refused, and not done later", async () => {
  const [server, channel] = connected();
  const model = await channel.open(wanted);
  await vi.waitFor(() => expect(channel.isConnected).toBe(true));
  server.stop();
  await vi.waitFor(() => expect(channel.isConnected).toBe(false));

  await expect(new Link(model).ask("stop")).rejects.toThrow("nothing was changed");
});
