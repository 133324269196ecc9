/** The course of the main metric of the runs in sight, asked for when the table comes to rest. */

import type { Model } from "./model.ts";

const REST_MS = 90;
const MOST = 3000;
/** All points of a run that goes on are read for its curve: of that time so much goes by until the next. */
const REST = 20;
const MOST_MS = 60_000;

export class Curves {
  readonly held = new Map<string, Float32Array>();
  /** Those that went on since they were read: shown until they are here anew. */
  private readonly old = new Set<string>();
  private timer: ReturnType<typeof setTimeout> | undefined;
  private key = "";
  private next = 0;

  constructor(
    private readonly model: Model,
    private readonly draw: () => void,
  ) {}

  /** Have the curves of some runs; those that are here are not asked for. */
  want(runs: string[]): void {
    const key = this.model.facts?.main?.slice("metrics.".length) ?? "";
    if (key !== this.key) this.held.clear();
    this.key = key;
    clearTimeout(this.timer);
    const lacking = runs.filter((run) => !this.held.has(run));
    const ids = runs.filter((run) => !this.held.has(run) || this.old.has(run));
    if (ids.length === 0 || key === "") return;
    const rest = lacking.length > 0 ? 0 : this.next - performance.now();
    const some = lacking.length > 0 && this.next > performance.now() ? lacking : ids;
    this.timer = setTimeout(() => void this.ask(some, key), Math.max(REST_MS, rest));
  }

  /** Have the curves of some runs read anew when they are wanted next. */
  renew(runs: string[]): void {
    for (const run of runs) this.old.add(run);
  }

  /** Forget the curves: the store was read anew. */
  forget(): void {
    this.held.clear();
  }

  private async ask(ids: string[], key: string): Promise<void> {
    const at = this.model.facts?.at ?? 0;
    const began = performance.now();
    const told = await this.model.requests
      .ask<{ ids: string[]; lengths: number[] }>("curves", { at, ids, key })
      .catch(() => null);
    if (told === null || key !== this.key) return;
    const now = performance.now();
    this.next = now + Math.min(REST * (now - began), MOST_MS);
    const [{ lengths, ids: runs }, [view]] = told;
    const { buffer, byteOffset, byteLength } = view!;
    const values = new Float32Array(
      (buffer as ArrayBuffer).slice(byteOffset, byteOffset + byteLength),
    );
    let from = 0;
    runs.forEach((run, place) => {
      this.held.set(run, values.slice(from, from + lengths[place]!));
      from += lengths[place]!;
      this.old.delete(run);
    });
    for (const run of this.held.keys()) {
      if (this.held.size <= MOST) break;
      this.held.delete(run);
    }
    this.draw();
  }

  dispose(): void {
    clearTimeout(this.timer);
  }
}
