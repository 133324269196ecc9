/** What this page knows of runs: told by kernels as they go, by the server when it is asked. */

import type { RunInfo } from "./notebooks.ts";
import type { ServedEntry, Server } from "./server.ts";

export class Runs {
  private readonly known = new Map<string, RunInfo>();
  /** The last run of each cell, as far as this page saw it or was told. */
  private readonly lastOf = new Map<string, string>();
  private readonly heard = new Set<() => void>();

  constructor(private readonly server: Server) {}

  /** Call whenever more is known. */
  listen(heard: () => void): void {
    this.heard.add(heard);
  }

  /** Take in what is known of a run by now. */
  learn(info: RunInfo): void {
    this.known.set(info.run, { ...this.known.get(info.run), ...info });
    if (info.cell !== "") this.lastOf.set(info.cell, info.run);
    for (const heard of this.heard) heard();
  }

  get(run: string): RunInfo | null {
    return this.known.get(run) ?? null;
  }

  /** Return the last run that a cell made in this page. */
  of(cell: string): string | null {
    return this.lastOf.get(cell) ?? null;
  }

  /** Ask the server for a run; what it tells is known then. */
  async ask(run: string): Promise<ServedEntry | null> {
    const entry = await this.server.entry(run);
    if (entry !== null) {
      const before = this.known.get(run);
      this.known.set(run, {
        run,
        name: String(entry.name),
        status: String(entry.status),
        sign: String(entry.glyph),
        cell: before?.cell || (entry.cell_id ?? ""),
        hash: before?.hash || (entry.cell_hash ?? ""),
      });
      // Asked from above: the first that names a cell is the last one that it made.
      const { cell } = this.known.get(run)!;
      if (cell !== "" && !this.lastOf.has(cell)) this.lastOf.set(cell, run);
      for (const heard of this.heard) heard();
    }
    return entry;
  }
}
