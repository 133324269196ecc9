/** A comparison in an element of a page, tied to the traits of its widget. */

import type { AnyModel } from "@anywidget/types";
import type { CompareFacts } from "../../bridge/comparison.ts";
import type { Link } from "../../bridge/link.ts";
import { Requests } from "../../bridge/requests.ts";
import { guarded } from "../broken.ts";
import { make } from "../dom.ts";
import { onThemeChange } from "../theme.ts";
import { COMPARE_STYLE } from "./style.ts";
import { CompareView } from "./view.ts";

type Traits = AnyModel<Record<string, unknown>>;

/** Draw the comparison in an element; the returned function takes it down. */
export function mount(
  host: HTMLElement,
  traits: Traits,
  link: Link,
  ready: () => void,
): () => void {
  const root = host.shadowRoot ?? host.attachShadow({ mode: "open" });
  // JupyterLab listens before we do: its keys must not cut cells while a chart has the focus.
  host.setAttribute("data-lm-suppress-shortcuts", "true");
  const requests = new Requests(link);
  let view: CompareView | null = null;
  const select = (ids: string[]) => {
    traits.set("selected", ids);
    traits.save_changes();
  };
  const begin = async () => {
    const answer = await requests.ask<CompareFacts>("facts", {});
    if (answer === null) return;
    const made = new CompareView(answer[0], requests, select);
    view = made;
    root.replaceChildren(make("style", { text: COMPARE_STYLE }), made.node);
    ready();
    guarded(made.node, () => made.begin());
    made.state.take(traits.get("selected"));
  };
  const chosen = () => void view?.state.take(traits.get("selected"));
  traits.on("change:selected", chosen);
  const unthemed = onThemeChange(() => view?.themed());
  // Without an answer the static comparison stays where it is.
  begin().catch((error) => console.error(error));
  return () => {
    unthemed();
    traits.off("change:selected", chosen);
    requests.dispose();
    view?.dispose();
  };
}
