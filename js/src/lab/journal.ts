/** Journal cells in JupyterLab: placed as kernels tell, refreshed as the server knows. */

import { type Entry, entryOf, OFFER, type Offer, type Placed, place } from "../bridge/journal.ts";
import { journalCell, journalRun } from "../bridge/notebook.ts";
import { renew } from "../bridge/renewal.ts";
import { eachPanel, infoOf, type KernelMessage, type Panel, type Tracker } from "./notebooks.ts";
import type { Runs } from "./runs.ts";

export interface JournalOptions {
  tracker: Tracker;
  runs: Runs;
  /** Whether journal cells are wanted. */
  isOn(): boolean;
}

/** Take care of the journal cells of all notebooks. */
export function keepJournals({ tracker, runs, isOn }: JournalOptions): void {
  const placed = (panel: Panel | null, entry: Entry): Placed => {
    runs.learn(infoOf(entry));
    const notebook = panel?.context.model;
    if (notebook === undefined || notebook.readOnly) return isOn() ? "none" : "off";
    // Switched off in mid-run: a cell that is there is not left with what is no longer so.
    if (!isOn() && journalCell(notebook.sharedModel, entry.run) === null) return "off";
    return place(notebook.sharedModel, entry);
  };
  document.addEventListener(OFFER, (event) => {
    const offer = (event as CustomEvent<Offer>).detail;
    if (!offer || entryOf(offer.entry) === null) return;
    event.preventDefault();
    offer.placed = placed(panelOf(tracker, offer), offer.entry);
  });
  eachPanel(tracker, (panel) => {
    panel.context.sessionContext.iopubMessage.connect((_, message) => {
      const entry = passing(message);
      if (entry !== null) placed(panel, entry);
    });
    void panel.context.ready.then(() => refresh(panel, runs));
  });
}

function isGoing(status: string | undefined): boolean {
  return status === "running" || status === "silent";
}

/** Return the tab whose notebook a widget is shown in. */
function panelOf(tracker: Tracker, offer: Offer): Panel | null {
  let found: Panel | null = null;
  tracker.forEach((panel) => {
    if (panel.context.model.sharedModel === offer.notebook) found = panel;
  });
  return found;
}

/** Return the entry that comes with an output and is not kept with it. */
function passing(message: KernelMessage): Entry | null {
  if (message.header.msg_type !== "display_data") return null;
  return entryOf(message.content.transient?.runfolio);
}

/**
 * Bring the facts of the journal cells up to date that stand in a notebook.
 *
 * With `going` only those of runs that went on when they were looked at last: a cell gets its new
 * facts once such a run is over, for a notebook is not to change all the time.
 */
export async function refresh(panel: Panel, runs: Runs, { going = false } = {}): Promise<void> {
  const notebook = panel.context.model.sharedModel;
  for (const run of new Set(notebook.cells.map(journalRun))) {
    if (run === null || (going && !isGoing(runs.get(run)?.status))) continue;
    const entry = await runs.ask(run);
    if (entry === null || panel.isDisposed || panel.context.model.readOnly) continue;
    if (going && isGoing(entry.status)) continue;
    renew(notebook, run, entry.source);
  }
}
