/** What becomes of the runs while the panel shows them: asked for when the server says that something did. */

import type { News } from "../../bridge/table.ts";
import type { Curves } from "../table/curves.ts";
import type { Model } from "../table/model.ts";
import { columnsOf } from "./row.ts";

/** Not more often; and of the time that an answer takes, so much goes by until the next question. */
const LEAST_MS = 1000;
const REST = 8;
const MOST_MS = 30_000;
/** Runs that came are read once: that it took long says nothing of the next look. */
const NEW_MS = 3000;
/** Runs begin and end less often than they log; those that the filter leaves out are counted, too. */
const COUNT_MS = 5000;

export class Follow {
  private timer: ReturnType<typeof setTimeout> | undefined;
  private late: ReturnType<typeof setTimeout> | undefined;
  private busy = false;
  private again = false;
  private next = 0;
  private counted = Number.NEGATIVE_INFINITY;

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
    clearTimeout(this.late);
  }

  private async look(): Promise<void> {
    this.busy = true;
    this.again = false;
    clearTimeout(this.late);
    const began = performance.now();
    let isOtherwise = false;
    try {
      isOtherwise = await this.ask();
      if (isOtherwise || began - this.counted >= COUNT_MS) {
        this.counted = began;
        await this.count();
      } else {
        this.late = setTimeout(() => this.soon(), COUNT_MS - (began - this.counted));
      }
    } catch {
      // The server was lost in the midst of it, and says so elsewhere.
    }
    const now = performance.now();
    const most = isOtherwise ? NEW_MS : MOST_MS;
    this.next = now + Math.min(Math.max(LEAST_MS, REST * (now - began)), most);
    this.busy = false;
    if (this.again) this.soon();
  }

  /** Take in what is new; return whether runs came, went, or go otherwise than before. */
  private async ask(): Promise<boolean> {
    const { facts, query, windows } = this.model;
    if (facts === null || this.model.fault !== null) return false;
    const what = { at: facts.at, query, columns: columnsOf(this.model) };
    const told = await this.model.requests.ask<News>("news", what);
    if (told === null || facts !== this.model.facts) return false;
    const [news, buffers] = told;
    this.curves.renew(news.runs.map(([run]) => run));
    // Other runs: the list is made anew, and stands where it stood.
    if (news.new > 0 || news.gone > 0 || isFirstMetric(this.model, news)) {
      await this.model.ask(query);
      return true;
    }
    if (news.runs.length === 0) return false;
    const isOtherwise = windows.renew(news.runs, news.columns, buffers);
    this.draw();
    return isOtherwise;
  }
}

/** A store whose runs had no metric yet may have one by now. */
function isFirstMetric(model: Model, news: News): boolean {
  return model.facts?.main === null && news.runs.length > 0;
}
