/** A media browser in an element of a page, tied to the traits of its widget. */

import type { AnyModel } from "@anywidget/types";
import type { Link } from "../../bridge/link.ts";
import { Requests } from "../../bridge/requests.ts";
import { guarded } from "../broken.ts";
import { make } from "../dom.ts";
import { onThemeChange } from "../theme.ts";
import { Browser } from "./browser.ts";
import { Model } from "./model.ts";
import { MEDIA_STYLE } from "./style.ts";

interface Start {
  step?: number | null;
  text?: string;
}

/** Draw the browser in an element; the returned function takes it down. */
export function mount(
  host: HTMLElement,
  traits: AnyModel<Record<string, unknown>>,
  link: Link,
  ready: () => void,
): () => void {
  const root = host.shadowRoot ?? host.attachShadow({ mode: "open" });
  // JupyterLab listens before the browser does: its keys must not cut cells.
  host.setAttribute("data-lm-suppress-shortcuts", "true");
  const model = new Model(new Requests(link));
  const start = (traits.get("start") ?? {}) as Start;
  model.step = start.step ?? null;
  const view = new Browser(model);
  view.onready = ready;
  model.onchange = (what) => guarded(view.node, () => view.update(what));
  root.replaceChildren(make("style", { text: MEDIA_STYLE }), view.node);
  const unthemed = onThemeChange(() => view.update("all"));
  if (start.text) model.kind = "output";
  void model.ask().then(async () => {
    // Of one run its steps stand side by side.
    if (model.facts?.n === 1 && model.step === null && model.kind === "images") {
      await model.set({ run: 0 });
    }
    if (model.kind === "output") await view.output.open(0, start.text ?? "");
  });
  return () => {
    unthemed();
    view.dispose();
  };
}
