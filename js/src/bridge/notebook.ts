/**
 * A notebook that is open in the page, as far as journal cells need it: the model that JupyterLab
 * and Notebook 7 share. No front end documents how a widget comes to it: where it is not as expected,
 * there is no notebook, and nothing is changed.
 */

export interface Output {
  output_type?: string;
  data?: Record<string, unknown>;
  metadata?: Record<string, unknown>;
}

export interface Cell {
  readonly id: string;
  readonly cell_type: string;
  getSource(): string;
  updateSource(start: number, end: number, text: string): void;
  getMetadata(): Record<string, unknown>;
  setMetadata(metadata: Record<string, unknown>): void;
  /** Of cells with code. */
  getOutputs?(): Output[];
  updateOutputs?(start: number, end: number, outputs: Output[]): void;
}

export interface Notebook {
  readonly cells: readonly Cell[];
  insertCell(at: number, cell: object): Cell;
  transact(change: () => void, undoable?: boolean): void;
  readonly undoManager?: { stopCapturing?(): void };
}

const NEEDED = ["insertCell", "transact"] as const;

/** Return the notebook in which a widget is shown, where there is one that can be changed. */
export function notebookOf(model: { widget_manager?: unknown }): Notebook | null {
  try {
    const manager = model.widget_manager as
      | { context?: { model?: { sharedModel?: Notebook; readOnly?: boolean } } }
      | undefined;
    const found = manager?.context?.model;
    return found?.readOnly ? null : checked(found?.sharedModel);
  } catch {
    return null;
  }
}

/** Return what is given if it is a notebook. */
export function checked(found: unknown): Notebook | null {
  const notebook = found as Notebook | null | undefined;
  const can = NEEDED.every((name) => typeof notebook?.[name] === "function");
  return can && Array.isArray(notebook!.cells) ? notebook! : null;
}

/** Return the run that metadata of a cell or an output names; mirrors `runfolio/logbook/mark.py`. */
export function markedRun(metadata: unknown): string | null {
  const mark = (metadata as { runfolio?: { run_id?: unknown } } | null)?.runfolio?.run_id;
  return typeof mark === "string" ? mark : null;
}

/** Return the run that a cell is the journal of. */
export function journalRun(cell: Cell): string | null {
  return cell.cell_type === "markdown" ? markedRun(cell.getMetadata()) : null;
}

/** Return the journal cell of a run; of copies the first. */
export function journalCell(notebook: Notebook, run: string): Cell | null {
  return notebook.cells.find((cell) => journalRun(cell) === run) ?? null;
}

/** Change a cell's text, as little of it as can be: somebody may be writing in it. */
export function rewrite(notebook: Notebook, cell: Cell, text: string): boolean {
  const old = cell.getSource();
  if (old === text) return false;
  let from = 0;
  while (from < Math.min(old.length, text.length) && old[from] === text[from]) from += 1;
  let less = 0;
  const most = Math.min(old.length, text.length) - from;
  while (less < most && old[old.length - 1 - less] === text[text.length - 1 - less]) less += 1;
  // What the machine writes is no step to undo.
  notebook.transact(
    () => cell.updateSource(from, old.length - less, text.slice(from, text.length - less)),
    false,
  );
  return true;
}

/** Take away entries of a run that are shown as outputs, for it has or had a cell: once is enough. */
export function dropShown(notebook: Notebook, run: string): boolean {
  let dropped = false;
  for (const cell of notebook.cells) {
    const outputs = cell.getOutputs?.() ?? [];
    for (let at = outputs.length - 1; at >= 0; at -= 1) {
      const isEntry = outputs[at].data?.["text/markdown"] !== undefined;
      if (!isEntry || markedRun(outputs[at].metadata) !== run) continue;
      cell.updateOutputs?.(at, at + 1, []);
      dropped = true;
    }
  }
  return dropped;
}
