/** What becomes of the runs while the table is open: changed ones are told quietly, others counted. */

import type { News } from "../../bridge/table.ts";
import { CURVE, type Model } from "./model.ts";

const EACH_MS = 5000;
/** Of the time that a look takes the kernel, so much goes by until the next one. */
const REST = 40;

export class Newness {
  /** What the table does not show yet, in words; empty where nothing. */
  words = "";
  private timer: ReturnType<typeof setTimeout>;

  constructor(
    private readonly model: Model,
    private readonly node: HTMLElement,
    /** Ids of the columns in sight. */
    private readonly sight: () => string[],
    private readonly draw: () => void,
  ) {
    this.timer = setTimeout(() => void this.look(), EACH_MS);
  }

  /** The table was read anew. */
  clear(): void {
    this.words = "";
  }

  dispose(): void {
    clearTimeout(this.timer);
  }

  private async look(): Promise<void> {
    const began = performance.now();
    // Somebody who waits for rows, or for the kernel, waits for no more than that.
    if (this.isSeen() && this.model.requests.since === null) await this.ask();
    const rest = Math.max(EACH_MS, REST * (performance.now() - began));
    this.timer = setTimeout(() => void this.look(), Math.min(rest, 60_000));
  }

  private async ask(): Promise<void> {
    const { facts, query, windows } = this.model;
    if (facts === null) return;
    const columns = this.sight().filter((one) => one !== CURVE);
    const what = { at: facts.at, query, columns };
    const told = await this.model.requests.ask<News>("news", what).catch(() => null);
    if (told === null || facts !== this.model.facts) return;
    const [news, buffers] = told;
    const words = [news.new > 0 ? `${news.new} new` : "", news.gone > 0 ? `${news.gone} gone` : ""];
    const before = this.words;
    this.words = words.filter(Boolean).join(", ");
    if (news.runs.length > 0) windows.renew(news.runs, news.columns, buffers);
    if (news.runs.length > 0 || before !== this.words) this.draw();
  }

  private isSeen(): boolean {
    if (document.hidden || !this.node.isConnected) return false;
    const { top, bottom, height } = this.node.getBoundingClientRect();
    return height > 0 && bottom > 0 && top < innerHeight;
  }
}
