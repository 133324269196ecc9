/** What becomes of the runs while the panel shows them: asked for when the server says that something did. */

import type { News } from "../../bridge/table.ts";
import type { Curves } from "../table/curves.ts";
import type { Model } from "../table/model.ts";
import { columnsOf } from "./row.ts";

/** Not more often; and of the time that an answer takes, so much goes by until the next question. */
const LEAST_MS = 1000;
const REST = 20;
const MOST_MS = 30_000;

export class Follow {
  private timer: ReturnType<typeof setTimeout> | undefined;
  private busy = false;
  private again = false;
  private next = 0;

  constructor(
    private readonly model: Model,
    private readonly curves: Curves,
    private readonly draw: () => void,
    /** Counts what goes on. */
    private readonly count: () => Promise<void>,
  ) {}

  /** Something changed in the store. */
  soon(): void {
    if (this.busy) {
      this.again = true;
      return;
    }
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.look(), Math.max(0, this.next - performance.now()));
  }

  dispose(): void {
    clearTimeout(this.timer);
  }

  private async look(): Promise<void> {
    this.busy = true;
    this.again = false;
    const began = performance.now();
    try {
      await Promise.all([this.ask(), this.count()]);
    } catch {
      // The server was lost in the midst of it, and says so elsewhere.
    }
    const now = performance.now();
    this.next = now + Math.min(Math.max(LEAST_MS, REST * (now - began)), MOST_MS);
    this.busy = false;
    if (this.again) this.soon();
  }

  private async ask(): Promise<void> {
    const { facts, query, windows } = this.model;
    if (facts === null || this.model.fault !== null) return;
    const what = { at: facts.at, query, columns: columnsOf(this.model) };
    const told = await this.model.requests.ask<News>("news", what);
    if (told === null || facts !== this.model.facts) return;
    const [news, buffers] = told;
    this.curves.renew(news.runs.map(([run]) => run));
    // Other runs: the list is made anew, and stands where it stood.
    if (news.new > 0 || news.gone > 0 || isFirstMetric(this.model, news)) {
      await this.model.ask(query);
      return;
    }
    if (news.runs.length === 0) return;
    windows.renew(news.runs, news.columns, buffers);
    this.draw();
  }
}

/** A store whose runs had no metric yet may have one by now. */
function isFirstMetric(model: Model, news: News): boolean {
  return model.facts?.main === null && news.runs.length > 0;
}
