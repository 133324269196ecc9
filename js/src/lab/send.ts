/** Runs that are sent from the panel to a compare cell of the notebook at hand. */

import { checked, type Notebook } from "../bridge/notebook.ts";
import type { App, Widget } from "./jupyter.ts";

const LOAD = "%load_ext runfolio";

interface NotebookTab extends Widget {
  readonly context?: { readonly model?: { sharedModel?: unknown; readOnly?: boolean } };
  readonly content?: { activeCellIndex?: number };
}

/** Put a cell that compares runs below the active one; resolves with what became of it. */
export async function sendToCell(app: App, runs: string[]): Promise<string> {
  const line = `%track compare ${runs.join(" ")}`;
  const found = notebookAt(app);
  if (found !== null) {
    const [notebook, tab] = found;
    const isLoaded = notebook.cells.some((cell) => cell.getSource().includes(LOAD));
    const source = isLoaded ? line : `${LOAD}\n${line}`;
    const below = (tab.content?.activeCellIndex ?? notebook.cells.length - 1) + 1;
    const at = Math.min(below, notebook.cells.length);
    notebook.insertCell(at, { cell_type: "code", source });
    if (tab.content) tab.content.activeCellIndex = at;
    app.shell.activateById(tab.id);
    return "A compare cell stands in the notebook, and is the active one: Shift+Enter runs it.";
  }
  try {
    await navigator.clipboard.writeText(line);
    return "No notebook is open: the cell was copied, to be pasted into one.";
  } catch {
    return `No notebook is open. In one, run: ${line}`;
  }
}

/** Return the notebook that is seen: the current tab, else the first that is in sight. */
function notebookAt(app: App): [Notebook, NotebookTab] | null {
  const { currentWidget, widgets } = app.shell;
  const main = [...(widgets?.call(app.shell, "main") ?? [])];
  const tabs = [currentWidget, ...main.filter((one) => one.isVisible), ...main];
  for (const tab of tabs as (NotebookTab | null | undefined)[]) {
    const model = tab?.context?.model;
    const notebook = model?.readOnly ? null : checked(model?.sharedModel);
    if (tab && notebook !== null) return [notebook, tab];
  }
  return null;
}
