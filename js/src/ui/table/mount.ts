/** A table in an element of a page, tied to the traits of its widget. */

import type { AnyModel } from "@anywidget/types";
import { embed } from "../../bridge/embed.ts";
import type { Link } from "../../bridge/link.ts";
import { Requests } from "../../bridge/requests.ts";
import { viewOf } from "../../core/view.ts";
import { make } from "../dom.ts";
import { onThemeChange } from "../theme.ts";
import { Model } from "./model.ts";
import { TABLE_STYLE } from "./style.ts";
import { TableView } from "./table.ts";

type Traits = AnyModel<Record<string, unknown>>;

/** Draw the table in an element; the returned function takes it down. */
export function mount(
  host: HTMLElement,
  traits: Traits,
  link: Link,
  ready: () => void,
): () => void {
  const root = host.shadowRoot ?? host.attachShadow({ mode: "open" });
  // JupyterLab listens before the table does: its keys must not cut cells while rows are selected.
  host.setAttribute("data-lm-suppress-shortcuts", "true");
  const model = new Model(new Requests(link));
  model.view = viewOf(traits.get("view"));
  const tell = (name: string, value: unknown) => {
    traits.set(name, value);
    traits.save_changes();
  };
  const asked = (query: string) => {
    void model.ask(query);
    tell("query", query);
  };
  const can = {
    tag: traits.get("can_tag") === true,
    compare: traits.get("can_compare") === true,
    embed: (id: string, place: HTMLElement) => embed(traits, id, place),
  };
  const view = new TableView(model, can, asked, (ids) => tell("selected", ids));
  view.selection.take(traits.get("selected"));
  view.onready = ready;
  model.onview = (chosen) => tell("view", chosen);
  model.onchange = (what) => view.update(what);
  const heard: Record<string, () => void> = {
    "change:view": () => model.take(traits.get("view")),
    "change:selected": () => view.selection.take(traits.get("selected")) && view.redraw(),
    "change:query": () => {
      const query = String(traits.get("query"));
      if (query !== model.query) void model.ask(query);
    },
  };
  for (const [name, does] of Object.entries(heard)) traits.on(name, does);
  root.replaceChildren(make("style", { text: TABLE_STYLE }), view.node);
  const unthemed = onThemeChange(() => view.update("rows"));
  void model.ask(String(traits.get("query")));
  return () => {
    unthemed();
    for (const [name, does] of Object.entries(heard)) traits.off(name, does);
    model.requests.dispose();
    view.dispose();
  };
}
