/** Words written in journal cells go to their runs whenever a notebook is saved. */

import { type Cell, journalRun, type Notebook, rewrite } from "../bridge/notebook.ts";
import { isInFacts } from "../bridge/renewal.ts";
import { based, hasNewWords, parsed } from "../core/page.ts";
import { eachPanel, type Kernel, type Panel, type Tracker } from "./notebooks.ts";
import type { Server } from "./server.ts";

/** The comm on which a kernel takes words; mirrors `runfolio/magics/words_comm.py`. */
const TARGET = "runfolio.words";
const ANSWER_MS = 20_000;
const SUBSHELL_MS = 1500;

/** Give words to their runs on each save. */
export function keepWords(tracker: Tracker, server: Server): void {
  const heard = new WeakSet<object>();
  eachPanel(tracker, (panel) => {
    // Two views of a notebook are saved as one.
    if (heard.has(panel.context)) return;
    heard.add(panel.context);
    /** The words that a run is known to have, as they stand in its cell. */
    const taken = new Map<string, string[]>();
    panel.context.saveState.connect((_, state) => {
      if (state === "started") remember(panel.context.model.sharedModel, taken);
      if (state === "completed") void send(panel, server, taken);
    });
  });
}

function journals(notebook: Notebook): Map<string, Cell> {
  const found = new Map<string, Cell>();
  for (const cell of notebook.cells) {
    const run = journalRun(cell);
    // Of a cell and its copy only the first speaks for the run.
    if (run !== null && !found.has(run)) found.set(run, cell);
  }
  return found;
}

/** Say in the cells, which are about to be written, which words their runs have. */
function remember(notebook: Notebook, taken: Map<string, string[]>): void {
  for (const [run, cell] of journals(notebook)) {
    const words = taken.get(run);
    // Where somebody writes at the comment it is left for the next time.
    if (words !== undefined && !isInFacts(run))
      rewrite(notebook, cell, based(cell.getSource(), words));
  }
}

async function send(panel: Panel, server: Server, taken: Map<string, string[]>): Promise<void> {
  for (const [run, cell] of journals(panel.context.model.sharedModel)) {
    const known = taken.get(run);
    const source = known === undefined ? cell.getSource() : based(cell.getSource(), known);
    const page = parsed(source);
    if (page === null || !hasNewWords(page)) continue;
    const kernel = panel.context.sessionContext.session?.kernel ?? null;
    if ((await server.words(run, source)) || (await byKernel(kernel, run, source))) {
      taken.set(run, page.words);
    }
  }
}

/** Have the notebook's kernel take words in, where there is no server for it. */
async function byKernel(kernel: Kernel | null, run: string, text: string): Promise<boolean> {
  try {
    const comm = kernel?.createComm(TARGET);
    if (comm === undefined) return false;
    const late = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
    // Opened before its thread is there it would wait for the cell that is executed.
    await Promise.race([comm.subshellStarted, late(SUBSHELL_MS)]);
    const answer = new Promise<unknown>((resolve) => {
      comm.onMsg = (message) => resolve(message.content.data);
      comm.open({ run, text });
    });
    const told = (await Promise.race([answer, late(ANSWER_MS)])) as { taken?: unknown } | undefined;
    comm.close();
    return told?.taken === true;
  } catch {
    return false; // the kernel is gone, or is none of Python's
  }
}
