/** What the server's half of runfolio tells of runs; nothing where it is not installed. */

import type { ServerConnection, ServerSettings } from "./jupyter.ts";

/** A journal entry, and what a badge shows; mirrors `runfolio/server/reading.py`. */
export interface ServedEntry {
  run_id: string;
  name: string;
  status: string;
  glyph: string;
  cell_id: string | null;
  /** Hash of the cell's source as it ran. */
  cell_hash?: string | null;
  /** The page of a new journal cell. */
  source: string;
}

interface Stores {
  stores: { id: string }[];
  can_write: boolean;
}

const AGAIN_MS = 10_000;
const RUN = /^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/;

export class Server {
  private stores: Promise<Stores | null> | null = null;
  private askedAt = 0;
  private absent = false;
  private readonly storeOf = new Map<string, string>();

  constructor(
    private readonly connection: ServerConnection | undefined,
    private readonly settings: ServerSettings,
  ) {}

  /** Return a run's entry as it is by now; `null` where the server does not know it. */
  async entry(run: string): Promise<ServedEntry | null> {
    const store = await this.find(run);
    if (store === null) return null;
    return this.ask<ServedEntry>(`stores/${store}/runs/${encodeURIComponent(run)}/entry`);
  }

  /** Give words of a journal cell to their run; return whether the server took them in. */
  async words(run: string, source: string): Promise<boolean> {
    const store = await this.find(run);
    const can = store !== null && (await this.listed())?.can_write;
    if (!can) return false;
    const where = `stores/${store}/runs/${encodeURIComponent(run)}/edits`;
    return (await this.ask(where, { verb: "words", text: source })) !== null;
  }

  /** Return the store in which a run lies. */
  private async find(run: string): Promise<string | null> {
    if (!RUN.test(run)) return null;
    const known = this.storeOf.get(run);
    if (known !== undefined) return known;
    for (const { id } of (await this.listed())?.stores ?? []) {
      // Not by its entry: a browser's console tells of each that is not there.
      const query = new URLSearchParams({ query: `id:${run}`, limit: "1" });
      const found = await this.ask<{ runs: { id?: string }[] }>(`stores/${id}/runs?${query}`);
      if (found?.runs.some((one) => one.id === run)) {
        this.storeOf.set(run, id);
        return id;
      }
    }
    return null;
  }

  private listed(): Promise<Stores | null> {
    const now = performance.now();
    if (this.stores === null || (!this.absent && now - this.askedAt > AGAIN_MS)) {
      this.askedAt = now;
      this.stores = this.ask<Stores>("stores").then((found) => {
        this.absent = found === null;
        return found;
      });
    }
    return this.stores;
  }

  private async ask<Answer>(what: string, body?: object): Promise<Answer | null> {
    const url = `${this.settings.baseUrl}runfolio/api/${what}`;
    const init = body === undefined ? {} : { method: "POST", body: JSON.stringify(body) };
    try {
      const answer = await this.connection?.makeRequest(url, init, this.settings);
      return answer?.ok ? ((await answer.json()) as Answer) : null;
    } catch {
      return null; // no server, for now: what the page knows by itself is shown
    }
  }
}
