/** Journal cells: put below the cell that made a run, and brought up to date. */

import { hasWords, parsed } from "../core/page.ts";
import {
  type Cell,
  checked,
  dropShown,
  journalCell,
  journalRun,
  type Notebook,
  notebookOf,
} from "./notebook.ts";
import { renew } from "./renewal.ts";

/** What a kernel tells of a run; mirrors `runfolio/verbs/journal_cell.py`. */
export interface Entry {
  version: 1;
  run: string;
  /** The cell that made the run, and the hash of its source then. */
  cell: string;
  hash: string;
  name: string;
  status: string;
  sign: string;
  /** The page of a new journal cell. */
  source: string;
  /** Runs of the same execution of the cell: their journal cells are not to be taken over. */
  beside: string[];
  /** Whether the run may get a cell by this: one that somebody deleted stays away. */
  insert: boolean;
}

/** What came of it; `none` where there is no place for it here. */
export type Placed = "inserted" | "took over" | "updated" | "deleted" | "off" | "none";

export interface Offer {
  entry: Entry;
  notebook: Notebook | null;
  /** Filled in by who takes it. */
  placed: Placed;
}

/** The event on `document` by which a widget's page offers an entry to the extension. */
export const OFFER = "runfolio:journal";

const KNOWN = Symbol.for("runfolio.journal");
const LATE_MS = [0, 200, 800, 2500, 6000, 15_000];

/** Return what is known in this page of notebooks: the runs that got a cell. */
function given(notebook: Notebook): Set<string> {
  const page = globalThis as unknown as Record<symbol, WeakMap<Notebook, Set<string>>>;
  // One for all widgets and the extension, each of which has a bundle of its own.
  page[KNOWN] ??= new WeakMap();
  const runs = page[KNOWN].get(notebook) ?? new Set();
  page[KNOWN].set(notebook, runs);
  return runs;
}

/** Return what is an entry, or `null`. */
export function entryOf(told: unknown): Entry | null {
  const entry = told as Entry | null | undefined;
  const texts = ["run", "cell", "source", "name", "status", "sign", "hash"] as const;
  const good =
    entry?.version === 1 &&
    texts.every((name) => typeof entry[name] === "string") &&
    Array.isArray(entry.beside);
  return good ? entry : null;
}

/** Have an entry placed by the extension, or where there is none by this page itself. */
export function offer(model: { widget_manager?: unknown }, told: unknown): Placed {
  const entry = entryOf(told);
  if (entry === null) return "none";
  const detail: Offer = { entry, notebook: notebookOf(model), placed: "none" };
  const event = new CustomEvent(OFFER, { cancelable: true, detail });
  if (!document.dispatchEvent(event)) return detail.placed;
  return detail.notebook === null ? "none" : place(detail.notebook, entry);
}

/**
 * Place an entry in a notebook.
 *
 * A run has one cell: one that is there gets new facts. A run whose cell was executed again takes
 * over the cell of the one before, unless somebody wrote in it. A cell that somebody deleted comes
 * back only where it is `wanted` by hand.
 */
export function place(notebook: Notebook, entry: Entry, { wanted = false } = {}): Placed {
  try {
    if (checked(notebook) === null) return "none";
    if (wanted) given(notebook).delete(entry.run);
    const placed = placing(notebook, entry);
    if (placed !== "none") dropLate(notebook, entry.run);
    return placed;
  } catch (error) {
    console.warn("runfolio: the journal cell could not be placed", error);
    return "none";
  }
}

function placing(notebook: Notebook, entry: Entry): Placed {
  const runs = given(notebook);
  const there = journalCell(notebook, entry.run);
  if (there !== null) {
    runs.add(entry.run);
    renew(notebook, entry.run, entry.source);
    return "updated";
  }
  if (!entry.insert || runs.has(entry.run)) return runs.has(entry.run) ? "deleted" : "none";
  const maker = notebook.cells.findIndex((cell) => cell.id === entry.cell);
  if (maker < 0) return "none";
  runs.add(entry.run);
  const earlier = journalsBelow(notebook, maker).find((cell) => isFree(cell, entry));
  if (earlier !== undefined) {
    asOneStep(notebook, () => {
      earlier.updateSource(0, earlier.getSource().length, entry.source);
      earlier.setMetadata({ ...earlier.getMetadata(), ...mark(entry) });
    });
    return "took over";
  }
  asOneStep(notebook, () =>
    notebook.insertCell(maker + 1, {
      cell_type: "markdown",
      source: entry.source,
      metadata: mark(entry),
    }),
  );
  return "inserted";
}

function mark(entry: Entry): object {
  return { runfolio: { run_id: entry.run, version: 1 } };
}

/** Change a notebook in one step, which can be undone by itself. */
function asOneStep(notebook: Notebook, change: () => void): void {
  notebook.undoManager?.stopCapturing?.();
  notebook.transact(change);
  notebook.undoManager?.stopCapturing?.();
}

/** Return the journal cells right below a cell. */
export function journalsBelow(notebook: Notebook, maker: number): Cell[] {
  const found = [];
  for (const cell of notebook.cells.slice(maker + 1)) {
    if (journalRun(cell) === null) break;
    found.push(cell);
  }
  return found;
}

/** Return whether a journal cell is that of an earlier execution, and nobody wrote in it. */
function isFree(cell: Cell, entry: Entry): boolean {
  const run = journalRun(cell);
  const page = parsed(cell.getSource());
  return run !== null && !entry.beside.includes(run) && page !== null && !hasWords(page);
}

/** Take away an entry that the kernel shows as an output because it does not know of the cell yet. */
function dropLate(notebook: Notebook, run: string): void {
  for (const ms of LATE_MS) {
    setTimeout(() => {
      try {
        dropShown(notebook, run);
      } catch {
        // The notebook was closed meanwhile.
      }
    }, ms);
  }
}
