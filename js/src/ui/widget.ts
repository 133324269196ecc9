/** What anywidget asks of a module: one half for each model, drawn wherever the widget is displayed. */

import type { Initialize, Render } from "@anywidget/types";
import type { Half } from "../bridge/half.ts";
import type { WidgetModel } from "../bridge/model.ts";
import { make } from "./dom.ts";

/** Return the widget whose models are begun so; `name` is what it calls itself where that fails. */
export function widget(
  name: string,
  begin: (model: WidgetModel) => Half,
): { initialize: Initialize; render: Render } {
  const halves = new Map<unknown, Half>();
  return {
    initialize({ model }) {
      const half = begin(model);
      halves.set(model.get("_id"), half);
      return () => {
        halves.delete(model.get("_id"));
        half.end();
      };
    },
    render({ model, el }) {
      const half = halves.get(model.get("_id"));
      if (half !== undefined) return half.draw(el);
      el.append(make("div", { text: `This ${name} could not be started.` }));
    },
  };
}
