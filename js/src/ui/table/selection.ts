/** Which runs are selected, by their ids, in the order in which they were. */

import type { Model } from "./model.ts";

export class Selection {
  ids: string[] = [];
  /** Id → place. */
  places = new Map<string, number>();
  private anchor: number | null = null;

  constructor(
    private readonly model: Model,
    private readonly changed: (ids: string[]) => void,
  ) {}

  set(ids: string[]): void {
    this.hold([...new Set(ids)]);
    this.changed(this.ids);
  }

  /** Take over what was set elsewhere; return whether it is something else. */
  take(ids: unknown): boolean {
    const taken = Array.isArray(ids)
      ? ids.filter((id): id is string => typeof id === "string")
      : [];
    const differs = taken.join("\n") !== this.ids.join("\n");
    this.hold(taken);
    return differs;
  }

  private hold(ids: string[]): void {
    this.ids = ids;
    this.places = new Map(ids.map((id, place) => [id, place]));
  }

  /** Select a row or let it go; with `range` all from the one before, wherever they are. */
  async toggle(row: number, range: boolean): Promise<void> {
    const run = this.model.windows.head(row)?.[0];
    if (run === undefined) return;
    if (range && this.anchor !== null) {
      const [first, end] = [Math.min(this.anchor, row), Math.max(this.anchor, row) + 1];
      this.set([...this.ids, ...(await this.idsOf(first, end))]);
      return;
    }
    this.anchor = row;
    const others = this.ids.filter((id) => id !== run);
    this.set(others.length < this.ids.length ? others : [...this.ids, run]);
  }

  /** Select every row of the table. */
  async all(): Promise<void> {
    this.set(await this.idsOf(0, this.model.n));
  }

  private async idsOf(first: number, end: number): Promise<string[]> {
    const what = { ...this.model.arranged, first, end };
    const told = await this.model.requests.ask<{ ids: string[] }>("ids", what).catch(() => null);
    return told?.[0].ids ?? [];
  }
}
