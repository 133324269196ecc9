/** New facts for journal cells: not while somebody writes between the two comments. */

import { withFacts } from "../core/page.ts";
import { journalRun, type Notebook, rewrite } from "./notebook.ts";

const AGAIN_MS = 1000;

/** The facts that wait for a cursor to leave, by run: the newest count. */
const waiting = new WeakMap<Notebook, Map<string, string>>();

/** Bring the facts of a run up to date in its journal cell and in copies of that. */
export function renew(notebook: Notebook, run: string, fresh: string): void {
  const late = waiting.get(notebook) ?? new Map<string, string>();
  waiting.set(notebook, late);
  if (!isInFacts(run)) {
    late.delete(run);
    for (const cell of notebook.cells) {
      if (journalRun(cell) === run) rewrite(notebook, cell, withFacts(cell.getSource(), fresh));
    }
    return;
  }
  const isWatched = late.has(run);
  late.set(run, fresh);
  if (!isWatched) watch(notebook, run, late);
}

function watch(notebook: Notebook, run: string, late: Map<string, string>): void {
  setTimeout(() => {
    const fresh = late.get(run);
    if (fresh === undefined) return;
    if (isInFacts(run)) watch(notebook, run, late);
    else renew(notebook, run, fresh);
  }, AGAIN_MS);
}

/**
 * Return whether the cursor stands between the comments of a run's journal cell, or on one of them.
 *
 * What is replaced there takes the cursor with it, and the next letter would go into a comment.
 */
export function isInFacts(run: string): boolean {
  const at = globalThis.document?.getSelection?.()?.focusNode ?? null;
  if (at === null) return false;
  const element = at instanceof Element ? at : at.parentElement;
  const editor = element?.closest(".cm-content");
  if (!editor?.contains(document.activeElement)) return false;
  const lines = [...editor.querySelectorAll(".cm-line")];
  const here = lines.findIndex((line) => line.contains(at));
  const holds = (words: string) => (line: Element) => line.textContent?.includes(words) ?? false;
  const opening = lines.findIndex(holds(`<!-- runfolio:facts run=${run} `));
  const closing = lines.findIndex(holds("<!-- /runfolio:facts"));
  return opening >= 0 && here >= opening && (closing < opening || here <= closing);
}
