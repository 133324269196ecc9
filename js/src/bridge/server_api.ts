/** The server's half of runfolio, as a page asks it; mirrors `runfolio/server/handlers.py`. */

import { Refused } from "./requests.ts";

/** Fetches from the server: what is below `runfolio/api/`, with whatever lets a page in. */
export type Fetch = (path: string, init: RequestInit) => Promise<Response>;

export interface StoreInfo {
  id: string;
  /** Its folder, as seen from the server's root. */
  name: string;
  /** -1 where it does not answer. */
  runs: number;
  /** Null until it is measured. */
  size_bytes: number | null;
}

export interface Stores {
  stores: StoreInfo[];
  more: boolean;
  /** What to do where there is none. */
  hint: string;
  can_write: boolean;
}

export interface Journal {
  entries: { run_id: string; markdown: string }[];
  n: number;
  offset: number;
  branches: { name: string; runs: number }[];
}

export interface Edited {
  name: string;
  tags: string[];
  notes: string;
}

export type EditVerb = "note" | "tag" | "untag" | "rename" | "stop";

/** The server was not reached. */
export class Unreached extends Error {}

/** The server is there, and has no runfolio. */
export class Absent extends Error {}

const GONE = "The server does not answer. It may have been stopped; this goes on when it is back.";
const NONE =
  "This server has no part of runfolio: install runfolio where the server runs, and start it again.";

export class ServerApi {
  constructor(private readonly fetch: Fetch) {}

  /** Ask for something; rejects with `Refused`, or where nobody answers with `Unreached` or `Absent`. */
  async ask<Answer>(path: string, method = "GET", body?: object): Promise<Answer> {
    const init: RequestInit = { method };
    if (body !== undefined) init.body = JSON.stringify(body);
    const answer = await this.fetched(path, init);
    const told = (await answer.json().catch(() => null)) as Record<string, unknown> | null;
    if (answer.ok && told !== null) return told as Answer;
    if (typeof told?.message !== "string") throw new Absent(NONE);
    // Jupyter itself answers what no extension knows with "Not Found".
    if (answer.status === 404 && told.message === "Not Found") throw new Absent(NONE);
    throw new Refused(told.message, typeof told.position === "number" ? told.position : null);
  }

  /** Open the stream of a page. */
  async stream(client: string, signal: AbortSignal): Promise<ReadableStream<Uint8Array>> {
    const answer = await this.fetched(`stream?client=${client}`, { signal });
    if (!answer.ok || answer.body === null)
      throw answer.status === 404 ? new Absent(NONE) : new Unreached(GONE);
    return answer.body;
  }

  stores(): Promise<Stores> {
    return this.ask("stores");
  }

  /** Return how many runs a query selects. */
  async count(store: string, query: string): Promise<number> {
    const asked = new URLSearchParams({ query, limit: "1" });
    return (await this.ask<{ n: number }>(`stores/${store}/runs?${asked}`)).n;
  }

  /** Return the store in which a run lies, and the run's name; null where it is in none. */
  async find(run: string): Promise<[store: string, name: string] | null> {
    const query = new URLSearchParams({ query: `id:${run}`, limit: "1" });
    for (const { id } of (await this.stores()).stores) {
      const told = await this.ask<{ runs: { id: string; name: string }[] }>(
        `stores/${id}/runs?${query}`,
      );
      const [found] = told.runs;
      if (found?.id === run) return [id, String(found.name)];
    }
    return null;
  }

  edit(store: string, run: string, verb: EditVerb, text = ""): Promise<Edited> {
    const where = `stores/${store}/runs/${encodeURIComponent(run)}/edits`;
    return this.ask(where, "POST", { verb, text });
  }

  journal(store: string, branch: string | null, offset: number, limit: number): Promise<Journal> {
    const asked = new URLSearchParams({ offset: String(offset), limit: String(limit) });
    if (branch !== null) asked.set("branch", branch);
    return this.ask(`stores/${store}/journal?${asked}`);
  }

  private async fetched(path: string, init: RequestInit): Promise<Response> {
    try {
      return await this.fetch(path, init);
    } catch (error) {
      throw new Unreached(GONE, { cause: error });
    }
  }
}
