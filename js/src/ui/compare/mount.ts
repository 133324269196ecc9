/** The comparison of a model, in elements of a page. */

import type { CompareFacts } from "../../bridge/comparison.ts";
import type { Half } from "../../bridge/half.ts";
import type { WidgetModel } from "../../bridge/model.ts";
import { guarded } from "../broken.ts";
import { asking, type Mount } from "../mount.ts";
import { COMPARE_STYLE } from "./style.ts";
import { CompareView } from "./view.ts";

/** Return the comparison of a model, whose trait `selected` (ids of runs) is what is brushed. */
export const comparison = (model: WidgetModel): Half =>
  asking(model, (mount) => {
    // Without an answer the static comparison stays where it is.
    fill(mount).catch((error) => console.error(error));
  });

async function fill(mount: Mount): Promise<void> {
  const answer = await mount.requests.ask<CompareFacts>("facts", {});
  if (answer === null) return;
  const view = new CompareView(answer[0], mount.requests, (ids) => mount.tell("selected", ids));
  const chosen = () => view.state.take(mount.model.get("selected"));
  mount.put(COMPARE_STYLE, view, () => view.themed());
  mount.hear("selected", chosen);
  mount.ready();
  guarded(view.node, () => view.begin());
  chosen();
}
