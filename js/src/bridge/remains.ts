/**
 * What stands for a card where no card can be: in the saved notebook, and where its kernel is gone.
 *
 * A saved output that names a widget shows an error when it is opened without that kernel, whatever
 * else it holds. So a page that saves a notebook writes a picture where the card is, and where the
 * kernel ends it puts one there. It reaches the notebook in ways that no front end documents: where
 * they are not as expected, nothing is changed.
 */

import type { End } from "./half.ts";
import { around, type Notebook, type Output, type Saved, type WidgetModel } from "./model.ts";

const VIEW = "application/vnd.jupyter.widget-view+json";
const GONE = new Set(["restarting", "autorestarting", "dead", "terminating"]);

export type Content = Record<string, string>;

/** What is saved in the place of a widget, by notebook and the widget's id. */
const standIns = new WeakMap<Notebook, Map<unknown, () => Content>>();

/** Hear when the kernel ends or starts anew; the returned function ends that. */
export function onKernelGone(model: WidgetModel, heard: () => void): End {
  const changed = (_: unknown, status: string) => {
    if (GONE.has(status)) heard();
  };
  try {
    const signal = around(model).kernel?.statusChanged;
    signal?.connect(changed);
    return () => signal?.disconnect(changed);
  } catch {
    return () => {};
  }
}

/** Put something in the place of a widget's output; return whether it was found. */
export function replaceOutput(model: WidgetModel, data: Content): boolean {
  try {
    const cells = notebookOf(model)?.cells;
    if (cells === undefined) return false;
    for (let cell = 0; cell < cells.length; cell++) {
      const outputs = cells.get(cell).outputs;
      for (let place = 0; place < (outputs?.length ?? 0); place++) {
        if (shownIn(outputs!.get(place)) !== model.get("_id")) continue;
        outputs!.set(place, { output_type: "display_data", data, metadata: {} });
        return true;
      }
    }
  } catch {
    // Another front end: the card stays as it is, and says that it is disconnected.
  }
  return false;
}

/** Have something else saved in the place of a widget while it lives; the returned function ends that. */
export function saveInstead(model: WidgetModel, made: () => Content): End {
  const id = model.get("_id");
  try {
    const notebook = notebookOf(model);
    if (notebook === undefined) return () => {};
    const all = standIns.get(notebook) ?? standInsOf(notebook);
    all.set(id, made);
    return () => all.delete(id);
  } catch {
    return () => {};
  }
}

function standInsOf(notebook: Notebook): Map<unknown, () => Content> {
  const all = new Map<unknown, () => Content>();
  const { toJSON } = notebook;
  if (toJSON === undefined) return all;
  notebook.toJSON = () => withStandIns(toJSON.call(notebook), all);
  standIns.set(notebook, all);
  return all;
}

function withStandIns(saved: Saved, all: Map<unknown, () => Content>): Saved {
  if (all.size === 0) return saved;
  const output = (one: Output) => {
    const made = all.get(shownIn(one));
    if (made === undefined) return one;
    try {
      return { ...one, data: made(), metadata: {} };
    } catch {
      return one; // to save must never fail for a picture
    }
  };
  const cells = saved.cells?.map((cell) =>
    cell.outputs === undefined ? cell : { ...cell, outputs: cell.outputs.map(output) },
  );
  return cells === undefined ? saved : { ...saved, cells };
}

function notebookOf(model: WidgetModel): Notebook | undefined {
  return around(model).context?.model;
}

/** Return the id of the widget that an output shows; a widget of ours knows its own as `_id`. */
function shownIn(output: Output): string | undefined {
  return (output.data?.[VIEW] as { model_id?: string } | undefined)?.model_id;
}
