/**
 * What stays of a card whose kernel is gone.
 *
 * Nobody can put the finished card in its place any more, and a saved output that names a widget of
 * a dead kernel shows an error when it is opened again. So the page itself puts a picture there.
 * It reaches the notebook in ways that no front end documents: where they are not as expected,
 * nothing is changed.
 */

import type { AnyModel } from "@anywidget/types";

type Model = AnyModel<Record<string, unknown>>;

const VIEW = "application/vnd.jupyter.widget-view+json";
const GONE = new Set(["restarting", "autorestarting", "dead", "terminating"]);

interface Signal {
  connect(slot: (sender: unknown, status: string) => void): unknown;
  disconnect(slot: (sender: unknown, status: string) => void): unknown;
}

interface Output {
  data?: Record<string, unknown>;
}

interface Outputs {
  length: number;
  get(place: number): Output;
  set(place: number, output: object): void;
}

interface Manager {
  get_model?(id: string): Promise<{ get(name: string): unknown }>;
  kernel?: { statusChanged?: Signal };
  context?: {
    model?: { cells?: { length: number; get(place: number): { outputs?: Outputs } } };
  };
}

/** Hear when the kernel ends or starts anew; the returned function ends that. */
export function onKernelGone(model: Model, heard: () => void): () => void {
  const changed = (_: unknown, status: string) => {
    if (GONE.has(status)) heard();
  };
  try {
    const signal = (model.widget_manager as unknown as Manager | undefined)?.kernel?.statusChanged;
    signal?.connect(changed);
    return () => signal?.disconnect(changed);
  } catch {
    return () => {};
  }
}

/** Put something in the place of a widget's output; return whether it was found. */
export async function replaceOutput(model: Model, data: Record<string, string>): Promise<boolean> {
  try {
    const manager = model.widget_manager as unknown as Manager | undefined;
    const cells = manager?.context?.model?.cells;
    if (cells === undefined) return false;
    for (let cell = 0; cell < cells.length; cell++) {
      const outputs = cells.get(cell).outputs;
      for (let place = 0; place < (outputs?.length ?? 0); place++) {
        const view = outputs!.get(place).data?.[VIEW] as { model_id?: string } | undefined;
        if (view?.model_id === undefined) continue;
        const shown = await manager?.get_model?.(view.model_id).catch(() => undefined);
        if (shown?.get("_id") !== model.get("_id")) continue;
        outputs!.set(place, { output_type: "display_data", data, metadata: {} });
        return true;
      }
    }
  } catch {
    // Another front end: the card stays as it is, and says that it is disconnected.
  }
  return false;
}
