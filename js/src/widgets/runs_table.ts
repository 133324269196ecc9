/** The runs table: takes the place of static HTML, or stands where a widget is displayed. */

import type { AnyModel, Render } from "@anywidget/types";
import { Link } from "../bridge/link.ts";
import { fillPlaces } from "../bridge/places.ts";
import { onKernelGone } from "../bridge/remains.ts";
import { Requests } from "../bridge/requests.ts";
import { viewOf } from "../core/view.ts";
import { make } from "../ui/dom.ts";
import { Model } from "../ui/table/model.ts";
import { TABLE_STYLE } from "../ui/table/style.ts";
import { TableView } from "../ui/table/table.ts";
import { onThemeChange } from "../ui/theme.ts";

type Traits = AnyModel<Record<string, unknown>>;

const links = new Map<unknown, Link>();

function initialize({ model }: { model: Traits }): () => void {
  const link = new Link(model);
  links.set(model.get("_id"), link);
  const leave = fillPlaces(String(model.get("_id")), (host, ready) => show(host, model, ready));
  const unheard = onKernelGone(model, leave);
  return () => {
    unheard();
    leave();
    links.delete(model.get("_id"));
    link.dispose();
  };
}

/** Show the table in an element; the returned function takes it down. */
function show(host: HTMLElement, traits: Traits, ready: () => void): () => void {
  const link = links.get(traits.get("_id"));
  const root = host.shadowRoot ?? host.attachShadow({ mode: "open" });
  // JupyterLab listens before the table does: its keys must not cut cells while rows are selected.
  host.setAttribute("data-lm-suppress-shortcuts", "true");
  if (link === undefined) {
    root.replaceChildren(make("div", { text: "This table could not be started." }));
    return () => {};
  }
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
  const view = new TableView(model, traits.get("can_tag") === true, asked, (ids) =>
    tell("selected", ids),
  );
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

const render: Render<Record<string, unknown>> = ({ model, el }) => show(el, model, () => {});

export default { initialize, render };
