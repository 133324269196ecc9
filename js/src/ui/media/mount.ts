/** The media browser of a model, in elements of a page. */

import type { Half } from "../../bridge/half.ts";
import type { WidgetModel } from "../../bridge/model.ts";
import { guarded } from "../broken.ts";
import { asking, type Mount } from "../mount.ts";
import { Browser } from "./browser.ts";
import { Model } from "./model.ts";
import { MEDIA_STYLE } from "./style.ts";

interface Start {
  step?: number | null;
  text?: string;
}

/** Return the media browser of a model, whose trait `start` says what is seen first. */
export const mediaBrowser = (model: WidgetModel): Half => asking(model, fill);

function fill(mount: Mount): void {
  const model = new Model(mount.requests);
  const start = (mount.model.get("start") ?? {}) as Start;
  model.step = start.step ?? null;
  const view = new Browser(model);
  view.onready = mount.ready;
  model.onchange = (what) => guarded(view.node, () => view.update(what));
  mount.put(MEDIA_STYLE, view, () => view.update("all"));
  if (start.text) model.kind = "output";
  void model.ask().then(async () => {
    // Of one run its steps stand side by side.
    if (model.facts?.n === 1 && model.step === null && model.kind === "images") {
      await model.set({ run: 0 });
    }
    if (model.kind === "output") await view.output.open(0, start.text ?? "");
  });
}
